#include "tests/sim/disk.h"

#include <utility>

#include "base/check.h"
#include "ledger/apply.h"
#include "ledger/block.h"
#include "ledger/state_tree.h"
#include "node/core/limits.h"
#include "tests/sim/mix.h"

namespace peerpay::sim {

namespace {

constexpr std::size_t kSyncBatchBytesMax = 256 * 1024;

consensus::SafetyRecord decoded_record(const base::Bytes& bytes) {
  auto record = consensus::decode_safety_record(bytes);
  PEERPAY_CHECK(record.has_value(), "a sign log record reads back");
  return std::move(record).value();
}

}  // namespace

ledger::MemoryState genesis_state(const ledger::Genesis& genesis) {
  ledger::MemoryState out;
  out.apply(ledger::genesis_changes(genesis));
  return out;
}

ledger::StateRoot state_root(const ledger::MemoryState& state) {
  ledger::StateTree tree;
  const auto version = tree.build(state.accounts());
  const ledger::StateRoot root = tree.root(version);
  tree.release(version);
  return root;
}

SimDisk::SimDisk(const ledger::Genesis& genesis)
    : genesis_{&genesis},
      state_{genesis_state(genesis)},
      genesis_header_{ledger::genesis_header(ledger::chain_id(genesis), genesis.timestamp,
                                             state_root(state_))} {}

bool SimDisk::fails(Failing what) {
  if (failing_ != what) return false;
  failing_ = Failing::kNothing;
  return true;
}

bool SimDisk::append(const consensus::SafetyRecord& record) {
  if (fails(Failing::kWrite)) return false;
  base::Bytes bytes = consensus::encode(record);
  const std::uint64_t seal = mix(sign_log_.size(), bytes);
  sign_log_.push_back({std::move(bytes), seal});
  return true;
}

bool SimDisk::sync() {
  if (fails(Failing::kSync)) return false;
  sign_log_synced_ = sign_log_.size();
  return true;
}

void SimDisk::compact(const std::vector<consensus::SafetyRecord>& records) {
  const Failing failing = std::exchange(failing_, Failing::kNothing);
  sign_log_.clear();
  for (const auto& record : records) (void)append(record);
  (void)sync();
  failing_ = failing;
}

bool SimDisk::damage_sign_log(base::Rng& rng) {
  if (sign_log_synced_ == 0) return false;
  Sealed& victim = sign_log_[rng.below(sign_log_synced_)];
  const Sealed& other = sign_log_[rng.below(sign_log_synced_)];
  if (rng.chance(1, 3) && other.bytes != victim.bytes) {
    victim = other;  // a write that went to the wrong place
  } else if (rng.chance(1, 2)) {
    victim.bytes.resize(rng.below(victim.bytes.size()));  // a torn sector
  } else {
    victim.bytes[rng.below(victim.bytes.size())] ^= static_cast<std::uint8_t>(1 << rng.below(8));
  }
  return true;
}

bool SimDisk::damage_store(base::Rng& rng) {
  if (chain_.empty()) return false;
  base::Bytes& victim = chain_[rng.below(chain_.size())].block;
  victim[rng.below(victim.size())] ^= static_cast<std::uint8_t>(1 << rng.below(8));
  return true;
}

DiskHealth SimDisk::health() const {
  for (std::size_t i = 0; i < sign_log_.size(); ++i) {
    if (mix(i, sign_log_[i].bytes) != sign_log_[i].seal) return DiskHealth::kSignLogDamaged;
  }
  for (const Finalized& one : chain_) {
    if (mix(0, one.block) != one.seal) return DiskHealth::kStoreDamaged;
  }
  return DiskHealth::kGood;
}

void SimDisk::store(const node::BlockToStore& block) {
  if (!heights_.contains(block.hash))
    unfinalized_.emplace(block.hash, Unfinalized{block.header.height, block.bytes});
}

bool SimDisk::commit(const node::CommittedBlock& block) {
  if (fails(Failing::kWrite)) return false;
  const ledger::Height height = this->height().next();
  PEERPAY_CHECK(block.block.header.height == height, "blocks commit in height order");
  for (const auto& transaction : block.block.transactions)
    transactions_.emplace(transaction.id, height);
  heights_.emplace(block.hash, height);
  std::erase_if(unfinalized_, [height](const auto& one) { return one.second.height <= height; });
  base::Bytes bytes = ledger::encode(block.block);
  const std::uint64_t seal = mix(0, bytes);
  chain_.push_back(
      {block.hash, block.block.header, std::move(bytes), seal, block.changes, block.certificate});
  return true;
}

void SimDisk::flush_state() {
  for (; state_height_.value < chain_.size(); state_height_ = state_height_.next()) {
    state_.apply(chain_[state_height_.value].changes);
  }
}

std::size_t SimDisk::crash(base::Rng& rng) {
  failing_ = Failing::kNothing;  // and the operator makes room
  const std::size_t before = sign_log_.size();
  sign_log_.resize(rng.between(sign_log_synced_, before));
  sign_log_synced_ = sign_log_.size();
  return before - sign_log_synced_;
}

void SimDisk::lose_sign_log() {
  sign_log_.clear();
  sign_log_synced_ = 0;
}

void SimDisk::begin_sign_log_anew() { compact({consensus::HistoryLost{}}); }

void SimDisk::lose_last_commit() {
  if (chain_.empty() || state_height_.value >= chain_.size()) return;
  heights_.erase(chain_.back().hash);
  for (const auto& transaction : decoded(chain_.back().block).transactions)
    transactions_.erase(transaction.id);
  chain_.pop_back();
}

ledger::Block SimDisk::decoded(const base::Bytes& bytes) const {
  auto block = ledger::decode_block(bytes);
  PEERPAY_CHECK(block.has_value(), "a stored block reads back");
  return std::move(block).value();
}

void SimDisk::replay(ledger::MemoryState& state) const {
  for (std::size_t i = state_height_.value; i < chain_.size(); ++i) {
    const ledger::BlockHeader& parent = i == 0 ? genesis_header_ : chain_[i - 1].header;
    ledger::Overlay overlay{state};
    const auto executed =
        ledger::execute_block(*genesis_, parent, decoded(chain_[i].block), overlay);
    PEERPAY_CHECK(executed.has_value(), "a finalized block executes again");
    state.apply(ledger::StateChanges{overlay.changes()});
  }
}

node::Bootstrap SimDisk::load() const {
  node::Bootstrap out;
  ledger::MemoryState accounts = state_;
  replay(accounts);
  out.state = ledger::CommittedState{std::move(accounts)};
  out.head = head();
  PEERPAY_CHECK(out.state.root() == out.head.state_root, "the state on disk is the head's");
  if (!chain_.empty()) out.finalization = chain_.back().certificate;
  for (const auto& [hash, one] : unfinalized_) out.unfinalized.push_back(decoded(one.bytes));
  for (const Sealed& record : sign_log_) out.journal.push_back(decoded_record(record.bytes));
  return out;
}

const ledger::BlockHeader& SimDisk::head() const {
  return chain_.empty() ? genesis_header_ : chain_.back().header;
}

ledger::BlockHash SimDisk::hash_at(ledger::Height height) const {
  PEERPAY_CHECK(height <= this->height(), "only what is finalized has a hash by height");
  return height.value == 0 ? ledger::block_hash(genesis_header_) : chain_[height.value - 1].hash;
}

std::optional<ledger::Height> SimDisk::find(const ledger::TransactionId& id) const {
  const auto found = transactions_.find(id);
  if (found == transactions_.end()) return std::nullopt;
  return found->second;
}

std::optional<ledger::Block> SimDisk::block(const ledger::BlockHash& hash) const {
  if (const auto height = heights_.find(hash); height != heights_.end()) {
    return decoded(chain_[height->second.value - 1].block);
  }
  const auto body = unfinalized_.find(hash);
  if (body == unfinalized_.end()) return std::nullopt;
  return decoded(body->second.bytes);
}

node::SyncBatch SimDisk::sync_batch(ledger::Height from, std::size_t blocks_max) const {
  PEERPAY_CHECK(blocks_max <= node::kSyncBlocksMax, "a batch that the receiver would refuse");
  node::SyncBatch out;
  if (from.value == 0) return out;
  std::size_t bytes = 0;
  std::size_t certified = 0;
  for (std::size_t i = from.value - 1; i < chain_.size() && out.blocks.size() < blocks_max; ++i) {
    bytes += chain_[i].block.size();
    if (!out.blocks.empty() && bytes > kSyncBatchBytesMax) break;
    out.blocks.push_back(decoded(chain_[i].block));
    if (chain_[i].certificate) {
      out.certificate = chain_[i].certificate;
      certified = out.blocks.size();
    }
  }
  if (certified > 0) out.blocks.resize(certified);
  return out;
}

}  // namespace peerpay::sim
