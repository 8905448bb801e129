#include "wallet/derivation.h"

#include <gtest/gtest.h>

#include "tests/unit/wallet/bip32_vectors.h"
#include "wallet/secret.h"

namespace peerpay::wallet {
namespace {

TEST(Derivation, MatchesThePublishedVectors) {
  ASSERT_EQ(bip32_vectors().size(), 12U);
  for (const auto& vector : bip32_vectors()) {
    const auto seed = base::from_hex(vector.seed);
    ASSERT_TRUE(seed.has_value());
    const auto key = derive(*seed, vector.path);
    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(secret_text(xprv(*key)), vector.xprv) << path_text(vector.path);
  }
}

TEST(Derivation, AccountsAreHardenedAtEveryLevel) {
  for (const auto number : account_path(ledger::NetworkKind::kMain, 7)) {
    EXPECT_NE(number & kHardened, 0U);
  }
  EXPECT_EQ(path_text(account_path(ledger::NetworkKind::kTest, 0)), "m/44'/1'/0'");
  EXPECT_EQ(path_text(account_path(ledger::NetworkKind::kMain, 3)), "m/44'/1885693298'/3'");
}

TEST(Derivation, NetworksAndAccountsHaveTheirOwnKeys) {
  const base::Bytes seed(64, 0x42);
  const auto first = account_key(seed, ledger::NetworkKind::kTest, 0);
  const auto second = account_key(seed, ledger::NetworkKind::kTest, 1);
  const auto main_first = account_key(seed, ledger::NetworkKind::kMain, 0);
  ASSERT_TRUE(first && second && main_first);
  EXPECT_NE(first->public_key(), second->public_key());
  EXPECT_NE(first->public_key(), main_first->public_key());
}

TEST(Derivation, StopsBelowDepth255) {
  auto key = master_key(base::Bytes(32, 1));
  ASSERT_TRUE(key.has_value());
  key->depth = 255;
  EXPECT_FALSE(child_key(*key, 0).has_value());
}

}  // namespace
}  // namespace peerpay::wallet
