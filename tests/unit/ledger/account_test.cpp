#include "ledger/account.h"

#include <gtest/gtest.h>

#include <set>

#include "base/rng.h"
#include "ledger/limits.h"
#include "tests/support/ledger/codec_check.h"

namespace peerpay::ledger {
namespace {

using base::DecodeError;
using enum TransactionResult;

TEST(NonceWindow, AcceptsEachNonceOnceInAnyOrder) {
  NonceWindow window;
  for (const auto nonce : {3UL, 1UL, 2UL, 67UL, 4UL}) {
    EXPECT_EQ(window.check({nonce}), kApplied) << nonce;
    window.use({nonce});
    EXPECT_EQ(window.check({nonce}), kNonceUsed) << nonce;
  }
}

TEST(NonceWindow, EndsSixtyFourBelowTheHighest) {
  NonceWindow window;
  window.use({100});
  EXPECT_EQ(window.check({36}), kApplied);
  EXPECT_EQ(window.check({35}), kNonceTooOld);
  window.use({36});
  EXPECT_EQ(window.check({36}), kNonceUsed);
  window.use({101});
  EXPECT_EQ(window.check({36}), kNonceTooOld);
}

TEST(NonceWindow, ReachesUpToItsLimit) {
  NonceWindow window;
  EXPECT_EQ(window.check({0}), kNonceZero);
  EXPECT_EQ(window.check({kNonceAheadMax}), kApplied);
  EXPECT_EQ(window.check({kNonceAheadMax + 1}), kNonceTooFarAhead);
  window.highest = UINT64_MAX;
  EXPECT_EQ(window.check({UINT64_MAX}), kNonceUsed);
  EXPECT_EQ(window.check({UINT64_MAX - 1}), kApplied);
}

TEST(NonceWindow, KeepsTheMarkOfTheOldHighestExactlySixtyFourSteps) {
  for (const auto steps : {1UL, 63UL, 64UL, 65UL, 1000UL}) {
    NonceWindow window;
    window.use({5});
    window.use({5 + steps});
    EXPECT_EQ(window.check({5}), steps <= kNonceWindow ? kNonceUsed : kNonceTooOld) << steps;
  }
}

// Against the definition: a set of all nonces ever used.
TEST(NonceWindow, AgreesWithASetOfAllNonces) {
  base::Rng rng{7};
  for (int run = 0; run < 50; ++run) {
    NonceWindow window;
    std::set<std::uint64_t> used;
    for (int i = 0; i < 400; ++i) {
      const std::uint64_t low = window.highest > 80 ? window.highest - 80 : 1;
      const std::uint64_t reach = rng.chance(1, 20) ? 70'000 : 20;
      const std::uint64_t nonce = rng.between(low, window.highest + reach);
      TransactionResult expected = kApplied;
      if (nonce + 64 < window.highest) {
        expected = kNonceTooOld;
      } else if (used.contains(nonce)) {
        expected = kNonceUsed;
      } else if (nonce > window.highest + 65'536) {
        expected = kNonceTooFarAhead;
      }
      ASSERT_EQ(window.check({nonce}), expected) << nonce << " at " << window.highest;
      if (expected != kApplied) continue;
      window.use({nonce});
      used.insert(nonce);
    }
  }
}

TEST(Account, HoldsBalancesInOrderAndNoZeros) {
  Account account;
  account.set_balance({5}, Amount{50});
  account.set_balance({1}, Amount{10});
  account.set_balance({3}, Amount{30});
  account.set_balance({3}, Amount{0});
  account.set_balance({2}, Amount{0});
  account.set_balance({1}, Amount{11});
  const Balances expected{{{1}, Amount{11}}, {{5}, Amount{50}}};
  EXPECT_EQ(account.balances(), expected);
  EXPECT_EQ(account.balance({5}), Amount{50});
  EXPECT_EQ(account.balance({3}), Amount{0});
}

Account sample() {
  Account account;
  account.nonces = {70, 0x8000000000000001};
  account.set_balance({0}, Amount{1250});
  account.set_balance({7}, Amount{UINT64_MAX});
  return account;
}

TEST(AccountCodec, HasTheDocumentedBytes) {
  EXPECT_EQ(base::to_hex(encode(sample())),
            "4600000000000000"
            "0100000000000080"
            "02"
            "00000000e204000000000000"
            "07000000ffffffffffffffff");
  EXPECT_EQ(base::to_hex(encode(Account{})), "0000000000000000000000000000000000");
}

TEST(AccountCodec, IsStrict) {
  EXPECT_EQ(test::codec_defect(encode(sample()), decode_account), "");
  EXPECT_EQ(test::codec_defect(encode(Account{}), decode_account), "");
}

DecodeError error_of(const char* hex) {
  const auto decoded = decode_account(*base::from_hex(hex));
  EXPECT_FALSE(decoded) << hex;
  return decoded ? DecodeError{} : decoded.error();
}

TEST(AccountCodec, RefusesBalancesThatAreNotCanonical) {
  const std::string head = "46000000000000000000000000000000";
  const std::string one = "010000000100000000000000";
  const std::string two = "020000000100000000000000";
  const std::string zero = "030000000000000000000000";
  EXPECT_EQ(error_of((head + "02" + two + one).c_str()), DecodeError::kNotCanonical);
  EXPECT_EQ(error_of((head + "02" + one + one).c_str()), DecodeError::kNotCanonical);
  EXPECT_EQ(error_of((head + "02" + one + zero).c_str()), DecodeError::kNotCanonical);
}

TEST(AccountCodec, RefusesMarksOfNoncesThatDoNotExist) {
  EXPECT_EQ(error_of("0000000000000000010000000000000000"), DecodeError::kValueInvalid);
  EXPECT_EQ(error_of("0100000000000000010000000000000000"), DecodeError::kValueInvalid);
  EXPECT_EQ(error_of("0200000000000000020000000000000000"), DecodeError::kValueInvalid);
  EXPECT_EQ(error_of("4000000000000000000000000000008000"), DecodeError::kValueInvalid);
  EXPECT_TRUE(decode_account(*base::from_hex("0200000000000000010000000000000000")));
  EXPECT_TRUE(decode_account(*base::from_hex("4100000000000000000000000000008000")));
}

TEST(AccountCodec, ChecksTheCountBeforeItAllocates) {
  const std::string head = "46000000000000000000000000000000";
  EXPECT_EQ(error_of((head + "ffffffff0f").c_str()), DecodeError::kTooLong);
  EXPECT_EQ(error_of((head + "8108").c_str()), DecodeError::kTooLong);    // 1025
  EXPECT_EQ(error_of((head + "8008").c_str()), DecodeError::kTruncated);  // 1024 and no bytes
}

}  // namespace
}  // namespace peerpay::ledger
