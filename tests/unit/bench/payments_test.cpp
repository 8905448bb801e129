#include "bench/payments.h"

#include <gtest/gtest.h>

#include <set>

#include "base/bytes.h"
#include "ledger/apply.h"
#include "ledger/limits.h"

namespace peerpay::bench {
namespace {

PaymentTerms terms() {
  PaymentTerms out;
  out.chain.bytes[0] = 7;
  out.nonce_first = {5};
  out.valid_until = {1'000};
  return out;
}

TEST(Accounts, AreTheSameInEveryRun) {
  const Accounts few{2};
  const Accounts more{3};
  EXPECT_EQ(few.id(0), more.id(0));
  EXPECT_EQ(few.id(1), more.id(1));
  EXPECT_NE(more.id(1), more.id(2));
  // Pinned: the addresses that a load funds today are those that an audit knows tomorrow.
  EXPECT_EQ(base::to_hex(few.id(0).view()),
            "d130701418e316ce781243257eb954621528f592fcab4790f4c22203b7dcb60f");
}

TEST(Payments, AreSignedAndTakeTurns) {
  const Accounts accounts{3};
  for (std::uint64_t number = 0; number < 9; ++number) {
    const auto payment = make_payment(accounts, terms(), number);
    const auto& body = payment.transaction.body;
    EXPECT_EQ(ledger::verify_signatures(payment), ledger::TransactionResult::kApplied);
    EXPECT_EQ(body.sender, accounts.id(number % 3));
    EXPECT_EQ(body.nonce, (ledger::Nonce{5 + number / 3}));
    EXPECT_NE(std::get<ledger::Pay>(body.operations[0]).payee, body.sender);
  }
}

TEST(Accounts, BeyondThePayersArePointsWithoutAKey) {
  const Accounts accounts{kPayersMax + 3};
  EXPECT_EQ(accounts.size(), kPayersMax + 3);
  EXPECT_EQ(accounts.payers(), kPayersMax);
  std::set<ledger::AccountId> distinct;
  for (std::size_t i = kPayersMax - 1; i < accounts.size(); ++i) {
    EXPECT_TRUE(crypto::is_valid(crypto::PublicKey{accounts.id(i).bytes}));
    distinct.insert(accounts.id(i));
  }
  EXPECT_EQ(distinct.size(), 4u);
  const auto payment = make_payment(accounts, terms(), kPayersMax + 1);
  EXPECT_EQ(payment.transaction.body.sender, accounts.id(1));
  EXPECT_EQ(payment.transaction.body.nonce, ledger::Nonce{6});
}

TEST(Payments, HaveTheShapeThatWasAskedFor) {
  const Accounts accounts{5};
  auto asked = terms();
  asked.shape = {.legs = 3, .payload_bytes = ledger::kMemoBytesMax + 10, .hot_percent = 100};
  ASSERT_FALSE(asked.shape.invalid_reason());
  for (std::uint64_t number = 0; number < 5; ++number) {
    const auto payment = make_payment(accounts, asked, number);
    EXPECT_EQ(ledger::check_static(payment), ledger::TransactionResult::kApplied);
    const auto& legs = payment.transaction.body.operations;
    ASSERT_EQ(legs.size(), 3u);
    const std::size_t memos[] = {ledger::kMemoBytesMax, 10, 0};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto& leg = std::get<ledger::Pay>(legs[i]);
      EXPECT_EQ(leg.memo.size(), memos[i]);
      if (number != 4) {
        EXPECT_EQ(leg.payee, accounts.id(4));
      } else {
        EXPECT_NE(leg.payee, accounts.id(4));  // who is hot pays the others
      }
    }
  }
}

TEST(Payments, GoToTheHotAccountAsOftenAsAsked) {
  constexpr std::uint64_t kPayments = 2'000;
  const Accounts accounts{100};
  auto asked = terms();
  asked.shape.hot_percent = 30;
  std::uint64_t hot = 0;
  for (std::uint64_t number = 0; number < kPayments; ++number) {
    const auto payment = make_payment(accounts, asked, number);
    hot += std::get<ledger::Pay>(payment.transaction.body.operations[0]).payee == accounts.id(99);
  }
  EXPECT_NEAR(static_cast<double>(hot), 0.307 * kPayments, 80);  // 1 % of the others, too
}

TEST(PaymentShape, RefusesWhatTheLedgerDoesNotKnow) {
  EXPECT_FALSE(PaymentShape{}.invalid_reason());
  EXPECT_FALSE((PaymentShape{.legs = 4, .payload_bytes = 1'024}.invalid_reason()));
  EXPECT_EQ((PaymentShape{.payload_bytes = 1'024}.invalid_reason()),
            "A memo takes 256 bytes at most, so 1024 bytes of payload need at least 4 legs.");
  EXPECT_TRUE((PaymentShape{.legs = 0}.invalid_reason()));
  EXPECT_TRUE((PaymentShape{.legs = ledger::kOperationsMax + 1}.invalid_reason()));
  EXPECT_TRUE((PaymentShape{.hot_percent = 101}.invalid_reason()));
}

TEST(Payments, AreTheSameInEveryRun) {
  const Accounts accounts{10};
  EXPECT_EQ(prepare_payments(accounts, terms(), 40), prepare_payments(accounts, terms(), 40));
}

}  // namespace
}  // namespace peerpay::bench
