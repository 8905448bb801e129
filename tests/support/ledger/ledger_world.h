#pragma once
// A small world for tests of the ledger: keys, a genesis, and payments in one line.

#include <cstdint>
#include <vector>

#include "crypto/keys.h"
#include "ledger/apply.h"
#include "ledger/genesis.h"
#include "ledger/state.h"
#include "ledger/state_tree.h"
#include "ledger/transaction.h"

namespace peerpay::ledger::test {

// The assets of test_genesis.
inline constexpr AssetId kEur{0};  // scale 2, fee 2
inline constexpr AssetId kUsd{1};  // scale 2, fee 0
inline constexpr AssetId kXau{2};  // scale 6, fee 7
inline constexpr AssetId kNoAsset{3};

// Key number n is the scalar n + 1, so every number names the same key on every run.
[[nodiscard]] crypto::SecretKey test_key(std::uint32_t number);
[[nodiscard]] AccountId test_account(std::uint32_t number);
// An id that is the x coordinate of no point.
[[nodiscard]] AccountId invalid_account(std::uint8_t number);

// Four validators (keys 100 to 103) that earn to accounts 200 to 203; accounts 0 to 9 with
// 1,000,000 units of each asset; valid by invalid_reason().
[[nodiscard]] Genesis test_genesis();

struct Leg {
  AccountId payee;
  std::uint64_t units = 0;
  AssetId asset = kEur;
};
// Offers what `genesis` asks, in kEur, valid for ever.
[[nodiscard]] Transaction payment(const Genesis& genesis, const AccountId& sender, Nonce nonce,
                                  const std::vector<Leg>& legs);

// As many zero signatures as the transaction needs: for rules that do not look at them.
[[nodiscard]] SealedTransaction sealed(const ChainId& chain, Transaction body);
[[nodiscard]] SealedTransaction signed_by(const ChainId& chain, Transaction body,
                                          const std::vector<std::uint32_t>& keys);

// The whole state, ascending by id.
[[nodiscard]] StateChanges records_of(const MemoryState& state);

// The ledger of one node, as node/core drives it but without consensus: state, tree, newest header.
class LedgerWorld {
 public:
  explicit LedgerWorld(Genesis genesis = test_genesis());

  [[nodiscard]] const Network& network() const { return network_; }
  [[nodiscard]] const Genesis& genesis() const { return network_.genesis; }
  [[nodiscard]] const ChainId& chain() const { return tip_.chain; }
  [[nodiscard]] const BlockHeader& tip() const { return tip_; }
  [[nodiscard]] const MemoryState& state() const { return state_; }
  [[nodiscard]] const StateTree& tree() const { return tree_; }
  [[nodiscard]] StateTree::Version version() const { return version_; }

  // What a proposer makes of `candidates`: those that apply, in order. Does not change the world.
  [[nodiscard]] Block propose(const std::vector<SealedTransaction>& candidates,
                              std::uint32_t proposer = 0);
  // Executes as a verifier, compares the state root and takes the block over.
  [[nodiscard]] base::Expected<ExecutedBlock, BlockError> accept(const Block& block);

 private:
  Network network_;
  MemoryState state_;
  StateTree tree_;
  StateTree::Version version_;
  BlockHeader tip_;
};

}  // namespace peerpay::ledger::test
