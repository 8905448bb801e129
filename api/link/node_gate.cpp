#include "api/link/node_gate.h"

#include <boost/asio/use_awaitable.hpp>

namespace peerpay::api {
namespace {

class Place {
 public:
  explicit Place(std::size_t& taken) : taken_{taken} { ++taken_; }
  ~Place() { --taken_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  std::size_t& taken_;
};

}  // namespace

std::optional<proto::NodeError> NodeGate::refusal() const { return refusal_above(calls_max_); }

std::optional<proto::NodeError> NodeGate::refusal_above(std::size_t calls_max) const {
  using enum proto::NodeFault;
  if (!is_proven_()) {
    return proto::NodeError{kUnreachable, "node_unreachable", "The node can't be followed."};
  }
  if (calls_under_way_ >= calls_max) {
    return proto::NodeError{kBusy, "gateway_busy", "Too many wait for the node already."};
  }
  return std::nullopt;
}

template <class Ask>
auto NodeGate::counted(std::size_t calls_max, Ask ask) -> decltype(ask()) {
  if (auto refused = refusal_above(calls_max)) co_return base::Unexpected{*std::move(refused)};
  const Place place{calls_under_way_};
  co_return co_await ask();
}

Task<Answer<proto::GenesisFile>> NodeGate::genesis() {
  return counted(reads_max(), [this] { return node_.genesis(); });
}
Task<Answer<proto::Head>> NodeGate::head() {
  return counted(reads_max(), [this] { return node_.head(); });
}
Task<Answer<proto::FinalizedBlock>> NodeGate::block(proto::BlockQuery query) {
  return counted(reads_max(), [this, query] { return node_.block(query); });
}
Task<Answer<proto::AccountSnapshot>> NodeGate::account(ledger::AccountId account) {
  return counted(reads_max(), [this, account] { return node_.account(account); });
}
Task<Answer<proto::HistoryPage>> NodeGate::history(proto::HistoryQuery query) {
  return counted(reads_max(), [this, query = std::move(query)] { return node_.history(query); });
}
Task<Answer<proto::TransactionStatus>> NodeGate::transaction(proto::TransactionQuery query) {
  return counted(reads_max(), [this, query] { return node_.transaction(query); });
}
Task<Answer<base::Bytes>> NodeGate::receipt(ledger::TransactionId id) {
  return counted(reads_max(), [this, id] { return node_.receipt(id); });
}
Task<Answer<proto::TransactionStatus>> NodeGate::submit(base::Bytes transaction) {
  return counted(calls_max_, [this, transaction = std::move(transaction)]() mutable {
    return node_.submit(std::move(transaction));
  });
}
std::unique_ptr<BlockStream> NodeGate::subscribe(ledger::Height from) {
  return node_.subscribe(from);
}
bool NodeGate::is_connected() const { return node_.is_connected(); }
Task<void> NodeGate::stop() { return node_.stop(); }

}  // namespace peerpay::api
