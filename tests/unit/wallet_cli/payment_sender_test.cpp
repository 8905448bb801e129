// The rules of sending (spec: wallet W8 to W13), against a node that stalls, forgets, refuses and
// loses answers. The promise behind them: one order is never paid twice by accident.

#include "wallet/cli/payment_sender.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.h"
#include "tests/unit/wallet_cli/practice_client.h"

namespace peerpay::wallet::cli {
namespace {

using ledger::test::kEur;
using ledger::test::test_account;
using ledger::test::test_key;
using test::Mood;
using Attempt = PaymentSender::Attempt;

constexpr base::Duration kWait = base::seconds(3);
constexpr base::Duration kValidity = base::seconds(120);

class Sending : public testing::Test {
 protected:
  Sending() { EXPECT_TRUE(home_.create().has_value()); }

  static PaymentOrder order(std::uint64_t units = 500) {
    return {.sender = test_account(0),
            .payee = {.account = test_account(1), .tag = std::nullopt},
            .asset = kEur,
            .amount = ledger::Amount{units},
            .reference = {},
            .memo = {}};
  }

  OutboxEntry recorded(const PaymentOrder& wanted) {
    const auto prepared = sender_.prepare(wanted, kValidity);
    EXPECT_TRUE(prepared.has_value()) << prepared.error().message;
    auto sealed = sign_payment(network_.chain, prepared->transaction, test_key(0), base::Bytes(32));
    const auto entry = sender_.record(std::move(sealed));
    EXPECT_TRUE(entry.has_value());
    return *entry;
  }

  // What `peerpay send` does up to its output: resume the same payment, or make a new one.
  Result<FinalPayment> send_untold(const PaymentOrder& wanted) {
    const auto entries = outbox_.entries();
    EXPECT_TRUE(entries.has_value());
    if (const auto* same = find_same(*entries, wanted)) {
      return sender_.finish(*same, Attempt::kResumed, kWait);
    }
    const auto applied = sender_.applied_before(wanted);
    if (!applied) return base::Unexpected{applied.error()};
    if (*applied) return sender_.finish(**applied, Attempt::kResumed, kWait);
    const auto prepared = sender_.prepare(wanted, kValidity);
    if (!prepared) return base::Unexpected{prepared.error()};
    auto sealed = sign_payment(network_.chain, prepared->transaction, test_key(0), base::Bytes(32));
    const auto entry = sender_.record(std::move(sealed));
    if (!entry) return base::Unexpected{entry.error()};
    return sender_.finish(*entry, Attempt::kFirst, kWait);
  }
  // And with it.
  Result<FinalPayment> send(const PaymentOrder& wanted) { return told(send_untold(wanted)); }
  Result<FinalPayment> told(Result<FinalPayment> paid) {
    if (paid) {
      EXPECT_TRUE(outbox_.settle(paid->entry, {.end = PaymentEnd::kFinal, .code = {}, .height = {}})
                      .has_value());
    }
    return paid;
  }

  void expect_failure(const Result<FinalPayment>& result, ExitCode exit, std::string_view code) {
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().exit, exit) << result.error().message;
    EXPECT_EQ(result.error().code, code) << result.error().message;
  }

  static void expect_unknown(const Result<PaymentSender::Review>& review) {
    ASSERT_FALSE(review.has_value());
    EXPECT_EQ(review.error().exit, ExitCode::kPending) << review.error().message;
    EXPECT_EQ(review.error().code, "pending");
    EXPECT_NE(review.error().next.find("peerpay resume"), std::string::npos);
  }

  std::size_t pending() const { return outbox_.entries()->size(); }
  std::uint64_t paid_out() const {
    return node_.balance(test_account(1), kEur).units() - 1'000'000;
  }
  void expire(const OutboxEntry& entry) {
    node_.set_ledger_time({entry.transaction.transaction.body.valid_until.value + 1});
  }

