#include "node/app/submissions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <optional>

#include "ledger/limits.h"
#include "node/app/finality.h"
#include "node/core/replica.h"
#include "node/net/forgery_watch.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::app {
namespace {

using ledger::TransactionResult;
using proto::Retry;
using proto::TransactionState;

constexpr std::chrono::seconds kPatience{30};

// A core and a store that say what the test tells them to.
struct SubmissionsTest : ::testing::Test {
  ~SubmissionsTest() override { pool.stop(); }

  Submissions::Ports ports() {
    return {[this](node::Event event) { take(std::move(event)); },
            [this](Submissions::Ids ids, auto found) {
              pool.post(Urgency::kBlock, [this, ids = std::move(ids), found] {
                Submissions::Ids out;
                for (const auto& id : ids) {
                  if (pending.contains(id)) out.insert(id);
                }
                found(out);
              });
            },
            [this](const proto::TransactionQuery& query) { return look_up(query); },
            [this] { return base::TimePoint{now_us}; }};
  }
  void take(node::Event event) {
    for (const auto& one : std::get<node::TransactionsSubmitted>(event).submissions) {
      const node::SubmissionReply reply{one.token, one.transaction.id, admission, result};
      if (!answers) {
        unanswered.push_back(reply);
      } else {
        submissions.reply(reply);
      }
    }
  }
  net::Answer<proto::TransactionStatus> look_up(const proto::TransactionQuery& query) const {
    if (look_up_error) return base::Unexpected{*look_up_error};
    proto::TransactionStatus out;
    out.id = query.id;
    if (applied.contains(query.id)) out.state = TransactionState::kFinal;
    if (query.valid_until && *query.valid_until < ledger_time)
      out = refused_status(query.id, TransactionResult::kExpired);
    return out;
  }

