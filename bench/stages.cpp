#include "bench/stages.h"

#include <algorithm>
#include <optional>
#include <span>

#include "base/check.h"

namespace peerpay::bench {
namespace {

struct Rule {
  std::string_view prefix;  // of a demangled symbol
  std::string_view stage;
};

// Functions that belong to one stage whoever calls them. The first prefix that fits counts.
constexpr Rule kRules[] = {
    {"peerpay::app::Finality::", "reply"},
    {"peerpay::app::StorageThread::", "storage"},
    {"peerpay::app::Submissions::", "receive"},
    {"peerpay::app::Ingress::", "gossip"},
    {"peerpay::app::VerdictCache::", "verify"},
    {"peerpay::app::Signer::", "consensus"},
    {"peerpay::app::Voting::", "consensus"},
    {"peerpay::consensus::", "consensus"},
    {"peerpay::database::", "storage"},
    {"peerpay::ledger::StateTree::", "tree"},
    {"peerpay::ledger::CommittedState::", "execute"},
    {"peerpay::ledger::MemoryState::apply", "execute"},
    {"peerpay::ledger::check_invariants", "execute"},
    {"peerpay::ledger::execute_block", "execute"},
    {"peerpay::ledger::verify_signatures", "verify"},
    {"peerpay::net::decode_frame", "gossip"},
    {"peerpay::net::OutboundLane::", "gossip"},
    {"peerpay::net::OutboundQueue::", "gossip"},
    {"peerpay::net::PeerNetwork::", "gossip"},
    {"peerpay::net::DialledStream::", "gossip"},
    {"peerpay::net::SubmitSession::", "receive"},
    {"peerpay::node::BlockTree::update", "tree"},
    {"peerpay::node::BlockTree::", "execute"},
    {"peerpay::node::Gossip::", "gossip"},
    {"peerpay::node::Mempool::", "mempool"},
    {"peerpay::node::Replica::State::admit", "mempool"},
    {"peerpay::node::build_block", "build"},
    {"peerpay::node::decode_peer_message", "gossip"},
    {"peerpay::node::encode", "gossip"},
    {"peerpay::proto::from_pb", "receive"},
    {"peerpay::proto::to_pb", "reply"},
    {"peerpay::storage::", "storage"},
    {"peerpay::v1::Submit", "receive"},
    {"SSL_", "gossip"},  // clients of the benchmark come without TLS
    {"tsi_", "gossip"},
};

// For call stacks in which nothing above occurs.
constexpr Rule kFallbacks[] = {
    {"boost::asio::", "transport"},
    {"grpc", "transport"},
    {"peerpay::app::Node::Impl::send", "gossip"},
    {"peerpay::app::CoreThread::", "consensus"},
    {"peerpay::net::", "transport"},
    {"peerpay::node::Replica::", "consensus"},
    {"rocksdb::", "storage"},
    {"secp256k1_", "verify"},
};

std::optional<std::string_view> first_match(std::span<const Rule> rules,
                                            const std::vector<std::string>& symbols) {
  for (const auto& symbol : symbols) {
    for (const auto& rule : rules) {
      if (symbol.starts_with(rule.prefix)) return rule.stage;
    }
  }
  return std::nullopt;
}

std::size_t index_of(std::string_view stage) {
  const auto* const found = std::find(kStages.begin(), kStages.end(), stage);
  PEERPAY_CHECK(found != kStages.end(), "rules name stages that there are");
  return static_cast<std::size_t>(found - kStages.begin());
}

}  // namespace

std::size_t stage_of(const std::vector<std::string>& symbols) {
  auto stage = first_match(kRules, symbols);
  if (!stage) stage = first_match(kFallbacks, symbols);
  return index_of(stage.value_or("other"));
}

StageSamples fold_samples(std::istream& text) {
  StageSamples out{};
  std::vector<std::string> symbols;
  const auto end_sample = [&] {
    if (!symbols.empty()) ++out[stage_of(symbols)];
    symbols.clear();
  };
  // A line with the thread's name, a line "<tab> address symbol" for each frame, an empty line.
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with('\t')) {
      end_sample();
      continue;
    }
    const auto address = line.find_first_not_of(" \t");
    const auto space = line.find(' ', address);
    if (space != std::string::npos) symbols.push_back(line.substr(space + 1));
  }
  end_sample();
  return out;
}

}  // namespace peerpay::bench