  peerpay::test::TemporaryDirectory directory_;
  WalletHome home_{directory_.file("wallet")};
  test::PracticeNode node_;
  PracticeClient client_{node_};
  PracticeClock clock_;
  Network network_{node_.genesis(), node_.chain()};
  Outbox outbox_{home_, network_.chain};
  PaymentSender sender_{client_, outbox_, network_, clock_.pace()};
};

TEST_F(Sending, PaysAndClosesTheOutbox) {
  const auto paid = send(order());
  ASSERT_TRUE(paid.has_value()) << paid.error().message;
  EXPECT_EQ(paid->finality.height, ledger::Height{1});
  EXPECT_EQ(paid_out(), 500U);
  EXPECT_EQ(pending(), 0U);
  const auto record = outbox_.find(paid->entry.transaction.id);
  ASSERT_TRUE(record.has_value() && record->has_value());
  EXPECT_EQ((*record)->state, "final");
}

TEST_F(Sending, TheSameOrderAfterSuccessIsANewPayment) {
  ASSERT_TRUE(send(order()).has_value());
  ASSERT_TRUE(send(order()).has_value());
  EXPECT_EQ(paid_out(), 1000U);
}

TEST_F(Sending, IsDurableBeforeTheFirstByteLeaves) {
  bool was_durable = false;
  client_.before_each = [&] {
    if (node_.distinct_submissions() == 0) was_durable = pending() == 1;
  };
  const auto entry = recorded(order());
  ASSERT_TRUE(sender_.finish(entry, Attempt::kFirst, kWait).has_value());
  EXPECT_TRUE(was_durable);
}

TEST_F(Sending, LostAnswersEndInOnePayment) {
  const auto entry = recorded(order());
  client_.line = Line::kLosesAnswers;
  const auto lost = sender_.finish(entry, Attempt::kFirst, kWait);
  expect_failure(lost, ExitCode::kPending, "pending");
  EXPECT_EQ(node_.payments_applied(), 1U);  // it did arrive
  client_.line = Line::kUp;
  ASSERT_TRUE(send(order()).has_value());
  EXPECT_EQ(node_.payments_applied(), 1U);
  EXPECT_EQ(paid_out(), 500U);
  EXPECT_EQ(pending(), 0U);
}

TEST_F(Sending, AnInterruptedSendResumesWithTheSameBytes) {
  const auto entry = recorded(order());  // and the process dies here
  ASSERT_TRUE(send(order()).has_value());
  EXPECT_EQ(node_.distinct_submissions(), 1U);
  EXPECT_EQ(paid_out(), 500U);
  EXPECT_TRUE(node_.receipt(entry.transaction.id).has_value());
}

TEST_F(Sending, AnotherOrderIsNotTheSamePayment) {
  (void)recorded(order(500));
  ASSERT_TRUE(send(order(501)).has_value());
  EXPECT_EQ(paid_out(), 501U);
  EXPECT_EQ(pending(), 1U);
}

TEST_F(Sending, StaysPendingWhileNoBlockHoldsIt) {
  node_.mood = Mood::kHold;
  expect_failure(send(order()), ExitCode::kPending, "pending");
  expect_failure(send(order()), ExitCode::kPending, "pending");
  EXPECT_EQ(node_.distinct_submissions(), 1U);
  node_.release_held();
  ASSERT_TRUE(send(order()).has_value());
  EXPECT_EQ(paid_out(), 500U);
}

TEST_F(Sending, SubmitsAgainWhenTheNodeHasForgotten) {
  node_.mood = Mood::kForget;
  int requests = 0;
  client_.before_each = [&] {
    if (++requests == 5) node_.mood = Mood::kHonest;
  };
  ASSERT_TRUE(send(order()).has_value());
  EXPECT_EQ(node_.distinct_submissions(), 1U);
}

TEST_F(Sending, WaitsForABusyNodeWithTheSameBytes) {
  node_.mood = Mood::kBusy;
  expect_failure(send(order()), ExitCode::kPending, "pending");
  node_.mood = Mood::kHonest;
  ASSERT_TRUE(send(order()).has_value());
  EXPECT_EQ(node_.distinct_submissions(), 1U);
}

// What was admitted was passed on, so that no refusal afterwards is an end.
TEST_F(Sending, ARefusalAfterAdmissionIsNoEnd) {
  node_.mood = Mood::kDisown;
  expect_failure(send(order()), ExitCode::kPending, "pending");
  EXPECT_FALSE((*outbox_.entries())[0].refused_code.has_value());
  node_.release_held();
  ASSERT_TRUE(send(order()).has_value());
  EXPECT_EQ(paid_out(), 500U);
}

TEST_F(Sending, SubmitsAgainWhatANodeEvicted) {
  node_.mood = Mood::kEvict;
  int requests = 0;
  client_.before_each = [&] {
    if (++requests == 6) node_.mood = Mood::kHonest;
  };
  ASSERT_TRUE(send(order()).has_value());
  EXPECT_EQ(node_.distinct_submissions(), 1U);
  EXPECT_EQ(paid_out(), 500U);
}

// Elsewhere it may be applied any moment, and here too once the money is back.
TEST_F(Sending, ARefusalForNowAfterAnEvictionIsTriedAgain) {
  node_.mood = Mood::kEvict;
  int requests = 0;
  client_.before_each = [&] {
    ++requests;
    if (requests == 4) node_.mood = Mood::kRefuseFunds;
    if (requests == 8) node_.mood = Mood::kHonest;
  };
  const auto paid = send(order());
  ASSERT_TRUE(paid.has_value()) << paid.error().message;
  EXPECT_EQ(node_.distinct_submissions(), 1U);
  EXPECT_EQ(paid_out(), 500U);
}

// Another node, whose clock is right, may still apply it.
TEST_F(Sending, TooLateByTheNodesClockIsNoEnd) {
  node_.mood = Mood::kLate;
  expect_failure(send(order()), ExitCode::kPending, "pending");
  expect_failure(send(order()), ExitCode::kPending, "pending");
  EXPECT_FALSE((*outbox_.entries())[0].refused_code.has_value());
  node_.mood = Mood::kHonest;
  ASSERT_TRUE(send(order()).has_value());
  EXPECT_EQ(node_.distinct_submissions(), 1U);
  EXPECT_EQ(paid_out(), 500U);
}

TEST_F(Sending, ExpiredMeansNeverApplied) {
  const auto entry = recorded(order());
  expire(entry);
  expect_failure(send(order()), ExitCode::kExpired, "expired");
  EXPECT_EQ(pending(), 0U);
  EXPECT_EQ(paid_out(), 0U);
  EXPECT_EQ((*outbox_.find(entry.transaction.id))->state, "expired");
}

TEST_F(Sending, AFinalPaymentIsFinalAlsoAfterItsTimeLimit) {
  const auto entry = recorded(order());
  client_.line = Line::kLosesAnswers;
  (void)sender_.finish(entry, Attempt::kFirst, kWait);
  client_.line = Line::kUp;
  expire(entry);
  ASSERT_TRUE(send(order()).has_value());
  EXPECT_EQ(paid_out(), 500U);
}

TEST_F(Sending, ARefusalForNowLeavesItsNonceToTheNextPayment) {
  node_.mood = Mood::kRefuseFunds;
  expect_failure(send(order(500)), ExitCode::kRefused, "funds_insufficient");
  ASSERT_EQ(pending(), 1U);
  const auto refused = (*outbox_.entries())[0];

  node_.mood = Mood::kHonest;
  const auto paid = send(order(700));
  ASSERT_TRUE(paid.has_value()) << paid.error().message;
  EXPECT_EQ(paid->entry.transaction.transaction.body.nonce,
            refused.transaction.transaction.body.nonce);
  // Whoever kept the refused bytes can't use them any more.
  EXPECT_EQ(node_.submit(refused.transaction.bytes).result, ledger::TransactionResult::kNonceUsed);
  EXPECT_EQ(paid_out(), 700U);
}

// That costs several calls, which the answer does not wait for.
TEST_F(Sending, WhatAFinalPaymentReplacedIsClosedByTheNextOne) {
  node_.mood = Mood::kRefuseFunds;
  expect_failure(send(order(500)), ExitCode::kRefused, "funds_insufficient");
  const auto refused = (*outbox_.entries())[0];
  node_.mood = Mood::kHonest;
  const auto entry = recorded(order(700));
  int requests = 0;
  client_.before_each = [&] { ++requests; };
  ASSERT_TRUE(told(sender_.finish(entry, Attempt::kFirst, kWait)).has_value());
  EXPECT_EQ(requests, 1);
  EXPECT_EQ(pending(), 1U);
  ASSERT_TRUE(send(order(1)).has_value());
  EXPECT_EQ(pending(), 0U);
  EXPECT_EQ((*outbox_.find(refused.transaction.id))->state, "replaced");
}

// Anybody can pay to the account as often as they like: that must not stop its payments for ever.
TEST_F(Sending, WhatWasReplacedIsClosedAlsoWhenTheHistoryHasGrownLong) {
  node_.mood = Mood::kRefuseFunds;
  expect_failure(send(order(500)), ExitCode::kRefused, "funds_insufficient");
  const auto refused = (*outbox_.entries())[0];
  node_.mood = Mood::kHonest;
  ASSERT_TRUE(send(order(700)).has_value());
  client_.history_page_entries_max = 1;
  for (std::uint64_t nonce = 1; nonce <= 16; ++nonce) {
    const auto body = build_payment(network_.genesis,
                                    {.sender = test_account(1),
                                     .payee = {.account = test_account(0), .tag = std::nullopt},
                                     .asset = kEur,
                                     .amount = ledger::Amount{1},
                                     .reference = {},
                                     .memo = {}},
                                    {.nonce = {nonce}, .valid_until = {1'800'000'000'000}});
    ASSERT_TRUE(body.has_value());
    (void)node_.submit(sign_payment(network_.chain, *body, test_key(1), base::Bytes(32)).bytes);
  }
  ASSERT_EQ(node_.payments_applied(), 17U);
  const auto paid = send(order(1));
  ASSERT_TRUE(paid.has_value()) << paid.error().message;
  EXPECT_EQ(pending(), 0U);
  EXPECT_EQ((*outbox_.find(refused.transaction.id))->state, "replaced");
}

TEST_F(Sending, RepeatingARefusedOrderPaysOnce) {
  node_.mood = Mood::kRefuseFunds;
  expect_failure(send(order()), ExitCode::kRefused, "funds_insufficient");
  const auto refused = (*outbox_.entries())[0];
  node_.mood = Mood::kHonest;
  ASSERT_TRUE(send(order()).has_value());
  (void)node_.submit(refused.transaction.bytes);
  EXPECT_EQ(paid_out(), 500U);
}

// Its own bytes are of no use any more, so the order is signed anew, with the same nonce.
TEST_F(Sending, ARefusedOrderThatHasExpiredIsPaidAnew) {
  node_.mood = Mood::kRefuseFunds;
  expect_failure(send(order()), ExitCode::kRefused, "funds_insufficient");
  const auto refused = (*outbox_.entries())[0];
  expire(refused);
  node_.mood = Mood::kHonest;
  const auto paid = send(order());
  ASSERT_TRUE(paid.has_value()) << paid.error().message;
  EXPECT_EQ(paid->entry.transaction.transaction.body.nonce,
            refused.transaction.transaction.body.nonce);
  EXPECT_EQ(paid_out(), 500U);
}

TEST_F(Sending, AUsedNonceMayBeThisVeryPayment) {
  const auto entry = recorded(order());
  client_.line = Line::kLosesAnswers;
  (void)sender_.finish(entry, Attempt::kFirst, kWait);
  client_.line = Line::kUp;
  node_.mood = Mood::kNoIndex;
  const auto paid = send(order());
  ASSERT_TRUE(paid.has_value()) << paid.error().message;
  EXPECT_EQ(paid->entry.transaction.id, entry.transaction.id);
  EXPECT_EQ(paid_out(), 500U);
}

TEST_F(Sending, SaysSoWhenTheRefusedPaymentWasAppliedAfterAll) {
  node_.mood = Mood::kRefuseFunds;
  expect_failure(send(order(500)), ExitCode::kRefused, "funds_insufficient");
  const auto refused = (*outbox_.entries())[0];
  node_.mood = Mood::kHonest;
  const auto second = recorded(order(700));
  (void)node_.submit(refused.transaction.bytes);  // the node had lied and passed it on
  const auto result = sender_.finish(second, Attempt::kFirst, kWait);
  expect_failure(result, ExitCode::kRefused, "earlier_payment_applied");
  EXPECT_EQ(paid_out(), 500U);
  // The one that was applied waits to be told.
  ASSERT_EQ(pending(), 1U);
  EXPECT_EQ((*outbox_.entries())[0].transaction.id, refused.transaction.id);
}

TEST_F(Sending, ARefusalForNowIsNoEndWhenAnEarlierAttemptMayBeOnItsWay) {
  node_.mood = Mood::kHold;
  expect_failure(send(order()), ExitCode::kPending, "pending");
  node_.mood = Mood::kRefuseFunds;
  expect_failure(send(order()), ExitCode::kPending, "pending");
  EXPECT_FALSE((*outbox_.entries())[0].refused_code.has_value());
  node_.release_held();
  ASSERT_TRUE(send(order()).has_value());
  EXPECT_EQ(paid_out(), 500U);
}

TEST_F(Sending, ANonceTakenByAnotherWalletIsSaidWithCare) {
  const auto entry = recorded(order(500));
  auto other = entry.transaction.transaction.body;
  std::get<ledger::Pay>(other.operations[0]).amount = ledger::Amount{600};
  (void)node_.submit(sign_payment(network_.chain, other, test_key(0), base::Bytes(32)).bytes);
  expect_failure(send(order(500)), ExitCode::kRefused, "nonce_used");
  EXPECT_EQ(paid_out(), 600U);
}

TEST_F(Sending, PendingPaymentsDoNotBlockOthersOrShareNonces) {
  const auto first = recorded(order(1));
  const auto second = recorded(order(2));
  EXPECT_NE(first.transaction.transaction.body.nonce, second.transaction.transaction.body.nonce);
  ASSERT_TRUE(send(order(3)).has_value());
  ASSERT_TRUE(send(order(2)).has_value());
  ASSERT_TRUE(send(order(1)).has_value());
  EXPECT_EQ(paid_out(), 6U);
}

TEST_F(Sending, RefusesBeforeSigningWhatTheBalanceDoesNotCover) {
  const auto prepared = sender_.prepare(order(1'000'000), kValidity);  // the fee is missing
  ASSERT_FALSE(prepared.has_value());
  EXPECT_EQ(prepared.error().exit, ExitCode::kRefused);
  EXPECT_EQ(prepared.error().code, "funds_insufficient");
  auto stranger = order();
  stranger.sender = test_account(50);
  EXPECT_EQ(sender_.prepare(stranger, kValidity).error().code, "sender_unknown");
}

TEST_F(Sending, NothingIsValidAfterTheMomentThatThePayeeNames) {
  const base::UnixMillis soon{1'700'000'030'000};  // the clock starts 30 s before
  const auto prepared = sender_.prepare(order(), kValidity, soon);
  ASSERT_TRUE(prepared.has_value());
  EXPECT_EQ(prepared->transaction.valid_until, soon);
  const base::UnixMillis later{1'700'000'900'000};
  EXPECT_LT(sender_.prepare(order(), kValidity, later)->transaction.valid_until, later);
  node_.set_ledger_time(soon);
  const auto late = sender_.prepare(order(), kValidity, soon);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().exit, ExitCode::kRefused);
  EXPECT_EQ(late.error().code, "request_expired");
}

