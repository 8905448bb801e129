#pragma once
// NodeGate: the node, for those who answer requests. Asks it only while it is known to be of this
// network, and never too many things at once. On the loop.

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

#include "api/link/node_link.h"

namespace peerpay::api {

// As many calls as a node takes from one host, and less than half of what may be under way (http
// H13): a node that answers late leaves room for everything that needs none.
inline constexpr std::size_t kNodeCallsMax = 768;

class NodeGate final : public NodeLink {
 public:
  // `is_proven`: whether the node has shown that it is of this network, and has not gone since.
  NodeGate(NodeLink& node, std::function<bool()> is_proven, std::size_t calls_max = kNodeCallsMax)
      : node_{node}, is_proven_{std::move(is_proven)}, calls_max_{calls_max} {}

  // Why nothing may be submitted: kUnreachable or kBusy. Every call says so before it asks; who
  // must know that nothing was sent asks here first, and then calls at once.
  [[nodiscard]] std::optional<proto::NodeError> refusal() const;

  [[nodiscard]] Task<Answer<proto::GenesisFile>> genesis() override;
  [[nodiscard]] Task<Answer<proto::Head>> head() override;
  [[nodiscard]] Task<Answer<proto::FinalizedBlock>> block(proto::BlockQuery query) override;
  [[nodiscard]] Task<Answer<proto::AccountSnapshot>> account(ledger::AccountId account) override;
  [[nodiscard]] Task<Answer<proto::HistoryPage>> history(proto::HistoryQuery query) override;
  [[nodiscard]] Task<Answer<proto::TransactionStatus>> transaction(
      proto::TransactionQuery query) override;
  [[nodiscard]] Task<Answer<base::Bytes>> receipt(ledger::TransactionId id) override;
  [[nodiscard]] Task<Answer<proto::TransactionStatus>> submit(base::Bytes transaction) override;
  [[nodiscard]] std::unique_ptr<BlockStream> subscribe(ledger::Height from) override;
  [[nodiscard]] bool is_connected() const override;
  [[nodiscard]] Task<void> stop() override;

 private:
  [[nodiscard]] std::optional<proto::NodeError> refusal_above(std::size_t calls_max) const;
  // Readers need no key: they leave a quarter to those who submit.
  [[nodiscard]] std::size_t reads_max() const { return calls_max_ - calls_max_ / 4; }
  template <class Ask>
  auto counted(std::size_t calls_max, Ask ask) -> decltype(ask());

  NodeLink& node_;
  std::function<bool()> is_proven_;
  std::size_t calls_max_;
  std::size_t calls_under_way_ = 0;
};

}  // namespace peerpay::api
