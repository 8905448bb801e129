// Attacks by one of the validators: authenticated, and with a key whose signatures are right.

#include <functional>
#include <memory>
#include <mutex>

#include "base/os/clock.h"
#include "bench/attack.h"
#include "bench/node_client.h"
#include "bench/payments.h"
#include "consensus/messages.h"
#include "crypto/signature.h"
#include "node/app/home.h"
#include "node/core/messages.h"
#include "node/core/replica.h"
#include "node/net/grpc_process.h"
#include "node/net/peer_network.h"

namespace peerpay::bench {
namespace {

constexpr net::PeerIndex kAttacked{0};
constexpr std::size_t kQueuedBytesMax = 512 * 1024;
constexpr base::Duration kPause = base::milliseconds(1);
constexpr std::uint64_t kPaymentValidityMs = 15 * 60 * 1000;

using SharedMessage = std::shared_ptr<const base::Bytes>;

// Takes what comes, and lets go of it or, as a slow reader does, never.
class Ears final : public net::PeerHandler {
 public:
  explicit Ears(bool lets_go) : lets_go_{lets_go} {}
  void on_message(net::PeerIndex, base::Bytes, net::Credit credit) override {
    if (lets_go_) return;
    const std::lock_guard lock{mutex_};
    kept_.push_back(std::move(credit));
  }
  void on_connected(net::PeerIndex) override {}
  void on_disconnected(net::PeerIndex) override {}
  void on_replaced(net::PeerIndex) override {}

 private:
  const bool lets_go_;
  std::mutex mutex_;
  std::vector<net::Credit> kept_;  // guarded by mutex_
};

SharedMessage shared(const node::PeerMessage& message) {
  return std::make_shared<const base::Bytes>(node::encode(message));
}

struct Behaviour {
  net::PeerLimits limits;
  bool reads = true;
  net::Priority priority = net::Priority::kVote;
};

// As the validator of `home`, sends what `next` gives to the attacked one, as fast as that takes
// it.
Result<AttackCounts> send_all(app::Home& home, const Behaviour& behaviour,
                              const std::function<SharedMessage()>& next,
                              Interruption& interruption) {
  net::prepare_grpc_process([](const std::string&) {});
  net::PeerNetworkOptions options;
  const auto& validators = home.network.genesis.validators;
  options.listen_address = validators[home.validator_index].peer_address;
  options.identity = std::move(home.tls);
  options.chain = home.network.chain;
  for (std::uint32_t i = 0; i < validators.size(); ++i) {
    if (i == home.validator_index) continue;
    options.peers.push_back(
        {{i}, validators[i].name, validators[i].peer_address, validators[i].tls_pin});
  }
  options.limits = behaviour.limits;
  Ears ears{behaviour.reads};
  auto network = net::PeerNetwork::start(std::move(options), ears);
  if (!network) return fail(network.error().sentence);
  while (!interruption.requested()) {
    const auto link = (*network)->links().front();
    if (!link.connected || link.queued_bytes > kQueuedBytesMax) {
      if (!interruption.sleep_for(kPause)) break;
      continue;
    }
    for (int i = 0; i < 64; ++i) (*network)->send(kAttacked, behaviour.priority, next());
  }
  (*network)->stop();
  const auto counters = (*network)->counters();
  return AttackCounts{{"messages", counters.messages_sent},
                      {"bytes", counters.bytes_sent},
                      {"dials", counters.dials},
                      {"dials_failed_or_cut", counters.dials_failed}};
}

// Gives these in turn, without end.
std::function<SharedMessage()> in_turn(std::vector<SharedMessage> messages) {
  return [messages = std::move(messages), next = std::size_t{0}]() mutable {
    return messages[next++ % messages.size()];
  };
}

// Signs what it votes on, also when that contradicts what it signed before.
class Voter {
 public:
  explicit Voter(const app::Home& home)
      : context_{node::consensus_context(home.network.chain)},
        self_{home.validator_index},
        key_{home.validator_key} {}

  // The number makes each another vote.
  SharedMessage vote(consensus::View view, std::uint64_t number) const {
    consensus::Proposal proposal{view, {view.value - 1}, {}};
    for (std::size_t i = 0; i < sizeof number; ++i) {
      proposal.digest.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    }
    const auto subject = number % 2 == 0 ? consensus::Subject::notarize(proposal)
                                         : consensus::Subject::finalize(proposal);
    return shared(consensus::Vote{
        subject, self_, crypto::sign(key_, consensus::signing_message(context_, subject))});
  }