  ledger::SealedTransaction payment(base::UnixMillis valid_until = base::UnixMillis{5'000}) {
    auto body = ledger::test::payment(world.genesis(), ledger::test::test_account(0),
                                      ledger::Nonce{++nonce}, {{ledger::test::test_account(1), 1}});
    body.valid_until = valid_until;
    return ledger::test::signed_by(world.chain(), std::move(body), {0});
  }
  std::future<net::Answer<std::vector<proto::TransactionStatus>>> submit(
      std::vector<base::Bytes> transactions, const std::string& host = "a") {
    std::vector<proto::Submission> out;
    out.reserve(transactions.size());
    for (auto& bytes : transactions) out.push_back({std::move(bytes), std::nullopt, 0});
    auto promise =
        std::make_shared<std::promise<net::Answer<std::vector<proto::TransactionStatus>>>>();
    submissions.submit({.host = host, .connection = host + ":1"}, std::move(out),
                       [promise](auto answer) { promise->set_value(std::move(answer)); });
    return promise->get_future();
  }
  proto::TransactionStatus answer_to(const ledger::SealedTransaction& transaction) {
    auto answer = submit({transaction.bytes});
    if (answer.wait_for(kPatience) != std::future_status::ready) {
      ADD_FAILURE() << "no answer";
      return {};
    }
    return answer.get()->front();
  }

  ledger::test::LedgerWorld world;
  std::uint64_t nonce = 0;
  node::Admission admission = node::Admission::kAdmitted;
  TransactionResult result = TransactionResult::kApplied;
  bool answers = true;
  std::vector<node::SubmissionReply> unanswered;
  Submissions::Ids pending;
  Submissions::Ids applied;
  base::UnixMillis ledger_time{1'000};
  std::optional<net::QueryError> look_up_error;
  std::atomic<std::int64_t> now_us = 0;

  VerdictCache verdicts{1024};
  KeyCache keys{16, 1};
  HeldCertificates certificates{node::consensus_context(world.chain()), std::nullopt, 1024};
  WorkerPool pool{1};
  Ingress ingress{world.network(), pool, {verdicts, keys, certificates}, {}};
  Submissions submissions{ingress, pool, ports()};
};

TEST_F(SubmissionsTest, WhatIsAdmittedIsPending) {
  const auto transaction = payment();
  const auto status = answer_to(transaction);
  EXPECT_EQ(status.id, transaction.id);
  EXPECT_EQ(status.state, TransactionState::kPending);
}

TEST_F(SubmissionsTest, WhatIsNoTransactionIsRefusedForEver) {
  auto answer = submit({base::Bytes{1, 2, 3}});
  ASSERT_EQ(answer.wait_for(kPatience), std::future_status::ready);
  const auto status = answer.get()->front();
  EXPECT_EQ(status.state, TransactionState::kRejected);
  EXPECT_EQ(status.result, TransactionResult::kMalformed);
  EXPECT_EQ(status.retry, Retry::kNever);
}

TEST_F(SubmissionsTest, LateByThisClockAloneIsNoVerdict) {
  admission = node::Admission::kRefused;
  result = TransactionResult::kExpired;
  const auto status = answer_to(payment());
  EXPECT_EQ(status.state, TransactionState::kRejected);
  EXPECT_EQ(status.retry, Retry::kSameBytes);
  EXPECT_EQ(status.code, "late_by_this_clock");
  EXPECT_FALSE(status.result) << "a payer who reads 'expired' pays again";
}

TEST_F(SubmissionsTest, LateByTheLedgersTimeIsExpired) {
  admission = node::Admission::kRefused;
  result = TransactionResult::kExpired;
  ledger_time = base::UnixMillis{5'001};
  const auto status = answer_to(payment());
  EXPECT_EQ(status.state, TransactionState::kExpired);
  EXPECT_EQ(status.result, TransactionResult::kExpired);
}

TEST_F(SubmissionsTest, LateButHeldHereIsPending) {
  admission = node::Admission::kRefused;
  result = TransactionResult::kExpired;
  const auto transaction = payment();
  pending.insert(transaction.id);
  EXPECT_EQ(answer_to(transaction).state, TransactionState::kPending);
}

TEST_F(SubmissionsTest, WhatWasAppliedBeforeIsFinal) {
  admission = node::Admission::kRefused;
  result = TransactionResult::kNonceUsed;
  const auto transaction = payment();
  applied.insert(transaction.id);
  EXPECT_EQ(answer_to(transaction).state, TransactionState::kFinal);
  const auto other = answer_to(payment());
  EXPECT_EQ(other.state, TransactionState::kRejected);
  EXPECT_EQ(other.retry, Retry::kNever);
}

TEST_F(SubmissionsTest, AStoreThatCannotBeReadClaimsNothing) {
  admission = node::Admission::kRefused;
  result = TransactionResult::kNonceUsed;
  look_up_error = net::QueryError{net::QueryFailure::kNotReady, "io", "The disk is gone."};
  const auto status = answer_to(payment());
  EXPECT_EQ(status.state, TransactionState::kRejected);
  EXPECT_EQ(status.retry, Retry::kSameBytes);
  EXPECT_EQ(status.code, "io");
  EXPECT_FALSE(status.result);
}

TEST_F(SubmissionsTest, ALargeBatchIsAnsweredInItsOrder) {
  std::vector<base::Bytes> batch;
  std::vector<ledger::TransactionId> ids;
  for (std::size_t i = 0; i < 3 * kJobChecksMax + 1; ++i) {
    const auto transaction = payment();
    ids.push_back(transaction.id);
    batch.push_back(i == kJobChecksMax ? base::Bytes{1} : transaction.bytes);
  }
  auto answer = submit(std::move(batch));
  ASSERT_EQ(answer.wait_for(kPatience), std::future_status::ready);
  const auto statuses = *answer.get();
  ASSERT_EQ(statuses.size(), ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i == kJobChecksMax) {
      EXPECT_EQ(statuses[i].result, TransactionResult::kMalformed);
      continue;
    }
    EXPECT_EQ(statuses[i].id, ids[i]) << i;
    EXPECT_EQ(statuses[i].state, TransactionState::kPending) << i;
  }
}

TEST_F(SubmissionsTest, OnePaymentDoesNotWaitForAnothersBatch) {
  std::vector<base::Bytes> batch;
  for (std::size_t i = 0; i < 16 * kJobChecksMax; ++i) batch.push_back(payment().bytes);
  const auto one = payment();
  std::promise<void> blocked;
  pool.post(Urgency::kTransaction, [&blocked] { blocked.get_future().wait(); });
  auto many = submit(std::move(batch), "a");
  auto other = submit({one.bytes}, "b");
  blocked.set_value();
  ASSERT_EQ(other.wait_for(kPatience), std::future_status::ready);
  EXPECT_NE(many.wait_for(std::chrono::seconds{0}), std::future_status::ready);
  ASSERT_EQ(many.wait_for(kPatience), std::future_status::ready);
}

TEST_F(SubmissionsTest, PaymentsThatAreHeldBackAreNotCheckedAndNotLost) {
  pool.hold_payments(true);
  const auto transaction = payment();
  auto answer = submit({transaction.bytes});
  // Each kind has had its turn.
  for (int i = 0; i < 3; ++i) {
    std::promise<void> later;
    pool.post(Urgency::kTransaction, [&later] { later.set_value(); });
    ASSERT_EQ(later.get_future().wait_for(kPatience), std::future_status::ready);
  }
  EXPECT_EQ(answer.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
  EXPECT_FALSE(verdicts.contains(transaction.leaf));
  pool.hold_payments(false);
  ASSERT_EQ(answer.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(answer.get()->front().state, TransactionState::kPending);
}

TEST_F(SubmissionsTest, WhoWaitedTooLongIsToldToComeAgain) {
  pool.hold_payments(true);
  const auto transaction = payment();
  auto early = submit({transaction.bytes});
  now_us = 1;
  const auto last = payment();
  auto in_time = submit({last.bytes});
  now_us = 1 + kCheckWaitMax.microseconds;
  pool.hold_payments(false);
  ASSERT_EQ(early.wait_for(kPatience), std::future_status::ready);
  const auto refused = early.get()->front();
  EXPECT_EQ(refused.id, transaction.id);
  EXPECT_EQ(refused.code, "node_busy");
  EXPECT_EQ(refused.retry, Retry::kSameBytes);
  EXPECT_FALSE(verdicts.contains(transaction.leaf)) << "it was checked";
  ASSERT_EQ(in_time.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(in_time.get()->front().state, TransactionState::kPending);
}

TEST_F(SubmissionsTest, AfterManyWrongSignaturesTheRestIsNotLookedAt) {
  std::vector<base::Bytes> batch;
  for (std::size_t i = 0; i < 2 * net::kForgeriesBurst; ++i) {
    batch.push_back(payment().bytes);
    batch.back().back() ^= 1;
  }
  const auto right = payment();
  batch.push_back(right.bytes);
  auto answer = submit(std::move(batch));
  ASSERT_EQ(answer.wait_for(kPatience), std::future_status::ready);
  const auto statuses = *answer.get();
  const auto looked_at = [](const auto& status) {
    return status.result == TransactionResult::kSignatureInvalid;
  };
  EXPECT_EQ(std::ranges::count_if(statuses, looked_at), net::kForgeriesBurst + 1);
  EXPECT_EQ(statuses.back().id, right.id);
  EXPECT_EQ(statuses.back().code, "node_busy");
  EXPECT_EQ(statuses.back().retry, Retry::kSameBytes) << "it may be right";
  EXPECT_EQ(answer_to(right).state, TransactionState::kPending);
}

TEST_F(SubmissionsTest, TheBytesThatWaitAreBounded) {
  answers = false;
  const base::Bytes large(ledger::kSignedTransactionBytesMax);
  const std::size_t all = kSubmissionBytesWaitingMax / large.size();
  const std::size_t fitting = (all + 1) / 2;  // never more than it leaves free
  const std::size_t fitting_then = (all - fitting + 1) / 2;
  std::promise<void> blocked;
  pool.post(Urgency::kTransaction, [&blocked] { blocked.get_future().wait(); });
  std::vector<std::future<net::Answer<std::vector<proto::TransactionStatus>>>> held;
  for (std::size_t i = 0; i < fitting; ++i) held.push_back(submit({large}));
  auto refused = submit({large});
  ASSERT_EQ(refused.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(refused.get().error().code, "node_busy");
  for (std::size_t i = 0; i < fitting_then; ++i) held.push_back(submit({large}, "b"));
  auto refused_too = submit({large}, "b");
  ASSERT_EQ(refused_too.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(refused_too.get().error().code, "node_busy");
  held.push_back(submit({large}, "c"));  // there is always room for another host
  blocked.set_value();
  for (auto& one : held) {
    ASSERT_EQ(one.wait_for(kPatience), std::future_status::ready);
    EXPECT_TRUE(one.get());
  }
  auto after = submit({large});  // what was answered makes room
  ASSERT_EQ(after.wait_for(kPatience), std::future_status::ready);
  EXPECT_TRUE(after.get());
}

}  // namespace
}  // namespace peerpay::app
