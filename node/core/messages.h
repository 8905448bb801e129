#pragma once
// PeerMessage: everything that validators say to each other, and its canonical bytes
// (docs/spec/wire.md).
//
//   PeerMessage = variant 0 Vote | 1 Certificate | 2 RepairRequest { view u64 }
//               | 3 BlockMessage { block }           | 4 BlockRequest { hash }
//               | 5 SyncRequest { from height u64 }  | 6 SyncBatch { blocks, option<certificate> }
//               | 7 TransactionBatch { transactions vector<bytes> }
//               | 8 StandingRequest { token 16 }
//               | 9 Standing { token 16, votes vector<Vote>, certificates vector<Certificate> }

#include <optional>
#include <variant>
#include <vector>

#include "base/bcs.h"
#include "consensus/messages.h"
#include "ledger/block.h"
#include "ledger/transaction.h"

namespace peerpay::node {

struct BlockMessage {
  ledger::Block block;
};
struct BlockRequest {
  ledger::BlockHash hash;
};
// Asks for finalized blocks from a height on.
struct SyncRequest {
  ledger::Height from;
};
// Consecutive finalized blocks. `certificate`, when there is one, finalizes the last of them and so
// all; a batch without one is to be continued.
struct SyncBatch {
  std::vector<ledger::Block> blocks;
  std::optional<consensus::Certificate> certificate;
};
struct TransactionBatch {
  std::vector<ledger::SealedTransaction> transactions;
};

// Drawn at random when a validator starts: no answer to an earlier process counts for this one.
using StandingToken = base::FixedBytes<struct StandingTokenTag, 16>;
// Asks what the peer knows of the asker's votes, and how far the peer has come (vote_guard.h).
struct StandingRequest {
  StandingToken token;
};
struct Standing {
  StandingToken token;                               // of the request
  std::vector<consensus::Vote> votes;                // by the asker: of each kind the newest held
  std::vector<consensus::Certificate> certificates;  // prove the peer's view; Engine::standing
};

using PeerMessage =
    std::variant<consensus::Vote, consensus::Certificate, consensus::RepairRequest, BlockMessage,
                 BlockRequest, SyncRequest, SyncBatch, TransactionBatch, StandingRequest, Standing>;

[[nodiscard]] base::Bytes encode(const PeerMessage& message);
// Of a BlockMessage, without copying the block.
[[nodiscard]] base::Bytes encode_block_message(const ledger::Block& block);
// Transactions are sealed for `chain`; a block of another chain is refused (kValueInvalid).
[[nodiscard]] base::Expected<PeerMessage, base::DecodeError> decode_peer_message(
    const ledger::ChainId& chain, base::ByteView bytes);

}  // namespace peerpay::node
