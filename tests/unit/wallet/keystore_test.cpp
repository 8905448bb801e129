#include "wallet/keystore.h"

#include <gtest/gtest.h>

#include <string>

#include "wallet/derivation.h"
#include "wallet/mnemonic.h"
#include "wallet/secret.h"

namespace peerpay::wallet {
namespace {

constexpr std::string_view kText =
    "peerpay-wallet 1\n"
    "# Whoever reads this can spend the money. The words alone restore every \"account\" line.\n"
    "network: test\n"
    "mnemonic: legal winner thank year wave sausage worth useful legal winner thank yellow\n"
    "account: main m/44'/1'/0'\n"
    "key: faucet 0000000000000000000000000000000000000000000000000000000000000001\n"
    "account: shop m/44'/1'/4'\n";

std::string without(std::string_view part) {
  std::string out{kText};
  const auto at = out.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return out.erase(at, part.size());
}

std::string with(std::string_view line) { return std::string{kText} + std::string{line} + "\n"; }

std::string error_of(std::string_view text) {
  const auto parsed = parse_keystore(text);
  return parsed.has_value() ? "accepted" : parsed.error();
}

TEST(Keystore, TextIsItsOwnCanonicalForm) {
  const auto parsed = parse_keystore(kText);
  ASSERT_TRUE(parsed.has_value()) << parsed.error();
  EXPECT_EQ(secret_text(encode(*parsed)), kText);
}

TEST(Keystore, FindsEntriesAndTheNextAccountNumber) {
  const auto parsed = parse_keystore(kText);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_NE((*parsed).entry("faucet"), nullptr);
  EXPECT_EQ((*parsed).entry("nobody"), nullptr);
  EXPECT_EQ((*parsed).next_account_number(), 5U);
}

TEST(Keystore, KeysAreThoseOfTheWordsAndThePaths) {
  const auto parsed = parse_keystore(kText);
  ASSERT_TRUE(parsed.has_value());
  const auto accounts = public_accounts(*parsed);
  ASSERT_EQ(accounts.size(), 3U);
  const auto seed = seed_from_mnemonic((*parsed).mnemonic);
  const auto main_key = account_key(seed.view(), ledger::NetworkKind::kTest, 0);
  const auto shop_key = account_key(seed.view(), ledger::NetworkKind::kTest, 4);
  EXPECT_EQ(accounts[0].id, ledger::account_of(main_key->public_key()));
  EXPECT_EQ(accounts[0].origin, "m/44'/1'/0'");
  EXPECT_EQ(accounts[2].id, ledger::account_of(shop_key->public_key()));
  // The generator of secp256k1 is the public key of the secret key 1.
  EXPECT_EQ(base::to_hex(accounts[1].id.view()),
            "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
  EXPECT_EQ(accounts[1].origin, "imported");
}

TEST(Keystore, SaysWhichLineIsWrongAndNothingMore) {
  EXPECT_EQ(error_of(""), "The keystore is empty.");
  EXPECT_EQ(error_of(without("network: test\n")),
            "Line 4 of the keystore: the network must be named before the accounts.");
  EXPECT_EQ(error_of("peerpay-wallet 2\n"),
            "Line 1 of the keystore: \"peerpay-wallet 1\" is expected: this is no keystore of this "
            "version.");
  EXPECT_EQ(error_of(with("note")), "Line 8 of the keystore: \"name: value\" is expected.");
  EXPECT_EQ(error_of(with("colour: red")),
            "Line 8 of the keystore: the field is not known to this version.");
  EXPECT_EQ(error_of(with("network: test")), "Line 8 of the keystore: the network is named twice.");
  EXPECT_EQ(error_of(with("account: main m/44'/1'/9'")),
            "Line 8 of the keystore: the name is used twice.");
  EXPECT_EQ(error_of(with("account: Main m/44'/1'/9'")),
            "Line 8 of the keystore: the name is not allowed.");
}

TEST(Keystore, RefusesPathsOfOtherNetworksAndForms) {
  for (const auto* path : {"m/44'/0'/1'", "m/44'/1'/1", "m/44'/1'/01'", "m/44'/1'/1000'",
                           "m/44'/1'/'", "m/44'/1'/-1'", "m/44'/1'/1'/0", ""}) {
    EXPECT_EQ(error_of(with("account: other " + std::string{path})),
              "Line 8 of the keystore: the path is not an account of this network.")
        << path;
  }
}

TEST(Keystore, RefusesKeysThatAreNone) {
  const std::string zero(64, '0');
  const std::string order_of_the_group =
      "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
  for (const auto& key : {zero, order_of_the_group, std::string{"01"}, std::string(64, 'g')}) {
    const auto error = error_of(with("key: other " + key));
    EXPECT_EQ(error,
              "Line 8 of the keystore: the key is not 64 hexadecimal digits of a valid key.");
  }
}

TEST(Keystore, NeedsWords) {
  EXPECT_EQ(error_of("peerpay-wallet 1\nnetwork: test\n"), "The keystore holds no recovery words.");
  EXPECT_EQ(error_of("peerpay-wallet 1\n"), "The keystore names no network.");
}

TEST(AccountName, IsShortAndPlain) {
  for (const auto* name : {"main", "a", "0", "my-shop_2"}) EXPECT_TRUE(is_account_name(name));
  for (const auto* name : {"", "-a", "_a", "Main", "a b", "a/b", "ä", ".."}) {
    EXPECT_FALSE(is_account_name(name)) << name;
  }
  EXPECT_TRUE(is_account_name(std::string(kAccountNameLengthMax, 'a')));
  EXPECT_FALSE(is_account_name(std::string(kAccountNameLengthMax + 1, 'a')));
}

}  // namespace
}  // namespace peerpay::wallet
