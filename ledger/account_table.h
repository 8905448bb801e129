#pragma once
// AccountTable: every account of a ledger, found in one or two cache misses where a tree of a
// million records takes twenty.
//
// Open addressing over 32 bits of the account's state path. The path is a cryptographic hash, so
// nobody can choose ids that collide more cheaply than by trying 2^k keys for k bits; a hash that
// is merely fast would let anyone pay a few thousand fees and slow every later payment. Iteration
// follows the order of the first put, so nothing that is computed from a table depends on its
// layout.

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "ledger/account.h"
#include "ledger/ids.h"

namespace peerpay::ledger {

class AccountTable {
 public:
  using Entry = std::pair<AccountId, Account>;
  class Iterator;

  // Null when there is none. The pointer is valid until the next put.
  [[nodiscard]] const Account* find(const AccountId& id) const;
  void put(const AccountId& id, Account account);
  [[nodiscard]] std::size_t size() const { return size_; }

  // In the order of the first put.
  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] Iterator end() const;

 private:
  struct Slot {
    std::uint32_t entry = UINT32_MAX;  // none
    std::uint32_t hash = 0;
  };
  // Entries stand in chunks, so that growing copies slots (8 bytes each) and never accounts.
  static constexpr std::size_t kChunk = 1024;

  [[nodiscard]] const Entry& entry(std::size_t index) const {
    return chunks_[index / kChunk][index % kChunk];
  }
  // The slot of `id`, or the free one where it would go. REQUIRES: a free slot.
  [[nodiscard]] std::size_t slot_of(const AccountId& id, std::uint32_t hash) const;
  void grow();

  std::vector<Slot> slots_;  // none, or a power of two
  std::vector<std::vector<Entry>> chunks_;
  std::size_t size_ = 0;
};

class AccountTable::Iterator {
 public:
  using difference_type = std::ptrdiff_t;
  using value_type = Entry;
  using reference = const Entry&;
  using iterator_category = std::forward_iterator_tag;

  Iterator(const AccountTable& table, std::size_t index) : table_{&table}, index_{index} {}
  reference operator*() const { return table_->entry(index_); }
  Iterator& operator++() {
    ++index_;
    return *this;
  }
  friend bool operator==(const Iterator&, const Iterator&) = default;

 private:
  const AccountTable* table_;
  std::size_t index_;
};

inline AccountTable::Iterator AccountTable::begin() const { return {*this, 0}; }
inline AccountTable::Iterator AccountTable::end() const { return {*this, size_}; }

}  // namespace peerpay::ledger
