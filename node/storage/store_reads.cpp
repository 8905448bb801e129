// The reads of Store: each as of one moment, from any thread; a page of a history as of the head
// that it reads first.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "ledger/limits.h"
#include "node/storage/store.h"
#include "node/storage/tables.h"

namespace peerpay::storage {
namespace {

using base::Bytes;
using base::ByteView;
using base::Unexpected;
using ledger::Height;

std::string at_height(Height height) { return " at height " + std::to_string(height.value); }

StorageExpected<Bytes> require(const Database& database, Table table, ByteView key,
                               const std::string& what) {
  auto value = database.get(table, key);
  if (!value) return Unexpected{value.error()};
  if (!*value) return database.corrupt(what + " is missing");
  return std::move(**value);
}

// One final block, opened for reading several of its transactions.
struct OpenBlock {
  ledger::BlockHeader header;
  Bytes rows;
  Bytes body;
};

StorageExpected<ChainEntry> require_entry(const Database& database, Height height) {
  const auto value =
      require(database, Table::kChain, height_key(height), "the chain entry" + at_height(height));
  if (!value) return Unexpected{value.error()};
  auto entry = decode_chain_entry(*value);
  if (!entry) return database.corrupt("the chain entry" + at_height(height) + " is not readable");
  return std::move(*entry);
}

StorageExpected<OpenBlock> open_block(const Database& database, Height height) {
  const auto entry = require_entry(database, height);
  if (!entry) return Unexpected{entry.error()};
  auto rows = require(database, Table::kOutcomes, height_key(height),
                      "the table of outcomes" + at_height(height));
  if (!rows) return Unexpected{rows.error()};
  auto body = require(database, Table::kBodies, body_key(height, entry->hash),
                      "the block" + at_height(height));
  if (!body) return Unexpected{body.error()};
  return OpenBlock{entry->header, std::move(*rows), std::move(*body)};
}

StorageExpected<StoredTransaction> transaction_of(const Database& database, const OpenBlock& block,
                                                  const Position& position) {
  const auto row = decode_row(block.rows, position.index);
  if (!row || row->offset > block.body.size() || row->size > block.body.size() - row->offset) {
    return database.corrupt("an outcome" + at_height(position.height) + " is not readable");
  }
  const ByteView bytes = ByteView{block.body}.subspan(row->offset, row->size);
  return StoredTransaction{
      position, block.header.timestamp, row->outcome, {bytes.begin(), bytes.end()}};
}

StorageExpected<StoredBlock> stored_block(const Database& database, ChainEntry&& entry) {
  const Height height = entry.header.height;
  auto body = require(database, Table::kBodies, body_key(height, entry.hash),
                      "the block" + at_height(height));
  if (!body) return Unexpected{body.error()};
  return StoredBlock{height, entry.hash, std::move(*body), std::move(entry.certificate)};
}

// Entries from a height on, until `visit` says false.
template <class Visit>
StorageExpected<void> scan_chain(const Database& database, Height from, const Visit& visit) {
  bool readable = true;
  const auto scanned =
      database.scan(Table::kChain, height_key(from), [&](ByteView, ByteView value) {
        auto entry = decode_chain_entry(value);
        readable = entry.has_value();
        return readable && visit(std::move(*entry));
      });
  if (!scanned) return Unexpected{scanned.error()};
  if (!readable) return database.corrupt("a chain entry is not readable");
  return {};
}

// Drops what follows the last certified block, if there is one.
void end_at_certificate(std::vector<StoredBlock>& blocks) {
  for (std::size_t count = blocks.size(); count > 0; --count) {
    if (!blocks[count - 1].certificate) continue;
    blocks.resize(count);
    return;
  }
}

}  // namespace

StorageExpected<std::optional<ChainEntry>> Store::chain_entry(Height height) const {
  const auto value = database_->get(Table::kChain, height_key(height));
  if (!value) return Unexpected{value.error()};
  if (!*value) return std::optional<ChainEntry>{};
  auto entry = decode_chain_entry(**value);
  if (!entry) return corrupt("the chain entry" + at_height(height) + " is not readable");
  return entry;
}

StorageExpected<std::optional<StoredBlock>> Store::block_at(Height height) const {
  auto entry = chain_entry(height);
  if (!entry) return Unexpected{entry.error()};
  if (!*entry) return std::optional<StoredBlock>{};
  auto block = stored_block(*database_, std::move(**entry));
  if (!block) return Unexpected{block.error()};
  return std::optional{std::move(*block)};
}

StorageExpected<std::optional<StoredBlock>> Store::block(const ledger::BlockHash& hash) const {
  const auto value = database_->get(Table::kBodyHeights, hash.view());
  if (!value) return Unexpected{value.error()};
  if (!*value) return std::optional<StoredBlock>{};
  const auto height = decode_height_key(**value);
  if (!height) return corrupt("the height of a block is not readable");
  auto body = database_->get(Table::kBodies, body_key(*height, hash));
  if (!body) return Unexpected{body.error()};
  if (!*body) return std::optional<StoredBlock>{};  // dropped between the two reads
  auto entry = chain_entry(*height);
  if (!entry) return Unexpected{entry.error()};
  StoredBlock block{*height, hash, std::move(**body), {}};
  if (*entry && (*entry)->hash == hash) block.certificate = std::move((*entry)->certificate);
  return std::optional{std::move(block)};
}

StorageExpected<std::vector<ledger::Outcome>> Store::outcomes(Height height) const {
  std::vector<ledger::Outcome> out;
  const auto rows = database_->get(Table::kOutcomes, height_key(height));
  if (!rows) return Unexpected{rows.error()};
  if (!*rows) return out;
  const std::size_t count = count_rows(**rows);
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = decode_row(**rows, i);
    if (!row) return corrupt("an outcome" + at_height(height) + " is not readable");
    out.push_back(row->outcome);
  }
  return out;
}