TEST_F(Sending, AnUnreachableNodeBeforeSigningIsANetworkError) {
  client_.line = Line::kDown;
  expect_failure(send(order()), ExitCode::kNetwork, "node_unreachable");
  EXPECT_EQ(pending(), 0U);
}

TEST_F(Sending, ReviewClosesRefusedPaymentsOnlyWithCertainty) {
  node_.mood = Mood::kRefuseFunds;
  (void)send(order());
  const auto refused = (*outbox_.entries())[0];
  const auto open = sender_.review(refused);
  ASSERT_TRUE(open.has_value());
  EXPECT_FALSE(open->end.has_value());
  expire(refused);
  node_.is_proving = false;
  expect_unknown(sender_.review(refused));
  node_.is_proving = true;
  EXPECT_EQ(sender_.review(refused)->end, PaymentEnd::kExpired);
  EXPECT_EQ(pending(), 0U);
}

// After the first question the node is gone: that is no second refusal.
TEST_F(Sending, ReviewSaysNothingAboutAPaymentWhenTheNodeFallsSilent) {
  node_.mood = Mood::kRefuseFunds;
  (void)send(order());
  const auto refused = (*outbox_.entries())[0];
  for (const int answered : {0, 1}) {
    int requests = 0;
    client_.before_each = [&] { client_.line = requests++ < answered ? Line::kUp : Line::kDown; };
    expect_unknown(sender_.review(refused));
    EXPECT_EQ(pending(), 1U);
  }
}

