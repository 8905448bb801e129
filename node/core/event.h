#pragma once
// What happens to a node, as values. Everything from outside has been decoded, and every signature
// in it checked, before it becomes an event.

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "consensus/messages.h"
#include "ledger/block.h"
#include "ledger/ids.h"
#include "ledger/transaction.h"
#include "node/core/messages.h"

namespace peerpay::node {

// A validator, as its position in the genesis: the peer at the other end of an authenticated link.
using PeerIndex = consensus::ValidatorIndex;

struct PeerConnected {
  PeerIndex peer;
};
struct PeerDisconnected {
  PeerIndex peer;
};
// The peer took a newer link under our key instead of one of ours, which was sound.
struct LinkReplaced {
  PeerIndex peer;
};
// REQUIRES: signature verified. `from` is the link it came by.
struct VoteReceived {
  PeerIndex from;
  consensus::Vote vote;
};
struct CertificateReceived {
  PeerIndex from;
  consensus::Certificate certificate;
};
struct RepairRequested {
  PeerIndex from;
  consensus::RepairRequest request;
};
// `signatures_valid`: every transaction passed verify_signatures. A block with a bad one is
// evidence against its proposer's claim, so it is delivered too.
struct BlockReceived {
  PeerIndex from;
  ledger::Block block;
  bool signatures_valid = false;
};
struct BlockRequested {
  PeerIndex from;
  BlockRequest request;
};
struct SyncRequested {
  PeerIndex from;
  SyncRequest request;
};
// REQUIRES: the certificate, when there is one, verified. Transaction signatures need not be: a
// certified block was checked by a quorum.
struct SyncReceived {
  PeerIndex from;
  SyncBatch batch;
};
// REQUIRES for both: check_static, check_genesis and verify_signatures gave kApplied.
struct TransactionsReceived {
  PeerIndex from;
  std::vector<ledger::SealedTransaction> transactions;
};
struct Submission {
  std::uint64_t token = 0;  // names the submission in Effects::replies
  ledger::SealedTransaction transaction;
};
struct TransactionsSubmitted {
  std::vector<Submission> submissions;
};
struct StandingRequested {
  PeerIndex from;
  StandingRequest request;
};
// REQUIRES: every vote and certificate in it verified.
struct StandingReceived {
  PeerIndex from;
  Standing standing;
};
// An own vote, asked for by Effects::sign, has been signed.
struct VoteSigned {
  consensus::Vote vote;
};
// A block, asked for by Effects::store, is durable.
struct BlockStored {
  ledger::BlockHash hash;
};
struct TimerFired {};

using Event =
    std::variant<PeerConnected, PeerDisconnected, LinkReplaced, VoteReceived, CertificateReceived,
                 RepairRequested, BlockReceived, BlockRequested, SyncRequested, SyncReceived,
                 TransactionsReceived, TransactionsSubmitted, StandingRequested, StandingReceived,
                 VoteSigned, BlockStored, TimerFired>;

}  // namespace peerpay::node