StorageExpected<std::optional<CertifiedChain>> Store::certified_chain(Height height) const {
  CertifiedChain chain;
  bool certified = false;
  const auto scanned = scan_chain(*database_, height, [&](ChainEntry&& entry) {
    chain.headers.push_back(entry.header);
    certified = entry.certificate.has_value();
    if (certified) chain.certificate = std::move(*entry.certificate);
    return !certified && chain.headers.size() < ledger::kReceiptChainMax;
  });
  if (!scanned) return Unexpected{scanned.error()};
  if (!certified) return std::optional<CertifiedChain>{};
  return std::optional{std::move(chain)};
}

// A recent row may be of a block that is still being written.
StorageExpected<std::optional<Position>> Store::position_of(const ledger::TransactionId& id) const {
  if (const auto recent = recent_.find(id)) {
    const auto entry = database_->get(Table::kChain, height_key(recent->height));
    if (!entry) return Unexpected{entry.error()};
    return *entry ? recent : std::nullopt;
  }
  const auto value = database_->get(Table::kTransactions, id.view());
  if (!value) return Unexpected{value.error()};
  if (!*value) return std::optional<Position>{};
  const auto position = decode_position(**value);
  if (!position) return corrupt("the position of a transaction is not readable");
  return position;
}

StorageExpected<std::optional<StoredTransaction>> Store::find_transaction(
    const ledger::TransactionId& id) const {
  const auto found_at = position_of(id);
  if (!found_at) return Unexpected{found_at.error()};
  if (!*found_at) return std::optional<StoredTransaction>{};
  const Position& position = **found_at;
  const auto block = open_block(*database_, position.height);
  if (!block) return Unexpected{block.error()};
  auto found = transaction_of(*database_, *block, position);
  if (!found) return Unexpected{found.error()};
  if (found->outcome.id != id) return corrupt("an outcome is another transaction's");
  return std::optional{std::move(*found)};
}