// The third question, which payment used the nonce, and the fourth, its receipt.
TEST_F(Sending, ReviewSaysNothingWhenOnlyHalfOfAnEndIsTold) {
  node_.mood = Mood::kRefuseFunds;
  (void)send(order());
  const auto refused = (*outbox_.entries())[0];
  auto other = refused.transaction.transaction.body;
  std::get<ledger::Pay>(other.operations[0]).amount = ledger::Amount{600};
  node_.mood = Mood::kHonest;
  (void)node_.submit(sign_payment(network_.chain, other, test_key(0), base::Bytes(32)).bytes);
  for (const int answered : {2, 3}) {
    int requests = 0;
    client_.before_each = [&] { client_.line = requests++ < answered ? Line::kUp : Line::kDown; };
    expect_unknown(sender_.review(refused));
  }
  client_.before_each = {};
  client_.line = Line::kUp;
  EXPECT_EQ(sender_.review(refused)->end, PaymentEnd::kReplaced);
}

TEST_F(Sending, ARefusedPaymentWhoseRequestIsOverMayHaveBeenMade) {
  const base::UnixMillis latest{1'700'000'030'000};  // the clock starts 30 s before
  node_.mood = Mood::kRefuseFunds;
  (void)send(order());
  clock_.pace().sleep(base::seconds(60));  // the ledger's time stands still
  const auto late = sender_.prepare(order(), kValidity, latest);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().exit, ExitCode::kPending);
  EXPECT_EQ(late.error().message.find("Nothing was paid"), std::string::npos)
      << late.error().message;
  EXPECT_EQ(sender_.prepare(order(1), kValidity, latest).error().code, "request_expired");
}

