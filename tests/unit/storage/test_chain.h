#pragma once
// TestChain: a chain of real blocks and what a store must say about each of them afterwards.

#include <memory>
#include <string>
#include <vector>

#include "node/storage/recovery.h"
#include "node/storage/store.h"
#include "tests/support/ledger/ledger_world.h"
#include "tests/support/temporary_directory.h"

namespace peerpay::storage::test {

// Of the program storage_writer, each with one payment.
inline constexpr std::size_t kWriterBlocks = 200;

enum class Certified { kNo, kYes };

struct ChainBlock {
  ledger::Block block;
  ledger::BlockHash hash;
  std::vector<ledger::Outcome> outcomes;
  ledger::StateChanges changes;
  std::optional<consensus::Certificate> certificate;

  FinalizedBlock finalized() const {
    return {block, hash, outcomes, changes, certificate ? &*certificate : nullptr};
  }
};

[[nodiscard]] consensus::Certificate finalization_of(const ledger::BlockHeader& header);

class TestChain {
 public:
  // The next block: `payments` of one unit from account 0 to account 1 each.
  const ChainBlock& extend(std::size_t payments = 2, Certified certified = Certified::kYes);
  const ChainBlock& extend_with(const std::vector<ledger::SealedTransaction>& transactions,
                                Certified certified = Certified::kYes);
  // Another block that could stand where the next one will.
  [[nodiscard]] ledger::Block sibling();
  [[nodiscard]] ledger::SealedTransaction pay(std::uint32_t payer, std::uint32_t payee);

  // Block number `height`, from 1.
  const ChainBlock& at(std::uint64_t height) const { return blocks_.at(height - 1); }
  std::uint64_t height() const { return blocks_.size(); }
  const ledger::test::LedgerWorld& world() const { return world_; }
  const ledger::Network& network() const { return world_.network(); }
  const ledger::Genesis& genesis() const { return world_.genesis(); }

 private:
  ledger::test::LedgerWorld world_;
  std::vector<ChainBlock> blocks_;
  std::uint64_t nonce_ = 0;
};

// A store in a directory of its own, and copies of it as a kill would leave them.
class StoreFixture {
 public:
  explicit StoreFixture(const ledger::Network& network) : network_{network} {}

  [[nodiscard]] std::string path() const { return directory_.file("chain"); }
  [[nodiscard]] const ledger::Network& network() const { return network_; }
  // Opened and recovered; fails the test when it can't be.
  [[nodiscard]] std::unique_ptr<Store> open() { return open_at(path()); }
  [[nodiscard]] std::unique_ptr<Store> open_at(const std::string& path);
  // A copy of all files as they are now.
  [[nodiscard]] std::string snapshot();
  [[nodiscard]] std::string copy_of(const std::string& path);

 private:
  const ledger::Network& network_;
  peerpay::test::TemporaryDirectory directory_;
  int copies_ = 0;
};

// Empty when the store at `path` holds a prefix of `chain` that ends at `head`, read in every way,
// and recovers to the state that the chain commits to; else what is wrong.
[[nodiscard]] std::string defect(const std::string& path, const TestChain& chain,
                                 std::uint64_t head);

// The same of a store that is open and was not recovered yet; it is, afterwards.
[[nodiscard]] std::string content_defect(Store& store, const TestChain& chain, std::uint64_t head);

// Length of the prefix of `chain` that the store at `path` holds, or -1 when it refuses with
// kCorrupt or kIo on opening, recovering or reading. Fails the test on anything else.
[[nodiscard]] int sound_prefix(const std::string& path, const TestChain& chain);

}  // namespace peerpay::storage::test
