#pragma once
// Keys and values of the database (spec: docs/spec/storage.md, "Tables"). Pure.
//
//   meta          name                               -> see MetaKey
//   bodies        height, block hash                 -> block bytes, final or not
//   body_heights  block hash                         -> height
//   chain         height                             -> ChainEntry, final blocks only
//   outcomes      height                             -> one TransactionRow for each transaction
//   transactions  transaction id                     -> height, index
//   history       account, ~height, ~index           -> nothing
//   accounts      account                            -> record
//
// Heights and indexes in keys are big-endian, so that rows lie in their order; in the history they
// are inverted, so that the newest comes first. Bodies begin with the height, so blocks are written
// in ascending order and compaction never rewrites them.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "consensus/messages.h"
#include "consensus/types.h"
#include "ledger/block.h"
#include "ledger/ids.h"
#include "ledger/receipt.h"
#include "node/storage/sign_log_format.h"

namespace peerpay::storage {

inline constexpr std::uint32_t kStoreVersion = 1;

enum class MetaKey : std::uint8_t {
  kVersion,  // u32
  kChain,    // chain id
  kApplied,  // height that the tables of accounts, transactions and history stand for
  kHistory,  // bool: whether the history is kept
  kSignLog,  // SignLogMark
};
[[nodiscard]] base::ByteView key_of(MetaKey key);

// A final block and its place. The certificate is there when this very block was finalized;
// otherwise that of a descendant covers it.
struct ChainEntry {
  ledger::BlockHash hash;
  ledger::BlockHeader header;
  std::optional<consensus::Certificate> certificate;
  friend bool operator==(const ChainEntry&, const ChainEntry&) = default;
};
[[nodiscard]] base::Bytes encode(const ChainEntry& entry);
[[nodiscard]] std::optional<ChainEntry> decode_chain_entry(base::ByteView bytes);

// What happened to one transaction, and where its bytes lie in the block.
struct TransactionRow {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  ledger::Outcome outcome;
  friend bool operator==(const TransactionRow&, const TransactionRow&) = default;
};
// All rows have this size: offset u32, size u32, outcome.
inline constexpr std::size_t kTransactionRowBytes = 4 + 4 + 46;
// REQUIRES: one outcome for each transaction of the block.
[[nodiscard]] base::Bytes encode_rows(const ledger::Block& block,
                                      std::span<const ledger::Outcome> outcomes);
[[nodiscard]] std::size_t count_rows(base::ByteView rows);
// Empty when there is no row of this number, or it is no row.
[[nodiscard]] std::optional<TransactionRow> decode_row(base::ByteView rows, std::size_t index);

// A place in the chain.
struct Position {
  ledger::Height height;
  std::uint32_t index = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};
[[nodiscard]] base::Bytes encode(const Position& position);
[[nodiscard]] std::optional<Position> decode_position(base::ByteView bytes);

// How far a sign log had come when a block was committed.
struct SignLogMark {
  SignLogId instance;
  consensus::View view_highest;
  friend bool operator==(const SignLogMark&, const SignLogMark&) = default;
};
[[nodiscard]] base::Bytes encode(const SignLogMark& mark);
[[nodiscard]] std::optional<SignLogMark> decode_sign_log_mark(base::ByteView bytes);

[[nodiscard]] base::Bytes height_key(ledger::Height height);
[[nodiscard]] std::optional<ledger::Height> decode_height_key(base::ByteView key);

[[nodiscard]] base::Bytes body_key(ledger::Height height, const ledger::BlockHash& hash);
// Empty when `key` is no key of a body.
struct BodyKey {
  ledger::Height height;
  ledger::BlockHash hash;
};
[[nodiscard]] std::optional<BodyKey> decode_body_key(base::ByteView key);

[[nodiscard]] base::Bytes history_key(const ledger::AccountId& account, const Position& position);
// The position in a history key of `account`; empty for another account's key.
[[nodiscard]] std::optional<Position> decode_history_key(const ledger::AccountId& account,
                                                         base::ByteView key);
// Sender, sponsor and payees, each once, ascending: whose history a transaction belongs to.
[[nodiscard]] std::vector<ledger::AccountId> accounts_of(const ledger::Transaction& transaction);

// Text that stands for "after this position in the history of this account". Not a secret; another
// account's and altered texts are refused.
[[nodiscard]] std::string format_cursor(const ledger::AccountId& account, const Position& position);
[[nodiscard]] std::optional<Position> parse_cursor(const ledger::AccountId& account,
                                                   std::string_view text);

}  // namespace peerpay::storage
