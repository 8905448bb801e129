#pragma once
// IdTable: values by transaction id, each found in one or two cache misses where a tree of a
// hundred thousand takes fifteen. A value stays where it is until it is erased. There is no way to
// go through all: nothing may depend on the layout.
//
// Open addressing by the first bytes of the id, which is a cryptographic hash: whoever wants n
// collisions of k bits has to make and sign n * 2^k payments that can be paid. A table of ids that
// anybody may choose has to be small: n of them that begin alike cost O(n) each.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"
#include "ledger/ids.h"

namespace peerpay::node {

template <class Value>
class IdTable {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool contains(const ledger::TransactionId& id) const { return find(id) != nullptr; }

  // Null when there is none.
  [[nodiscard]] const Value* find(const ledger::TransactionId& id) const {
    if (size_ == 0) return nullptr;
    const Slot& slot = slots_[place_of(id)];
    return slot.item ? &slot.item->second : nullptr;
  }
  [[nodiscard]] Value* find(const ledger::TransactionId& id) {
    return const_cast<Value*>(std::as_const(*this).find(id));
  }

  // REQUIRES: there is none of this id.
  Value& emplace(const ledger::TransactionId& id, Value value) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    Slot& slot = slots_[place_of(id)];
    PEERPAY_CHECK(!slot.item, "an id is put into the table once");
    slot = {start_of(id), std::make_unique<Item>(id, std::move(value))};
    ++size_;
    return slot.item->second;
  }

  // REQUIRES: there is one.
  void erase(const ledger::TransactionId& id) {
    std::size_t hole = place_of(id);
    PEERPAY_CHECK(slots_[hole].item != nullptr, "what is erased is in the table");
    slots_[hole].item.reset();
    --size_;
    // What stands behind it was perhaps put there because it was taken: it moves up, so that every
    // search still ends at the first free place.
    for (std::size_t at = next(hole); slots_[at].item; at = next(at)) {
      const std::size_t home = slots_[at].start & mask();
      if (((at - home) & mask()) < ((at - hole) & mask())) continue;
      slots_[hole] = std::exchange(slots_[at], {});
      hole = at;
    }
  }

 private:
  using Item = std::pair<ledger::TransactionId, Value>;
  struct Slot {
    std::uint64_t start = 0;     // of the id
    std::unique_ptr<Item> item;  // null: free
  };
  static constexpr std::size_t kSlotsMin = 16;

  static std::uint64_t start_of(const ledger::TransactionId& id) {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8 | id.bytes[i];
    return out;
  }
  [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }
  [[nodiscard]] std::size_t next(std::size_t at) const { return (at + 1) & mask(); }

  // Of the id, or the free one where it would go. REQUIRES: a free slot.
  [[nodiscard]] std::size_t place_of(const ledger::TransactionId& id) const {
    const std::uint64_t start = start_of(id);
    std::size_t at = start & mask();
    while (slots_[at].item && (slots_[at].start != start || slots_[at].item->first != id)) {
      at = next(at);
    }
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? kSlotsMin : 2 * slots_.size());
    old.swap(slots_);
    for (Slot& slot : old) {
      if (!slot.item) continue;
      std::size_t at = slot.start & mask();
      while (slots_[at].item) at = next(at);
      slots_[at] = std::move(slot);
    }
  }

  std::vector<Slot> slots_;  // none, or a power of two
  std::size_t size_ = 0;
};

}  // namespace peerpay::node