// It shares its nonce with the next one, so a node that proves nothing does not stop all sending.
TEST_F(Sending, ARefusedOrderIsPaidAnewAlsoWhenItsExpiryIsNotProved) {
  node_.mood = Mood::kRefuseFunds;
  (void)send(order());
  const auto refused = (*outbox_.entries())[0];
  expire(refused);
  node_.mood = Mood::kHonest;
  node_.is_proving = false;
  const auto paid = send(order());
  ASSERT_TRUE(paid.has_value()) << paid.error().message;
  EXPECT_EQ(paid->entry.transaction.transaction.body.nonce,
            refused.transaction.transaction.body.nonce);
}

// Nobody was told yet, so a crash here must not make the same command a new payment.
TEST_F(Sending, AFinalPaymentIsFinalAgainUntilItWasTold) {
  const auto paid = send_untold(order());
  ASSERT_TRUE(paid.has_value());
  const auto again = send(order());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->entry.transaction.id, paid->entry.transaction.id);
  EXPECT_EQ(paid_out(), 500U);
}

TEST_F(Sending, ExpiredIsBelievedWithAProofOnly) {
  const auto entry = recorded(order());
  expire(entry);
  node_.is_proving = false;
  expect_failure(send(order()), ExitCode::kPending, "pending");
  EXPECT_EQ(pending(), 1U);
  node_.is_proving = true;
  expect_failure(send(order()), ExitCode::kExpired, "expired");
}

