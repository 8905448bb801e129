#pragma once
// What a node and its clients say to each other (proto/peerpay/v1/node.proto), as plain values.
// No protobuf type appears here: convert.h is the only bridge. Anything that is hashed or signed
// stays canonical BCS bytes, which the receiver decodes once with ledger/.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "ledger/account.h"
#include "ledger/amount.h"
#include "ledger/ids.h"
#include "ledger/result.h"

namespace peerpay::proto {

inline constexpr std::uint32_t kWaitMsMax = 60'000;
inline constexpr std::size_t kBatchSubmissionsMax = 1024;  // also of one message of a stream
inline constexpr std::size_t kStreamedStatusesMax = 4096;  // of one message
inline constexpr std::uint32_t kHistoryLimitMax = 200;
inline constexpr std::uint32_t kHistoryLimitDefault = 50;
inline constexpr std::size_t kCursorBytesMax = 256;

// Numbers as on the wire, frozen.
enum class TransactionState : std::uint8_t {
  kUnknown = 1,   // this node does not have it
  kPending = 2,   // admitted; will be final, expire, or be rejected
  kFinal = 3,     // applied, for ever
  kRejected = 4,  // does not wait here; not passed on if it was never pending (see node.proto)
  kExpired = 5,   // valid_until has passed in ledger time and it was not applied: it never will be
};
// Stable lower-case name, for example "final".
[[nodiscard]] std::string_view name(TransactionState state);

enum class Retry : std::uint8_t {
  kNever = 1,      // these bytes can never be applied
  kSameBytes = 2,  // send the same bytes again later
};
[[nodiscard]] std::string_view name(Retry retry);

// Where and at what price a transaction was applied.
struct Finality {
  ledger::Height height;
  std::uint32_t index = 0;  // position in the block
  base::UnixMillis block_timestamp;
  ledger::Amount fee_charged;
  ledger::AssetId fee_asset;
  friend bool operator==(const Finality&, const Finality&) = default;
};

struct TransactionStatus {
  ledger::TransactionId id;
  TransactionState state = TransactionState::kUnknown;
  // kApplied when final; empty when there is none, or one that this version does not know (see
  // code).
  std::optional<ledger::TransactionResult> result;
  std::string code;                  // stable snake_case, empty when there is none
  std::string message;               // one sentence for people
  std::optional<Retry> retry;        // set when rejected
  std::optional<Finality> finality;  // set when final
  base::Bytes transaction;           // BCS SignedTransaction, empty when the node does not have it
  friend bool operator==(const TransactionStatus&, const TransactionStatus&) = default;
};

struct Submission {
  base::Bytes transaction;  // BCS SignedTransaction, not yet decoded
  std::optional<ledger::ChainId> chain;
  std::uint32_t wait_ms = 0;  // at most kWaitMsMax
  friend bool operator==(const Submission&, const Submission&) = default;
};

// An answer of SubmitStream.
struct StreamedStatus {
  std::uint64_t submission = 0;  // position in the stream, from 0
  TransactionStatus status;
  friend bool operator==(const StreamedStatus&, const StreamedStatus&) = default;
};

// Asks about one transaction; GetTransaction has no use for wait_ms.
struct TransactionQuery {
  ledger::TransactionId id;
  // The transaction's own: lets the node say kExpired for what it never saw.
  std::optional<base::UnixMillis> valid_until;
  std::uint32_t wait_ms = 0;
  friend bool operator==(const TransactionQuery&, const TransactionQuery&) = default;
};

struct AccountQuery {
  ledger::AccountId account;
  bool with_proof = false;
  friend bool operator==(const AccountQuery&, const AccountQuery&) = default;
};

struct NamedBalance {
  ledger::AssetId asset;
  std::string asset_code;
  ledger::Amount amount;
  std::string text;  // decimal form of `amount`
  friend bool operator==(const NamedBalance&, const NamedBalance&) = default;
};

// With the genesis, proves the account's record, or that it has none (all parts are BCS).
struct AccountProof {
  base::Bytes proof;
  std::vector<base::Bytes> headers;  // the proved state's first, the certified one last
  base::Bytes certificate;           // empty at height 0
  friend bool operator==(const AccountProof&, const AccountProof&) = default;
};

struct AccountSnapshot {
  ledger::AccountId account;
  bool exists = false;  // has ever received anything
  ledger::NonceWindow nonces;
  std::vector<NamedBalance> balances;
  ledger::Height height;  // as of this finalized block
  base::UnixMillis timestamp;
  std::optional<AccountProof> proof;
  friend bool operator==(const AccountSnapshot&, const AccountSnapshot&) = default;
};

struct HistoryQuery {
  ledger::AccountId account;
  std::string cursor;  // empty: newest
  std::uint32_t limit = kHistoryLimitDefault;
  friend bool operator==(const HistoryQuery&, const HistoryQuery&) = default;
};

struct HistoryEntry {
  ledger::TransactionId id;
  ledger::Height height;
  std::uint32_t index = 0;
  base::UnixMillis block_timestamp;
  base::Bytes transaction;  // BCS SignedTransaction
  ledger::Amount fee_charged;
  friend bool operator==(const HistoryEntry&, const HistoryEntry&) = default;
};

struct HistoryPage {
  std::vector<HistoryEntry> entries;  // newest first
  std::string next_cursor;            // empty at the end
  friend bool operator==(const HistoryPage&, const HistoryPage&) = default;
};

using BlockQuery = std::variant<ledger::Height, ledger::BlockHash>;

struct FinalizedBlock {
  ledger::BlockHash hash;
  base::Bytes block;        // BCS Block
  base::Bytes certificate;  // BCS; empty when a descendant's certificate covers this block
  ledger::Height height;
  friend bool operator==(const FinalizedBlock&, const FinalizedBlock&) = default;
};

struct Head {
  ledger::Height height;
  ledger::BlockHash hash;
  base::Bytes header;  // BCS BlockHeader
  base::UnixMillis timestamp;
  friend bool operator==(const Head&, const Head&) = default;
};

struct GenesisFile {
  base::Bytes genesis;  // BCS Genesis
  ledger::ChainId chain;
  friend bool operator==(const GenesisFile&, const GenesisFile&) = default;
};

struct PeerState {
  std::string name;
  bool connected = false;
  friend bool operator==(const PeerState&, const PeerState&) = default;
};

struct AssetSummary {
  ledger::AssetId id;
  std::string code;
  std::uint8_t scale = 0;
  ledger::AccountId issuer;
  ledger::Amount fee_per_operation;
  friend bool operator==(const AssetSummary&, const AssetSummary&) = default;
};

struct NodeStatus {
  std::string version;
  std::string network;
  ledger::ChainId chain;
  std::string validator;  // own name, empty for an observer
  ledger::Height height;  // newest finalized and durable
  std::uint64_t view = 0;
  std::uint64_t finalized_view = 0;
  bool syncing = false;
  std::vector<PeerState> peers;
  std::uint64_t mempool_transactions = 0;
  std::uint64_t mempool_bytes = 0;
  std::uint64_t uptime_ms = 0;
  std::vector<AssetSummary> assets;
  base::UnixMillis timestamp;  // of the newest finalized block
  std::string voting;          // whether it votes, and what it waits for; for people
  friend bool operator==(const NodeStatus&, const NodeStatus&) = default;
};

}  // namespace peerpay::proto
