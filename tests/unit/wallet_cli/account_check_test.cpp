#include "wallet/cli/account_check.h"

#include <gtest/gtest.h>

#include "ledger/block.h"
#include "tests/unit/wallet_cli/paid_network.h"

namespace peerpay::wallet::cli {
namespace {

using ledger::test::test_account;

class AccountCheck : public testing::Test {
 protected:
  AccountCheck() { proof_ = proof_of(test_account(0)); }

  proto::AccountProof proof_of(const ledger::AccountId& account) const {
    return *node_.account({.account = account, .with_proof = true}).proof;
  }
  std::optional<CheckedAccount> check(const proto::AccountProof& proof) const {
    return check_account(network_, test_account(0), proof);
  }
  // A block on top of the proved one, and its finalization.
  void extend(proto::AccountProof& proof, std::uint64_t heights) const {
    auto header = *ledger::decode_block_header(proof.headers.back());
    header.parent = block_hash(header);
    header.height.value += heights;
    header.view += 1;
    proof.headers.push_back(encode(header));
    proof.certificate =
        test::certificate_of(network_.genesis, header, consensus::VoteKind::kFinalize);
  }

  PaidNetwork paid_{{3}};
  test::PracticeNode& node_ = paid_.node;
  const Network& network_ = paid_.network;
  proto::AccountProof proof_;
};

TEST_F(AccountCheck, SaysWhichNoncesAreUsedAndWhen) {
  const auto checked = check(proof_);
  ASSERT_TRUE(checked.has_value());
  EXPECT_EQ(checked->nonces, (ledger::NonceWindow{.highest = 3, .below = 0}));
  EXPECT_EQ(checked->timestamp, node_.ledger_time());
}

TEST_F(AccountCheck, WhoHasNoRecordHasUsedNoNonce) {
  const auto stranger = test_account(50);
  const auto checked = check_account(network_, stranger, proof_of(stranger));
  ASSERT_TRUE(checked.has_value());
  EXPECT_EQ(checked->nonces, ledger::NonceWindow{});
}

TEST_F(AccountCheck, NobodyHasUsedANonceInTheGenesis) {
  const test::PracticeNode fresh;
  const auto proof = *fresh.account({.account = test_account(0), .with_proof = true}).proof;
  ASSERT_TRUE(proof.certificate.empty());
  const auto checked = check(proof);
  ASSERT_TRUE(checked.has_value());
  EXPECT_EQ(checked->nonces, ledger::NonceWindow{});
  EXPECT_EQ(checked->timestamp, network_.genesis.timestamp);
  auto later = *ledger::decode_block_header(proof.headers[0]);
  later.timestamp.value += 1;
  EXPECT_FALSE(check({proof.proof, {encode(later)}, {}}).has_value());
}

TEST_F(AccountCheck, IsOfTheAccountThatWasAskedFor) {
  EXPECT_FALSE(check(proof_of(test_account(1))).has_value());
}

TEST_F(AccountCheck, NoByteCanChange) {
  for (auto* part : {&proof_.proof, &proof_.headers.front(), &proof_.certificate}) {
    for (auto& byte : *part) {
      byte ^= 1;
      EXPECT_FALSE(check(proof_).has_value());
      byte ^= 1;
    }
  }
  EXPECT_TRUE(check(proof_).has_value());
}

TEST_F(AccountCheck, DescendantsLinkTheStateToTheCertificate) {
  auto linked = proof_;
  extend(linked, 1);
  EXPECT_TRUE(check(linked).has_value());
  auto skipping = proof_;
  extend(skipping, 2);
  EXPECT_FALSE(check(skipping).has_value());
  auto unlinked = linked;
  unlinked.headers.erase(unlinked.headers.begin());
  unlinked.headers.insert(unlinked.headers.begin(), encode(ledger::BlockHeader{}));
  EXPECT_FALSE(check(unlinked).has_value());
}

TEST_F(AccountCheck, ANotarizationOrNothingProvesNothing) {
  auto notarized = proof_;
  notarized.certificate =
      test::certificate_of(network_.genesis, *ledger::decode_block_header(proof_.headers[0]),
                           consensus::VoteKind::kNotarize);
  EXPECT_FALSE(check(notarized).has_value());
  auto bare = proof_;
  bare.certificate.clear();
  EXPECT_FALSE(check(bare).has_value());
  EXPECT_FALSE(check({}).has_value());
}

TEST_F(AccountCheck, NeedsTheNetworkItWasMadeOn) {
  auto other = network_.genesis;
  other.timestamp.value += 1;
  EXPECT_FALSE(
      check_account({other, ledger::chain_id(other)}, test_account(0), proof_).has_value());
}

}  // namespace
}  // namespace peerpay::wallet::cli