// The node has the bytes and says that nobody can use them any more.
TEST_F(Sending, ANodeThatLiesAboutExpiryDoesNotMakeASecondPayment) {
  node_.mood = Mood::kSayExpired;
  expect_failure(send(order()), ExitCode::kPending, "pending");
  const auto entry = (*outbox_.entries())[0];
  node_.mood = Mood::kHonest;
  (void)node_.submit(entry.transaction.bytes);
  ASSERT_TRUE(send(order()).has_value());
  EXPECT_EQ(node_.distinct_submissions(), 1U);
  EXPECT_EQ(paid_out(), 500U);
}

TEST_F(Sending, ExpiredIsNotBelievedOfAPaymentThatWasApplied) {
  const auto entry = recorded(order());
  (void)node_.submit(entry.transaction.bytes);
  expire(entry);
  node_.mood = Mood::kNoIndex;  // its answer to the same bytes is "expired"
  const auto paid = send(order());
  ASSERT_TRUE(paid.has_value()) << paid.error().message;
  EXPECT_EQ(paid->entry.transaction.id, entry.transaction.id);
  EXPECT_EQ(paid->finality.height, ledger::Height{1});
}

TEST_F(Sending, AUsedNonceWithoutAProofIsNoEnd) {
  const auto entry = recorded(order());
  (void)node_.submit(entry.transaction.bytes);
  node_.mood = Mood::kNoIndex;
  node_.is_proving = false;
  expect_failure(sender_.finish(entry, Attempt::kResumed, kWait), ExitCode::kPending, "pending");
  node_.is_proving = true;
  node_.is_giving_receipts = false;
  expect_failure(sender_.finish(entry, Attempt::kResumed, kWait), ExitCode::kPending, "pending");
  EXPECT_EQ(pending(), 1U);
  node_.is_giving_receipts = true;
  ASSERT_TRUE(send(order()).has_value());
  EXPECT_EQ(paid_out(), 500U);
}

