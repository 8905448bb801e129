#include "ledger/account_table.h"

#include "base/check.h"
#include "ledger/state_hash.h"

namespace peerpay::ledger {
namespace {

constexpr std::uint32_t kFree = UINT32_MAX;
constexpr std::size_t kSlotsMin = 16;

std::uint32_t hash_of(const AccountId& id) {
  const crypto::Hash path = state_path(id);
  std::uint32_t hash = 0;
  for (std::size_t i = 0; i < sizeof hash; ++i) hash = hash << 8 | path.bytes[i];
  return hash;
}

}  // namespace

std::size_t AccountTable::slot_of(const AccountId& id, std::uint32_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].entry != kFree) {
    if (slots_[at].hash == hash && entry(slots_[at].entry).first == id) return at;
    at = (at + 1) & mask;
  }
  return at;
}

const Account* AccountTable::find(const AccountId& id) const {
  if (size_ == 0) return nullptr;
  const Slot& slot = slots_[slot_of(id, hash_of(id))];
  return slot.entry == kFree ? nullptr : &entry(slot.entry).second;
}

void AccountTable::put(const AccountId& id, Account account) {
  if (3 * (size_ + 1) > 2 * slots_.size()) grow();
  const std::uint32_t hash = hash_of(id);
  Slot& slot = slots_[slot_of(id, hash)];
  if (slot.entry != kFree) {
    chunks_[slot.entry / kChunk][slot.entry % kChunk].second = std::move(account);
    return;
  }
  PEERPAY_CHECK(size_ < kFree, "the index of an entry has 32 bits");
  if (size_ % kChunk == 0) chunks_.emplace_back().reserve(kChunk);
  chunks_.back().emplace_back(id, std::move(account));
  slot = {static_cast<std::uint32_t>(size_++), hash};
}

void AccountTable::grow() {
  std::vector<Slot> old(slots_.empty() ? kSlotsMin : 2 * slots_.size());
  old.swap(slots_);
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.entry == kFree) continue;
    std::size_t at = slot.hash & mask;
    while (slots_[at].entry != kFree) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

}  // namespace peerpay::ledger
