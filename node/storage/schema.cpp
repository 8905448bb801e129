#include "node/storage/schema.h"

#include <algorithm>
#include <utility>

#include "base/bcs.h"
#include "base/big_endian.h"
#include "base/check.h"
#include "crypto/hash.h"
#include "ledger/limits.h"

namespace peerpay::storage {
namespace {

using base::append_big_endian;
using base::BcsReader;
using base::BcsWriter;
using base::big_endian;
using base::Bytes;
using base::ByteView;

constexpr std::size_t kHeightKeyBytes = 8;
constexpr std::size_t kPositionBytes = 12;
constexpr std::size_t kCursorBytes = 1 + kPositionBytes + 4;
constexpr std::uint8_t kCursorVersion = 1;

void append(Bytes& out, const Position& position) {
  append_big_endian(out, position.height.value);
  append_big_endian(out, position.index);
}

void append(Bytes& out, ByteView bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// The value, if all of it was read and nothing is left.
template <class T>
std::optional<T> whole(BcsReader& in, T&& value) {
  if (!in.finish()) return std::nullopt;
  return std::forward<T>(value);
}

Position inverted(const Position& position) {
  return {ledger::Height{~position.height.value}, ~position.index};
}

std::size_t uleb_bytes(std::size_t value) {
  BcsWriter out;
  out.uleb(static_cast<std::uint32_t>(value));
  return out.view().size();
}

Bytes cursor_body(const ledger::AccountId& account, const Position& position) {
  Bytes out{kCursorVersion};
  append(out, position);
  Bytes checked = out;
  append(checked, account.view());
  append(out, crypto::sha256(checked).view().first(kCursorBytes - out.size()));
  return out;
}

}  // namespace

ByteView key_of(MetaKey key) {
  switch (key) {
    case MetaKey::kVersion: return base::as_bytes("version");
    case MetaKey::kChain: return base::as_bytes("chain");
    case MetaKey::kApplied: return base::as_bytes("applied");
    case MetaKey::kHistory: return base::as_bytes("history");
    case MetaKey::kSignLog: return base::as_bytes("sign_log");
  }
  PEERPAY_UNREACHABLE("every MetaKey has a name");
}

Bytes encode(const ChainEntry& entry) {
  BcsWriter out;
  out.fixed(entry.hash);
  ledger::write(out, entry.header);
  out.boolean(entry.certificate.has_value());
  if (entry.certificate) consensus::encode_into(out, *entry.certificate);
  return std::move(out).take();
}

std::optional<ChainEntry> decode_chain_entry(ByteView bytes) {
  BcsReader in{bytes};
  ChainEntry entry;
  entry.hash = in.fixed<ledger::BlockHash>();
  entry.header = ledger::read_block_header(in);
  if (in.boolean()) entry.certificate = consensus::read_certificate(in);
  return whole(in, std::move(entry));
}

Bytes encode_rows(const ledger::Block& block, std::span<const ledger::Outcome> outcomes) {
  PEERPAY_CHECK(outcomes.size() == block.transactions.size(), "each transaction has its outcome");
  std::size_t offset = ledger::kBlockHeaderBytes + uleb_bytes(outcomes.size());
  BcsWriter out;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const std::size_t size = block.transactions[i].bytes.size();
    out.u32(static_cast<std::uint32_t>(offset));
    out.u32(static_cast<std::uint32_t>(size));
    out.raw(ledger::encode(outcomes[i]));
    offset += size;
  }
  PEERPAY_CHECK(out.view().size() == outcomes.size() * kTransactionRowBytes, "rows have one size");
  return std::move(out).take();
}

std::size_t count_rows(ByteView rows) { return rows.size() / kTransactionRowBytes; }

std::optional<TransactionRow> decode_row(ByteView rows, std::size_t index) {
  if (rows.size() % kTransactionRowBytes != 0 || index >= count_rows(rows)) return std::nullopt;
  BcsReader in{rows.subspan(index * kTransactionRowBytes, kTransactionRowBytes)};
  TransactionRow row;
  row.offset = in.u32();
  row.size = in.u32();
  const auto outcome = ledger::decode_outcome(in.raw(in.remaining()));
  if (!outcome) return std::nullopt;
  row.outcome = *outcome;
  return row;
}

Bytes encode(const Position& position) {
  Bytes out;
  out.reserve(kPositionBytes);
  append(out, position);
  return out;
}

std::optional<Position> decode_position(ByteView bytes) {
  if (bytes.size() != kPositionBytes) return std::nullopt;
  return Position{ledger::Height{big_endian<std::uint64_t>(bytes)},
                  big_endian<std::uint32_t>(bytes.subspan(kHeightKeyBytes))};
}

Bytes encode(const SignLogMark& mark) {
  BcsWriter out;
  out.fixed(mark.instance);
  out.u64(mark.view_highest.value);
  return std::move(out).take();
}

std::optional<SignLogMark> decode_sign_log_mark(ByteView bytes) {
  BcsReader in{bytes};
  SignLogMark mark;
  mark.instance = in.fixed<SignLogId>();
  mark.view_highest.value = in.u64();
  return whole(in, std::move(mark));
}

Bytes height_key(ledger::Height height) {
  Bytes out;
  out.reserve(kHeightKeyBytes);
  append_big_endian(out, height.value);
  return out;
}

std::optional<ledger::Height> decode_height_key(ByteView key) {
  if (key.size() != kHeightKeyBytes) return std::nullopt;
  return ledger::Height{big_endian<std::uint64_t>(key)};
}

Bytes body_key(ledger::Height height, const ledger::BlockHash& hash) {
  Bytes out = height_key(height);
  append(out, hash.view());
  return out;
}

std::optional<BodyKey> decode_body_key(ByteView key) {
  if (key.size() != kHeightKeyBytes + ledger::BlockHash::kSize) return std::nullopt;
  return BodyKey{ledger::Height{big_endian<std::uint64_t>(key)},
                 *ledger::BlockHash::from(key.subspan(kHeightKeyBytes))};
}

Bytes history_key(const ledger::AccountId& account, const Position& position) {
  Bytes out;
  out.reserve(ledger::AccountId::kSize + kPositionBytes);
  append(out, account.view());
  append(out, inverted(position));
  return out;
}

std::optional<Position> decode_history_key(const ledger::AccountId& account, ByteView key) {
  if (key.size() != ledger::AccountId::kSize + kPositionBytes) return std::nullopt;
  if (!std::ranges::equal(key.first(ledger::AccountId::kSize), account.view())) return std::nullopt;
  return inverted(*decode_position(key.subspan(ledger::AccountId::kSize)));
}

std::vector<ledger::AccountId> accounts_of(const ledger::Transaction& transaction) {
  std::vector<ledger::AccountId> out = {transaction.sender};
  if (transaction.sponsor) out.push_back(*transaction.sponsor);
  for (const auto& operation : transaction.operations) {
    std::visit([&out](const ledger::Pay& pay) { out.push_back(pay.payee); }, operation);
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::string format_cursor(const ledger::AccountId& account, const Position& position) {
  return base::to_hex(cursor_body(account, position));
}

std::optional<Position> parse_cursor(const ledger::AccountId& account, std::string_view text) {
  if (text.size() != 2 * kCursorBytes) return std::nullopt;
  const auto bytes = base::from_hex(text);
  if (!bytes) return std::nullopt;
  const auto position = decode_position(ByteView{*bytes}.subspan(1, kPositionBytes));
  if (!position || cursor_body(account, *position) != *bytes) return std::nullopt;
  return position;
}

}  // namespace peerpay::storage
