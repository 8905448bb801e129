#pragma once
// What a node must do after an event. The order of the members is the order of doing:
//
//   1. `persist` is appended to the sign log and synced (one sync for a whole turn of the loop);
//   2. then `sign`: each own vote is signed, sent to all peers and handed back as VoteSigned; and
//   `send`;
//   3. `store` and `commit` go to the storage thread in this order; each stored block comes back as
//   BlockStored;
//      nobody is told "final" before the commit is durable;
//   4. `replies`, `serve`, `evidence`, `faults` in any order.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "consensus/effects.h"
#include "ledger/apply.h"
#include "ledger/block.h"
#include "ledger/receipt.h"
#include "ledger/state.h"
#include "node/core/event.h"

namespace peerpay::node {

enum class Priority : std::uint8_t { kVote = 0, kBlock = 1, kRepair = 2, kTransaction = 3 };

// To one peer, or to all when `to` is empty. `message` is an encoded PeerMessage.
struct Send {
  std::optional<PeerIndex> to;
  Priority priority = Priority::kVote;
  base::Bytes message;
};

struct BlockToStore {
  ledger::BlockHeader header;
  ledger::BlockHash hash;
  base::Bytes bytes;
};

// One finalized block, in height order, without a gap. `certificate` is empty when a later block's
// covers it.
struct CommittedBlock {
  ledger::BlockHash hash;
  ledger::Block block;
  std::vector<ledger::Outcome> outcomes;
  ledger::StateChanges changes;
  std::optional<consensus::Certificate> certificate;
};

enum class Admission : std::uint8_t {
  kAdmitted,
  kAlreadyPending,   // the same bytes wait already
  kPoolFull,         // send the same bytes again later
  kSenderShareFull,  // as above
  kExpiryTooFar,     // as above, once it expires within kValidityMax
  kRefused,          // see result
};
struct SubmissionReply {
  std::uint64_t token = 0;
  ledger::TransactionId id;
  Admission admission = Admission::kRefused;
  ledger::TransactionResult result = ledger::TransactionResult::kApplied;
};

// Answered from storage, which the core does not see.
struct Serve {
  PeerIndex to;
  std::variant<BlockRequest, SyncRequest> request;
};

// Something that an honest peer does not do.
struct PeerFault {
  PeerIndex peer;
  std::string reason;
};

// Transactions that left the pool without being applied. With a result, they never will be; without
// one, they made room here and no held block contains them, and whoever else has them may still
// have them applied.
struct DroppedTransaction {
  ledger::TransactionId id;
  std::optional<ledger::TransactionResult> result;
};

enum class HaltCause : std::uint8_t {
  kUnsafe = 0,
  kKeyInUse = 1,  // another process votes with this validator's key
};

struct Effects {
  std::vector<consensus::SafetyRecord> persist;
  std::vector<consensus::Subject> sign;
  std::vector<Send> send;
  std::vector<BlockToStore> store;
  std::vector<CommittedBlock> commit;
  std::vector<SubmissionReply> replies;
  std::vector<DroppedTransaction> dropped;
  std::vector<Serve> serve;
  std::vector<consensus::Evidence> evidence;
  std::vector<PeerFault> faults;
  // Set when going on could do harm: a finalized block that does not execute here, two
  // finalizations that contradict each other, or an own vote that the sign log does not hold
  // (consensus C8). The node makes `persist`, `evidence` and `contradiction` durable and nothing
  // else, stops, keeps its data, and tells its operator.
  std::optional<std::string> halt;
  HaltCause halt_cause = HaltCause::kUnsafe;
  // The proof of a halt by two certificates: exported before the node stops (consensus C30).
  std::optional<consensus::Contradiction> contradiction;

  // Of the same turn; the first halt stays.
  void append(Effects&& later);
};

}  // namespace peerpay::node
