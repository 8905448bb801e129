// Waiting for the payment that answers a request, at nodes that stall, hide and make things up.

#include "wallet/cli/request_watch.h"

#include <gtest/gtest.h>

#include "tests/unit/wallet_cli/practice_client.h"

namespace peerpay::wallet::cli {
namespace {

using ledger::test::kEur;
using ledger::test::kUsd;
using ledger::test::test_account;
using ledger::test::test_key;

constexpr base::UnixMillis kExpiry{1'700'000'900'000};

class Watching : public testing::Test {
 protected:
  static PaymentOrder order() {
    return {.sender = test_account(0),
            .payee = {.account = test_account(1), .tag = 7},
            .asset = kEur,
            .amount = ledger::Amount{500},
            .reference = {'R', '-', '1'},
            .memo = {}};
  }

  ledger::TransactionId pay(const PaymentOrder& wanted) {
    const auto body = build_payment(network_.genesis, wanted,
                                    {.nonce = {++nonce_}, .valid_until = {1'800'000'000'000}});
    EXPECT_TRUE(body.has_value());
    const auto sealed = sign_payment(network_.chain, *body, test_key(0), base::Bytes(32));
    EXPECT_EQ(node_.submit(sealed.bytes).state, proto::TransactionState::kFinal);
    return sealed.id;
  }

  Result<ReceivedPayment> await(std::optional<base::Duration> wait = base::seconds(5)) {
    const auto wanted = order();
    return RequestWatch{client_,
                        network_,
                        {.payee = wanted.payee,
                         .asset = wanted.asset,
                         .amount = wanted.amount,
                         .reference = wanted.reference,
                         .expires_at = expires_at_},
                        clock_.pace()}
        .await(wait);
  }

  void expect_failure(const Result<ReceivedPayment>& result, ExitCode exit, std::string_view code) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().exit, exit) << result.error().message;
    EXPECT_EQ(result.error().code, code);
  }

  test::PracticeNode node_;
  Network network_{node_.genesis(), node_.chain()};
  PracticeClient client_{node_};
  PracticeClock clock_;
  base::UnixMillis expires_at_ = kExpiry;
  std::uint64_t nonce_ = 0;
};

TEST_F(Watching, FindsThePaymentAndWhoPaid) {
  const auto id = pay(order());
  const auto paid = await();
  ASSERT_TRUE(paid.has_value()) << paid.error().message;
  EXPECT_EQ(paid->id, id);
  EXPECT_EQ(paid->payer, test_account(0));
  EXPECT_EQ(paid->amount, ledger::Amount{500});
  EXPECT_EQ(paid->height, ledger::Height{1});
}

TEST_F(Watching, FindsAPaymentThatComesLaterAndAmongOthers) {
  std::size_t requests = 0;
  client_.before_each = [&] {
    auto other = order();
    other.reference = {'x'};
    if (++requests == 5 || requests == 9) pay(other);
    if (requests == 7) pay(order());
  };
  const auto paid = await();
  ASSERT_TRUE(paid.has_value()) << paid.error().message;
  EXPECT_EQ(paid->height, ledger::Height{2});
}

TEST_F(Watching, MoreThanTheAmountIsEnough) {
  auto more = order();
  more.amount = ledger::Amount{501};
  pay(more);
  EXPECT_EQ(await()->amount, ledger::Amount{501});
}

TEST_F(Watching, WhatIsDifferentDoesNotPayIt) {
  const auto pay_with = [&](const std::function<void(PaymentOrder&)>& change) {
    auto other = order();
    change(other);
    pay(other);
  };
  pay_with([](auto& other) { other.amount = ledger::Amount{499}; });
  pay_with([](auto& other) { other.asset = kUsd; });
  pay_with([](auto& other) { other.reference = {'R', '-', '2'}; });
  pay_with([](auto& other) { other.payee.tag = 8; });
  pay_with([](auto& other) { other.payee.tag = std::nullopt; });
  expect_failure(await(), ExitCode::kPending, "unpaid");
}

TEST_F(Watching, ExpiresByTheLedgersTime) {
  node_.set_ledger_time(kExpiry);
  expect_failure(await(), ExitCode::kPending, "unpaid");
  node_.set_ledger_time({kExpiry.value + 1});
  expect_failure(await(), ExitCode::kExpired, "expired_unpaid");
}

TEST_F(Watching, APaymentInTimeCountsAlsoWhenItIsFoundLate) {
  pay(order());
  node_.set_ledger_time({kExpiry.value + 1});
  EXPECT_TRUE(await().has_value());
}

TEST_F(Watching, APaymentInALaterBlockDoesNotCount) {
  pay(order());
  expires_at_ = {node_.ledger_time().value - 1};
  expect_failure(await(), ExitCode::kExpired, "expired_unpaid");
}

TEST_F(Watching, WithoutAReceiptNothingIsPaid) {
  pay(order());
  node_.is_giving_receipts = false;
  expect_failure(await(), ExitCode::kPending, "unknown");
  // Nor has it expired: the payment may be as the node says.
  node_.set_ledger_time({kExpiry.value + 1});
  expect_failure(await(), ExitCode::kPending, "unknown");
}

TEST_F(Watching, OutlivesANodeThatIsAwayForAWhile) {
  pay(order());
  std::size_t requests = 0;
  client_.before_each = [&] { client_.line = ++requests < 6 ? Line::kDown : Line::kUp; };
  EXPECT_TRUE(await().has_value());
}

// It may be paid: nobody said that it is not.
TEST_F(Watching, SilenceIsNotUnpaid) {
  std::size_t requests = 0;
  client_.before_each = [&] { client_.line = ++requests < 6 ? Line::kUp : Line::kDown; };
  const auto lost = await(std::nullopt);
  expect_failure(lost, ExitCode::kPending, "unknown");
  EXPECT_NE(lost.error().message.find("The line is down."), std::string::npos);
}

// What came since the last look is more than a look reads, so that it may hide the payment.
TEST_F(Watching, WhatCouldNotBeReadIsNotUnpaid) {
  client_.history_page_entries_max = 1;
  auto other = order();
  other.reference = {'x'};
  pay(other);
  std::size_t requests = 0;
  client_.before_each = [&] {
    if (++requests != 3) return;
    pay(order());
    for (int i = 0; i < 16; ++i) pay(other);
    node_.set_ledger_time({kExpiry.value + 1});
  };
  expect_failure(await(), ExitCode::kPending, "unknown");
}

TEST_F(Watching, AsksPolitely) {
  std::size_t requests = 0;
  client_.before_each = [&] { ++requests; };
  expect_failure(await(base::seconds(10)), ExitCode::kPending, "unpaid");
  EXPECT_LE(requests, 23U);  // one look at the history, and two questions a second
}

}  // namespace
}  // namespace peerpay::wallet::cli
