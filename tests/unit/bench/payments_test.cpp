#include "bench/payments.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "base/bytes.h"

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

TEST(Payments, AreTheSameInEveryRun) {
  const Accounts accounts{10};
  EXPECT_EQ(prepare_payments(accounts, terms(), 40), prepare_payments(accounts, terms(), 40));
}

TEST(ForEachParallel, DoesEachOnce) {
  constexpr std::size_t kCount = 1'000;
  std::vector<std::atomic<int>> times(kCount);
  for_each_parallel(kCount, [&](std::size_t i) { ++times[i]; });
  for (const auto& count : times) EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace peerpay::bench