// A row above the head may be of a block that is still being written.
StorageExpected<Store::HistoryRows> Store::history_rows(const ledger::AccountId& account,
                                                        const std::optional<Position>& after,
                                                        std::size_t limit) const {
  const auto head_entry = head();
  if (!head_entry) return Unexpected{head_entry.error()};
  const Position end{head_entry->header.height.next(), 0};
  const Position before = std::min(after.value_or(end), end);

  auto recent = recent_.history(account, before, limit + 1);
  std::vector<Position>& positions = recent.positions;
  if (positions.size() > limit) {
    positions.resize(limit);
    return HistoryRows{std::move(positions), true};
  }
  const Position before_old = std::min(before, Position{recent.above.next(), 0});
  const auto scanned = database_->scan(Table::kHistory, history_key(account, before_old),
                                       [&](ByteView key, ByteView) {
                                         if (positions.size() > limit) return false;
                                         const auto position = decode_history_key(account, key);
                                         if (!position) return false;
                                         if (*position != before_old)
                                           positions.push_back(*position);
                                         return true;
                                       });
  if (!scanned) return Unexpected{scanned.error()};
  const bool more = positions.size() > limit;
  if (more) positions.resize(limit);
  return HistoryRows{std::move(positions), more};
}

StorageExpected<HistoryPage> Store::history(const ledger::AccountId& account,
                                            std::string_view cursor, std::size_t limit) const {
  PEERPAY_CHECK(limit > 0 && limit <= kHistoryPageMax, "the caller bounds the page");
  std::optional<Position> after;
  if (!cursor.empty()) {
    after = parse_cursor(account, cursor);
    if (!after) {
      return storage_failure(StorageFault::kCursorInvalid,
                             "The cursor is not one that a page of this account's history gave.");
    }
  }
  const auto rows = history_rows(account, after, limit);
  if (!rows) return Unexpected{rows.error()};
  HistoryPage page;
  std::size_t bytes = 0;
  std::optional<OpenBlock> block;
  for (const Position& position : rows->positions) {
    if (!block || block->header.height != position.height) {
      auto opened = open_block(*database_, position.height);
      if (!opened) return Unexpected{opened.error()};
      block = std::move(*opened);
    }
    auto transaction = transaction_of(*database_, *block, position);
    if (!transaction) return Unexpected{transaction.error()};
    bytes += transaction->bytes.size();
    if (bytes > kHistoryPageBytesMax) break;
    page.transactions.push_back(std::move(*transaction));
  }
  const std::size_t taken = page.transactions.size();
  if (rows->more || taken < rows->positions.size())
    page.next_cursor = format_cursor(account, rows->positions[taken - 1]);
  return page;
}

StorageExpected<std::vector<StoredBlock>> Store::blocks_from(Height height,
                                                             std::size_t bytes_max) const {
  std::vector<StoredBlock> blocks;
  std::size_t bytes = 0;
  while (blocks.size() < kSyncBlocksMax) {
    auto block = block_at(height);
    if (!block) return Unexpected{block.error()};
    if (!*block) break;
    bytes += (*block)->bytes.size();
    if (!blocks.empty() && bytes > bytes_max) break;
    blocks.push_back(std::move(**block));
    height = height.next();
  }
  end_at_certificate(blocks);
  return blocks;
}

StorageExpected<std::vector<StoredBlock>> Store::unfinalized_blocks() const {
  std::vector<StoredBlock> blocks;
  const auto scanned = database_->scan(
      Table::kBodies, height_key(head_.header.height.next()), [&](ByteView key, ByteView value) {
        const auto body = decode_body_key(key);
        if (!body) return false;
        blocks.push_back({body->height, body->hash, {value.begin(), value.end()}, {}});
        return blocks.size() < kUnfinalizedBlocksMax;
      });
  if (!scanned) return Unexpected{scanned.error()};
  return blocks;
}

}  // namespace peerpay::storage
