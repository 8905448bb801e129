#include "ledger/state_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "base/rng.h"
#include "ledger/limits.h"
#include "tests/support/ledger/codec_check.h"
#include "tests/support/ledger/naive_state_tree.h"

namespace peerpay::ledger {
namespace {

AccountId numbered(std::uint64_t number) {
  AccountId id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

Account funded(std::uint64_t units) {
  Account account;
  account.set_balance({0}, Amount{units});
  return account;
}

StateChanges accounts_up_to(std::uint64_t count) {
  StateChanges out;
  for (std::uint64_t i = 0; i < count; ++i) out.emplace(numbered(i), funded(i + 1));
  return out;
}

TEST(StateTree, HasTheRootOfTheDefinition) {
  for (std::uint64_t count = 0; count <= 40; ++count) {
    StateTree tree;
    const auto accounts = accounts_up_to(count);
    const auto version = tree.update({}, accounts);
    EXPECT_EQ(tree.root(version), test::naive_state_root(accounts)) << count;
    EXPECT_EQ(tree.nodes_live(), count == 0 ? 0 : 2 * count - 1);
  }
}

TEST(StateTree, HasAFixedRootForThreeAccounts) {
  StateTree tree;
  EXPECT_EQ(base::to_hex(tree.root({}).view()),
            "e45a450b58b4d5882421dbe994e1e13bd2df0ac7e800ec850cd82d37a53f674b");
  const auto version = tree.update({}, accounts_up_to(3));
  EXPECT_EQ(base::to_hex(tree.root(version).view()),
            "7c176fe768f283550a5f03ce84cf18dd3b8db8fa8f5b336e81891aa67dc5f825");
}

// Random blocks on random parents: each version keeps its root until it is released, and the naive
// tree agrees with all of them.
TEST(StateTree, AgreesWithTheDefinitionOnEveryVersion) {
  struct Held {
    StateTree::Version version;
    StateChanges accounts;
  };
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    base::Rng rng{seed};
    StateTree tree;
    std::vector<Held> held{{}};
    for (int round = 0; round < 120; ++round) {
      const Held from = held[rng.below(held.size())];
      StateChanges changes;
      const std::uint64_t touched = rng.below(rng.chance(1, 8) ? 60 : 6);
      for (std::uint64_t i = 0; i < touched; ++i) {
        changes.insert_or_assign(numbered(rng.below(150)), funded(rng.between(1, 1000)));
      }
      Held next{tree.update(from.version, changes), from.accounts};
      for (const auto& [id, account] : changes) next.accounts.insert_or_assign(id, account);
      ASSERT_EQ(tree.root(next.version), test::naive_state_root(next.accounts)) << "seed " << seed;
      held.push_back(std::move(next));
      if (held.size() > 5) {
        const auto oldest = held.begin() + static_cast<std::ptrdiff_t>(rng.between(1, 4));
        tree.release(oldest->version);
        held.erase(oldest);
      }
      for (const auto& [version, accounts] : held) {
        ASSERT_EQ(tree.root(version), test::naive_state_root(accounts)) << "seed " << seed;
      }
    }
    for (const auto& [version, accounts] : held) tree.release(version);
    EXPECT_EQ(tree.nodes_live(), 0U);
  }
}

TEST(StateTree, DoesNotDependOnTheOrderOfInsertion) {
  const auto accounts = accounts_up_to(200);
  StateTree tree;
  const auto root = tree.root(tree.update({}, accounts));
  std::vector<AccountId> order;
  for (const auto& [id, account] : accounts) order.push_back(id);
  base::Rng rng{3};
  for (int run = 0; run < 5; ++run) {
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.below(i)]);
    StateTree::Version version;
    for (std::size_t i = 0; i < order.size();) {
      StateChanges batch;
      for (const std::size_t end = std::min(order.size(), i + rng.between(1, 30)); i < end; ++i) {
        batch.emplace(order[i], accounts.at(order[i]));
      }
      const auto next = tree.update(version, batch);
      tree.release(version);
      version = next;
    }
    EXPECT_EQ(tree.root(version), root);
    tree.release(version);
  }
}