// Whatever the reason, a refusal is a node's word: the next attempt shares the nonce.
TEST_F(Sending, ARefusalForEverIsNoProof) {
  node_.mood = Mood::kRefuseEver;
  expect_failure(send(order()), ExitCode::kRefused, "malformed");
  const auto refused = (*outbox_.entries())[0];
  node_.mood = Mood::kHonest;
  ASSERT_TRUE(send(order()).has_value());
  (void)node_.submit(refused.transaction.bytes);
  EXPECT_EQ(paid_out(), 500U);
}

TEST_F(Sending, ARefusedPaymentThatWasAppliedIsNotPaidAgain) {
  node_.mood = Mood::kRefuseFunds;
  expect_failure(send(order()), ExitCode::kRefused, "funds_insufficient");
  const auto refused = (*outbox_.entries())[0];
  node_.mood = Mood::kHonest;
  (void)node_.submit(refused.transaction.bytes);  // the node had lied and passed it on
  const auto paid = send(order());
  ASSERT_TRUE(paid.has_value()) << paid.error().message;
  EXPECT_EQ(paid->entry.transaction.id, refused.transaction.id);
  EXPECT_EQ(paid_out(), 500U);
  EXPECT_EQ(pending(), 0U);
}

TEST_F(Sending, NothingIsSignedWhileTheEndOfARefusedPaymentIsUnknown) {
  node_.mood = Mood::kRefuseFunds;
  expect_failure(send(order(500)), ExitCode::kRefused, "funds_insufficient");
  const auto refused = (*outbox_.entries())[0];
  auto other = refused.transaction.transaction.body;
  std::get<ledger::Pay>(other.operations[0]).amount = ledger::Amount{600};
  node_.mood = Mood::kHonest;
  (void)node_.submit(sign_payment(network_.chain, other, test_key(0), base::Bytes(32)).bytes);
  node_.is_giving_receipts = false;
  expect_failure(send(order(500)), ExitCode::kPending, "pending");
  expect_failure(send(order(700)), ExitCode::kPending, "pending");
  EXPECT_EQ(pending(), 1U);
  node_.is_giving_receipts = true;  // it was another wallet's payment
  ASSERT_TRUE(send(order(500)).has_value());
  EXPECT_EQ((*outbox_.find(refused.transaction.id))->state, "replaced");
}

TEST_F(Sending, AnotherOrderIsToldOfARefusedPaymentThatWasApplied) {
  node_.mood = Mood::kRefuseFunds;
  expect_failure(send(order(500)), ExitCode::kRefused, "funds_insufficient");
  const auto refused = (*outbox_.entries())[0];
  node_.mood = Mood::kHonest;
  (void)node_.submit(refused.transaction.bytes);
  expect_failure(send(order(400)), ExitCode::kRefused, "earlier_payment_applied");
  EXPECT_EQ(sender_.review(refused)->end, PaymentEnd::kFinal);
  EXPECT_EQ(paid_out(), 500U);
}

// Its nonce is with another order that is under way: any other nonce could pay it twice.
TEST_F(Sending, ARefusedOrderKeepsToItsNonce) {
  node_.mood = Mood::kRefuseFunds;
  expect_failure(send(order(500)), ExitCode::kRefused, "funds_insufficient");
  const auto refused = (*outbox_.entries())[0];
  node_.mood = Mood::kHold;
  expect_failure(send(order(700)), ExitCode::kPending, "pending");
  const auto again = send(order(500));
  expect_failure(again, ExitCode::kPending, "pending");
  EXPECT_NE(again.error().message.find("another payment under way shares its nonce"),
            std::string::npos)
      << again.error().message;
  EXPECT_EQ(pending(), 2U);
  node_.mood = Mood::kHonest;
  (void)node_.submit(refused.transaction.bytes);
  ASSERT_TRUE(send(order(500)).has_value());
  EXPECT_EQ(paid_out(), 500U);
}

}  // namespace
}  // namespace peerpay::wallet::cli
