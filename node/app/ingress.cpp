#include "node/app/ingress.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <iterator>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/os/clock.h"
#include "consensus/limits.h"
#include "consensus/messages.h"
#include "ledger/apply.h"
#include "node/core/limits.h"
#include "node/core/messages.h"
#include "node/core/replica.h"

namespace peerpay::app {
namespace {

// The core may have gone on by so many views since it last said where it is.
constexpr std::uint64_t kViewsBehindMax = 8;

constexpr std::uint64_t kViewUnknown =
    std::numeric_limits<std::uint64_t>::max() - kViewsBehindMax - consensus::kVotesAheadMax;

// Votes and certificates of one peer that are looked at, alone or within another message: a
// validator signs three votes a view, some 150 a second, and repeats a few hundred of them after a
// silence. What it sends beyond that is dropped and, if it is honest, sent again.
constexpr node::PeerBudget::Rate kChecks{.interval = base::milliseconds(1), .burst = 1'024};

// Requests of one peer that reach the core, which serves far fewer (node/core/limits.h): an honest
// asker waits for its answers.
constexpr node::PeerBudget::Rate kRequests{.interval = base::milliseconds(2), .burst = 256};
static_assert(kRequests.interval < node::kServeInterval);
static_assert(kRequests.burst > node::kBlocksServedBurst + node::kRangesServedBurst);

bool is_request(base::ByteView message) {
  constexpr std::array<std::uint8_t, 4> kKinds{2, 4, 5, 8};  // repair, block, sync, standing
  return !message.empty() &&
         std::find(kKinds.begin(), kKinds.end(), message.front()) != kKinds.end();
}

// Of a message, its first byte (node/core/messages.h).
constexpr std::uint8_t kVoteKind = 0;
constexpr std::uint8_t kFirstBlockKind = 3;
constexpr std::uint8_t kTransactionBatchKind = 7;

// Each peer is a host of its own.
net::Caller caller_of(node::PeerIndex peer) {
  return {.host = "validator " + std::to_string(peer.value), .connection = {}};
}

// A block on its way through the workers: the last chunk to finish delivers it.
struct SharedCheck {
  ledger::Block block;
  std::vector<std::size_t> unknown;  // transactions without a verdict
  std::atomic<std::size_t> chunks_left{0};
  std::atomic<bool> valid{true};
};

}  // namespace

Ingress::Ingress(const ledger::Network& network, WorkerPool& pool, const Known& known, Sink sink)
    : network_{network},
      context_{node::consensus_context(network.chain)},
      validators_{node::validator_set(network.genesis)},
      pool_{pool},
      verdicts_{known.transactions},
      keys_{known.keys},
      certificates_{known.certificates},
      sink_{std::move(sink)},
      view_{kViewUnknown},
      checks_{kChecks},
      requests_{kRequests} {}

void Ingress::receive(node::PeerIndex from, base::Bytes message, Hold hold) {
  if (is_request(message) && !may_ask_again(from)) return;
  const std::uint8_t kind = message.empty() ? kVoteKind : message.front();
  // One signature: two more changes of threads would cost more than the check.
  if (kind == kVoteKind) return take({from, std::move(hold)}, message);
  auto job = [this, arrival = Arrival{from, std::move(hold)}, message = std::move(message)] {
    take(arrival, message);
  };
  if (kind == kTransactionBatchKind) return pool_.post(caller_of(from), std::move(job));
  const bool is_block = kind >= kFirstBlockKind && kind < kTransactionBatchKind;
  pool_.post(is_block ? Urgency::kBlock : Urgency::kStatement, std::move(job));
}

void Ingress::take(const Arrival& arrival, base::ByteView message) {
  auto decoded = node::decode_peer_message(network_.chain, message);
  if (!decoded) {
    return sink_.fault(arrival.from,
                       "undecodable message: " + std::string{base::name(decoded.error())});
  }
  std::visit([&](auto& value) { take_message(arrival, std::move(value)); }, *decoded);
}

bool Ingress::may_be_counted(const consensus::Vote& vote) const {
  const auto view_max = view_.load() + kViewsBehindMax + consensus::kVotesAheadMax;
  return vote.subject.view().value <= view_max;
}

bool Ingress::may_check(node::PeerIndex from, std::size_t statements) {
  const std::lock_guard lock{budget_mutex_};
  const auto now = os::read_clock().monotonic;
  for (; statements > 0; --statements) {
    if (!checks_.spend(from, now)) return false;
  }
  return true;
}

bool Ingress::may_ask_again(node::PeerIndex from) {
  const std::lock_guard lock{budget_mutex_};
  return requests_.spend(from, os::read_clock().monotonic);
}

void Ingress::take_message(const Arrival& arrival, consensus::Vote vote) {
  if (!may_be_counted(vote) || !may_check(arrival.from, 1)) return;
  if (!consensus::verify_vote(context_, validators_, vote))
    return sink_.fault(arrival.from, "vote with a wrong signature");
  sink_.event(node::VoteReceived{arrival.from, std::move(vote)}, arrival.hold);
}

void Ingress::take_message(const Arrival& arrival, consensus::Certificate certificate) {
  if (certificates_.covers(certificate) || !may_check(arrival.from, 1)) return;
  if (!consensus::verify_certificate(context_, validators_, certificate)) {
    return sink_.fault(arrival.from, "certificate that does not verify");
  }
  sink_.event(node::CertificateReceived{arrival.from, std::move(certificate)}, arrival.hold);
}

void Ingress::take_message(const Arrival& arrival, consensus::RepairRequest request) {
  sink_.event(node::RepairRequested{arrival.from, request}, arrival.hold);
}

void Ingress::take_message(const Arrival& arrival, node::BlockRequest request) {
  sink_.event(node::BlockRequested{arrival.from, request}, arrival.hold);
}

void Ingress::take_message(const Arrival& arrival, node::SyncRequest request) {
  sink_.event(node::SyncRequested{arrival.from, request}, arrival.hold);
}

void Ingress::take_message(const Arrival& arrival, node::SyncBatch batch) {
  if (batch.certificate && !may_check(arrival.from, 1)) return;
  if (batch.certificate &&
      !consensus::verify_certificate(context_, validators_, *batch.certificate)) {
    return sink_.fault(arrival.from, "sync certificate that does not verify");
  }
  sink_.event(node::SyncReceived{arrival.from, std::move(batch)}, arrival.hold);
}

// In parts, so that others have their turns between them.
void Ingress::take_message(const Arrival& arrival, node::TransactionBatch batch) {
  auto& all = batch.transactions;
  const auto part_of = [&all](std::size_t begin) {
    const auto from = all.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto count = std::min(kJobChecksMax, all.size() - begin);
    return std::vector(std::make_move_iterator(from),
                       std::make_move_iterator(from + static_cast<std::ptrdiff_t>(count)));
  };
  for (std::size_t begin = kJobChecksMax; begin < all.size(); begin += kJobChecksMax) {
    pool_.post(caller_of(arrival.from), [this, arrival, part = part_of(begin)]() mutable {
      take_transactions(arrival, std::move(part));
    });
  }
  take_transactions(arrival, part_of(0));
}

void Ingress::take_transactions(const Arrival& arrival,
                                std::vector<ledger::SealedTransaction> transactions) {
  std::vector<ledger::SealedTransaction> valid;
  valid.reserve(transactions.size());
  bool all_valid = true;
  for (auto& transaction : transactions) {
    const bool applies = check(transaction) == ledger::TransactionResult::kApplied;
    all_valid &= applies;
    if (applies) valid.push_back(std::move(transaction));
  }
  if (!all_valid) sink_.fault(arrival.from, "gossip of a transaction that no honest node admits");
  if (!valid.empty())
    sink_.event(node::TransactionsReceived{arrival.from, std::move(valid)}, arrival.hold);
}

void Ingress::take_message(const Arrival& arrival, node::StandingRequest request) {
  sink_.event(node::StandingRequested{arrival.from, request}, arrival.hold);
}

// A copy of a certificate that is held proves no more than what was verified.
void Ingress::take_message(const Arrival& arrival, node::Standing standing) {
  if (!may_check(arrival.from, standing.votes.size() + standing.certificates.size())) return;
  const auto is_good = [this](const consensus::Certificate& certificate) {
    return certificates_.covers(certificate) ||
           consensus::verify_certificate(context_, validators_, certificate);
  };
  const auto is_signed = [this](const consensus::Vote& vote) {
    return consensus::verify_vote(context_, validators_, vote);
  };
  if (!std::ranges::all_of(standing.votes, is_signed) ||
      !std::ranges::all_of(standing.certificates, is_good)) {
    return sink_.fault(arrival.from, "standing that does not verify");
  }
  sink_.event(node::StandingReceived{arrival.from, std::move(standing)}, arrival.hold);
}

void Ingress::take_message(const Arrival& arrival, node::BlockMessage message) {
  auto shared = std::make_shared<SharedCheck>();
  shared->block = std::move(message.block);
  const auto& transactions = shared->block.transactions;
  for (std::size_t i = 0; i < transactions.size(); ++i) {
    if (!verdicts_.contains(transactions[i].leaf)) shared->unknown.push_back(i);
  }
  const std::size_t chunks = (shared->unknown.size() + kJobChecksMax - 1) / kJobChecksMax;
  if (chunks == 0)
    return sink_.event(node::BlockReceived{arrival.from, std::move(shared->block), true},
                       arrival.hold);
  shared->chunks_left = chunks;
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    pool_.post(Urgency::kBlock, [this, arrival, shared, chunk] {
      const std::size_t end = std::min(shared->unknown.size(), (chunk + 1) * kJobChecksMax);
      for (std::size_t i = chunk * kJobChecksMax; i < end && shared->valid; ++i) {
        const auto& transaction = shared->block.transactions[shared->unknown[i]];
        if (check(transaction) != ledger::TransactionResult::kApplied) shared->valid = false;
      }
      if (--shared->chunks_left > 0) return;
      sink_.event(node::BlockReceived{arrival.from, std::move(shared->block), shared->valid},
                  arrival.hold);
    });
  }
}

ledger::TransactionResult Ingress::check(const ledger::SealedTransaction& transaction) {
  if (verdicts_.contains(transaction.leaf)) return ledger::TransactionResult::kApplied;
  auto result = ledger::check_static(transaction);
  if (result == ledger::TransactionResult::kApplied)
    result = ledger::check_genesis(network_.genesis, transaction);
  if (result == ledger::TransactionResult::kApplied) {
    result = ledger::verify_signatures(
        transaction, [this](const crypto::PublicKey& key) { return keys_.get(key); });
  }
  if (result == ledger::TransactionResult::kApplied) verdicts_.insert(transaction.leaf);
  return result;
}

}  // namespace peerpay::app