// Thousands of nodes, whose places are used again, and many walks at once.
TEST(StateTree, ManyBlocksOfOldAndNewAccountsMakeTheTreeOfThemAll) {
  base::Rng rng{5};
  StateTree tree;
  StateTree::Version version;
  StateChanges accounts;
  for (int block = 0; block < 20; ++block) {
    StateChanges changes;
    for (int i = 0; i < 700; ++i)
      changes.insert_or_assign(numbered(rng.below(9'000)), funded(rng.between(1, 1000)));
    const auto next = tree.update(version, changes);
    tree.release(version);
    version = next;
    for (const auto& [id, account] : changes) accounts.insert_or_assign(id, account);
  }
  StateTree whole;
  EXPECT_EQ(tree.root(version), whole.root(whole.update({}, accounts)));
  EXPECT_EQ(tree.nodes_live(), 2 * accounts.size() - 1);
}

TEST(StateTree, SharesWhatDidNotChange) {
  StateTree tree;
  const auto first = tree.update({}, accounts_up_to(1000));
  const std::size_t before = tree.nodes_live();
  const auto second = tree.update(first, {{numbered(7), funded(99)}});
  EXPECT_LE(tree.nodes_live() - before, 30U);
  const auto same = tree.update(second, {});
  EXPECT_EQ(same, second);
  tree.release(same);
  tree.release(first);
  EXPECT_EQ(tree.nodes_live(), before);
  tree.release(second);
  EXPECT_EQ(tree.nodes_live(), 0U);
  tree.release({});
}

TEST(StateTree, IsBuiltAsItWouldHaveGrownInWhateverOrderItsPartsAre) {
  const auto backwards = [](std::size_t count, const std::function<void(std::size_t)>& work) {
    for (std::size_t i = count; i > 0; --i) work(i - 1);
  };
  for (const std::uint64_t count : {1, 2, 3, 100, 5000}) {
    MemoryState state;
    state.apply(accounts_up_to(count));
    StateTree grown;
    const auto root = grown.root(grown.update({}, accounts_up_to(count)));
    StateTree tree;
    tree.release(tree.update({}, accounts_up_to(10)));  // leaves free places
    const auto version = tree.build(state.accounts());
    EXPECT_EQ(version.root, root) << count;
    EXPECT_EQ(tree.build(state.accounts(), backwards).root, root) << count << ", a second version";
    EXPECT_EQ(tree.nodes_live(), 2 * (2 * count - 1));
    const StateChanges changes{{numbered(0), funded(7)}, {numbered(count), funded(8)}};
    const auto next = tree.update(version, changes);
    tree.release(version);
    auto accounts = accounts_up_to(count);
    for (const auto& [id, account] : changes) accounts.insert_or_assign(id, account);
    EXPECT_EQ(next.root, grown.root(grown.update({}, accounts))) << count;
    tree.release(next);
    EXPECT_EQ(tree.nodes_live(), 2 * count - 1);
  }
}

class StateProofs : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  StateProofs() {
    state_.apply(accounts_up_to(GetParam()));
    version_ = tree_.build(state_.accounts());
  }
  StateProof prove(std::uint64_t number) const {
    return tree_.prove(version_, numbered(number), state_);
  }
  ProvedAccount verify(std::uint64_t number, const StateProof& proof) const {
    return verify_state_proof(tree_.root(version_), numbered(number), proof);
  }

  StateTree tree_;
  MemoryState state_;
  StateTree::Version version_;
};

TEST_P(StateProofs, ProveWhatIsThereAndWhatIsNot) {
  for (std::uint64_t i = 0; i < GetParam() + 50; ++i) {
    const auto proof = prove(i);
    const auto proved = verify(i, proof);
    if (i < GetParam()) {
      ASSERT_EQ(proved.verdict, ProofVerdict::kPresent);
      EXPECT_EQ(proved.account, funded(i + 1));
    } else {
      EXPECT_EQ(proved.verdict, ProofVerdict::kAbsent);
      EXPECT_EQ(proved.account, std::nullopt);
    }
    const auto decoded = decode_state_proof(encode(proof));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, proof);
  }
}

TEST_P(StateProofs, NeverProveTheOppositeOfAnotherAccount) {
  const std::uint64_t count = GetParam();
  for (std::uint64_t proved = 0; proved < count + 10; ++proved) {
    const auto proof = prove(proved);
    for (std::uint64_t asked = 0; asked < count + 10; ++asked) {
      const auto verdict = verify(asked, proof).verdict;
      const auto truth = asked < count ? ProofVerdict::kPresent : ProofVerdict::kAbsent;
      EXPECT_TRUE(verdict == truth || verdict == ProofVerdict::kInvalid);
    }
  }
}

TEST_P(StateProofs, FailWithAnyBitFlipped) {
  for (const std::uint64_t number : {std::uint64_t{0}, GetParam() + 1}) {
    const auto bytes = encode(prove(number));
    EXPECT_EQ(test::codec_defect(bytes, decode_state_proof), "");
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      auto flipped = bytes;
      flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ (1U << (bit % 8)));
      const auto decoded = decode_state_proof(flipped);
      if (!decoded) continue;
      EXPECT_EQ(verify(number, *decoded).verdict, ProofVerdict::kInvalid) << "bit " << bit;
    }
  }
}

TEST_P(StateProofs, FailWithAStepMissingAddedOrMoved) {
  for (const std::uint64_t number : {std::uint64_t{0}, GetParam() + 1}) {
    const auto proof = prove(number);
    for (std::size_t i = 0; i < proof.steps.size(); ++i) {
      auto changed = proof;
      changed.steps.erase(changed.steps.begin() + static_cast<std::ptrdiff_t>(i));
      EXPECT_EQ(verify(number, changed).verdict, ProofVerdict::kInvalid);
      changed = proof;
      changed.steps.insert(changed.steps.begin() + static_cast<std::ptrdiff_t>(i), proof.steps[i]);
      EXPECT_EQ(verify(number, changed).verdict, ProofVerdict::kInvalid);
      if (i == 0) continue;
      changed = proof;
      std::swap(changed.steps[i - 1], changed.steps[i]);
      EXPECT_EQ(verify(number, changed).verdict, ProofVerdict::kInvalid);
    }
    if (!proof.leaf) continue;
    auto changed = proof;
    changed.leaf = std::nullopt;
    EXPECT_EQ(verify(number, changed).verdict, ProofVerdict::kInvalid);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, StateProofs, ::testing::Values(0, 1, 2, 3, 33));

TEST(StateProof, RefusesBitsOutOfRange) {
  StateTree tree;
  MemoryState state;
  state.apply(accounts_up_to(2));
  const auto version = tree.build(state.accounts());
  auto proof = tree.prove(version, numbered(0), state);
  ASSERT_EQ(proof.steps.size(), 1U);
  proof.steps[0].bit = kStatePathBits;
  EXPECT_EQ(verify_state_proof(tree.root(version), numbered(0), proof).verdict,
            ProofVerdict::kInvalid);
}

TEST(StateProof, RefusesMoreStepsThanAPathHasBits) {
  StateProof proof;
  proof.steps.resize(kStatePathBits + 1);
  const auto decoded = decode_state_proof(encode(proof));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error(), base::DecodeError::kTooLong);
}

}  // namespace
}  // namespace peerpay::ledger