 private:
  const consensus::Context context_;
  const consensus::ValidatorIndex self_;
  const crypto::SecretKey& key_;
};

// Signed before the attack, and sent again and again: the sender's CPU must not be the limit.
Result<AttackCounts> future_votes(const AttackTarget& target, Interruption& interruption) {
  constexpr std::uint64_t kVotes = 8'192;
  constexpr std::uint64_t kViewFirst = 1'000'000;
  auto home = app::load_home(target.home);
  if (!home) return fail(home.error().sentence);
  const Voter voter{*home};
  std::vector<SharedMessage> votes;
  for (std::uint64_t i = 0; i < kVotes; ++i) votes.push_back(voter.vote({kViewFirst + i}, i));
  return send_all(*home, {}, in_turn(std::move(votes)), interruption);
}

// Each a few times, for the views of the moment.
Result<AttackCounts> present_votes(const AttackTarget& target, Interruption& interruption) {
  constexpr std::uint64_t kCopies = 4;
  constexpr std::uint64_t kBetweenLooks = 1'024;
  auto home = app::load_home(target.home);
  if (!home) return fail(home.error().sentence);
  const Voter voter{*home};
  NodeClient node{target.client_address};
  std::uint64_t number = 0;
  consensus::View view{1};
  SharedMessage vote;
  const auto next = [&] {
    if (number % kBetweenLooks == 0) {
      if (const auto status = node.status()) view = {status->finalized_view + 1};
    }
    if (number % kCopies == 0) {
      vote = voter.vote({view.value + number / kCopies % 2}, number / kCopies);
    }
    ++number;
    return vote;
  };
  return send_all(*home, {}, next, interruption);
}

Result<AttackCounts> gossip(const AttackTarget& target, Interruption& interruption) {
  constexpr std::size_t kBatch = 100;
  auto home = app::load_home(target.home);
  if (!home) return fail(home.error().sentence);
  const Accounts accounts{target.accounts};
  const PaymentTerms terms{.chain = home->network.chain,
                           .valid_until = {os::read_clock().wall.value + kPaymentValidityMs}};
  std::uint64_t sent = 0;
  const auto next = [&] {
    node::TransactionBatch batch;
    for (std::size_t i = 0; i < kBatch; ++i, ++sent) {
      const auto payer = accounts.size() - 1 - static_cast<std::size_t>(sent % kAttackerAccounts);
      batch.transactions.push_back(
          make_payment_of(accounts, terms, payer, {1 + sent / kAttackerAccounts}));
    }
    return shared(batch);
  };
  return send_all(*home, {.limits = {}, .priority = net::Priority::kTransaction}, next,
                  interruption);
}

Result<AttackCounts> slow_peer(const AttackTarget& target, Interruption& interruption) {
  auto home = app::load_home(target.home);
  if (!home) return fail(home.error().sentence);
  const auto next = in_turn({shared(node::SyncRequest{{1}}), shared(node::BlockRequest{})});
  return send_all(*home, {.limits = {}, .reads = false, .priority = net::Priority::kRepair}, next,
                  interruption);
}

Result<AttackCounts> oversized_peer(const AttackTarget& target, net::Priority priority,
                                    std::size_t bytes, Interruption& interruption) {
  auto home = app::load_home(target.home);
  if (!home) return fail(home.error().sentence);
  Behaviour behaviour{.limits = {}, .priority = priority};
  auto& limits = behaviour.limits;
  auto& lane = net::lane_of(priority) == net::Lane::kConsensus ? limits.consensus : limits.bulk;
  lane.message_bytes_max = bytes;
  lane.credit_bytes = 4 * bytes;
  for (auto& queue : limits.queue_bytes_max) queue += 4 * bytes;
  limits.redial_delay_min = limits.redial_delay_max = std::chrono::milliseconds{20};
  const auto message = std::make_shared<const base::Bytes>(bytes);
  return send_all(
      *home, behaviour, [&] { return message; }, interruption);
}

Result<AttackCounts> oversized_votes(const AttackTarget& target, Interruption& interruption) {
  return oversized_peer(target, net::Priority::kVote, 512 * 1024, interruption);
}

Result<AttackCounts> oversized_blocks(const AttackTarget& target, Interruption& interruption) {
  return oversized_peer(target, net::Priority::kBlock, 8 * 1024 * 1024, interruption);
}

}  // namespace

std::vector<Attack> attacks_by_validators() {
  return {
      {"future-votes", "well-signed votes for views far ahead", true, future_votes},
      {"present-votes", "well-signed votes that contradict each other, for the view of the moment",
       true, present_votes},
      {"peer-transactions", "gossip of valid payments, as many as the node takes", true, gossip},
      {"slow-peer", "a peer that asks for old blocks without end and reads nothing", true,
       slow_peer},
      {"oversized-votes", "peer messages above the limit of the consensus lane", true,
       oversized_votes},
      {"oversized-blocks", "peer messages above the limit of gRPC", true, oversized_blocks},
  };
}

}  // namespace peerpay::bench
