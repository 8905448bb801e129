#include "node/net/submit_session.h"

#include <gtest/gtest.h>

#include "tests/unit/net/fake_node.h"

namespace peerpay::net {
namespace {

using proto::TransactionState;

class FakeOutput final : public SubmitOutput {
 public:
  void start_read() override { ++reads; }
  void start_pause(std::size_t refused) override { pauses.push_back(refused); }
  void start_write(std::vector<proto::StreamedStatus> statuses) override {
    writes.push_back(std::move(statuses));
  }
  void finish() override { ++finishes; }

  int reads = 0;
  std::vector<std::size_t> pauses;
  std::vector<std::vector<proto::StreamedStatus>> writes;
  int finishes = 0;
};

base::Bytes transaction(std::uint32_t number) {
  return {'t', static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(number >> 8)};
}

Submitter one_submitter() {
  return {{.host = "a", .connection = "a:1"}, std::make_shared<ForgeryGuard>()};
}

struct SubmitSessionTest : ::testing::Test {
  void SetUp() override { session->start(); }
  void read(std::uint32_t first, std::uint32_t count) {
    std::vector<proto::Submission> submissions;
    for (std::uint32_t i = 0; i < count; ++i) {
      submissions.push_back({.transaction = transaction(first + i), .chain = {}});
    }
    session->on_read(std::move(submissions), {});
  }
  // Lets every write happen that can; returns all statuses written since the last call.
  std::vector<proto::StreamedStatus> written() {
    std::vector<proto::StreamedStatus> out;
    for (; write_next < output.writes.size(); ++write_next) {
      out.insert(out.end(), output.writes[write_next].begin(), output.writes[write_next].end());
      session->on_written();
    }
    return out;
  }
  void settle(std::uint32_t number, TransactionState state = TransactionState::kFinal) {
    node.settle(FakeNode::id_of(transaction(number)), state);
  }

  FakeNode node;
  FakeOutput output;
  const Submitter submitter = one_submitter();
  std::shared_ptr<SubmitSession> session =
      std::make_shared<SubmitSession>(SubmitLimits{.unanswered_max = 8,
                                                   .unanswered_bytes_max = 1'000,
                                                   .unsettled_max = 16,
                                                   .group_submissions_max = 4},
                                      node, output, submitter, CallTokens{});
  std::size_t write_next = 0;
};

TEST_F(SubmitSessionTest, AnswersTwiceByPosition) {
  read(0, 2);
  auto statuses = written();
  ASSERT_EQ(statuses.size(), 2U);
  EXPECT_EQ(statuses[0].submission, 0U);
  EXPECT_EQ(statuses[1].submission, 1U);
  EXPECT_EQ(statuses[0].status.state, TransactionState::kPending);
  EXPECT_EQ(statuses[0].status.id, FakeNode::id_of(transaction(0)));

  settle(1);
  settle(0, TransactionState::kExpired);
  statuses = written();
  ASSERT_EQ(statuses.size(), 2U);
  EXPECT_EQ(statuses[0].submission, 1U);
  EXPECT_EQ(statuses[0].status.state, TransactionState::kFinal);
  EXPECT_EQ(statuses[1].submission, 0U);
  EXPECT_EQ(statuses[1].status.state, TransactionState::kExpired);
  EXPECT_EQ(node.waiters(), 0U);
}

TEST_F(SubmitSessionTest, HoldsOfTheBudgetWhatTheNodeHasInItsHands) {
  ByteBudget budget{100'000, 1};
  node.hold_submissions(true);
  session->on_read({{.transaction = transaction(0), .chain = {}}}, *budget.try_take(1));
  ASSERT_EQ(node.groups().size(), 1U);
  EXPECT_EQ(session->bytes_held(), budget.bytes_used());
  node.release_submissions();
  EXPECT_EQ(session->bytes_held(), budget.bytes_used());
  (void)written();
  settle(0);
  (void)written();
  EXPECT_EQ(session->bytes_held(), 0U);
  EXPECT_EQ(budget.bytes_used(), 0U);
}

TEST_F(SubmitSessionTest, ARefusedOneIsAnsweredOnce) {
  session->on_read({{.transaction = {'r'}, .chain = {}}}, {});
  const auto statuses = written();
  ASSERT_EQ(statuses.size(), 1U);
  EXPECT_EQ(statuses[0].status.code, "fee_too_low");
  EXPECT_EQ(node.waiters(), 0U);
  session->on_read_end();
  EXPECT_EQ(output.finishes, 1);
}

// Who sends again at once what was refused for now would keep the node busy with refusing it.
TEST_F(SubmitSessionTest, PausesBeforeTheNextReadAfterRefusalsForNow) {
  node.fail_with({.failure = QueryFailure::kBusy, .code = "busy", .sentence = "Later."});
  read(0, 3);
  EXPECT_EQ(output.reads, 2) << "the next was asked for before the node had answered";
  read(3, 1);
  EXPECT_EQ(output.reads, 2);
  EXPECT_EQ(output.pauses, (std::vector<std::size_t>{3}));
  (void)written();
  EXPECT_EQ(output.reads, 2) << "no answer that is written ends the pause";
  session->on_pause_end();
  EXPECT_EQ(output.pauses, (std::vector<std::size_t>{3, 1})) << "for what was refused since";
  session->on_pause_end();
  EXPECT_EQ(output.reads, 3);
  EXPECT_EQ(output.pauses.size(), 2U);
}

TEST_F(SubmitSessionTest, PausesForNothingElse) {
  read(0, 2);
  session->on_read({{.transaction = {'r'}, .chain = {}}}, {});
  EXPECT_EQ(output.reads, 3);
  EXPECT_TRUE(output.pauses.empty());
}

TEST_F(SubmitSessionTest, ReadsNothingAfterAPauseWhenTheCallIsOver) {
  node.fail_with({.failure = QueryFailure::kBusy, .code = "busy", .sentence = "Later."});
  read(0, 1);
  read(1, 1);
  ASSERT_EQ(output.pauses.size(), 1U);
  session->close();
  session->on_pause_end();
  EXPECT_EQ(output.reads, 2);
}

TEST_F(SubmitSessionTest, WrongSignaturesCountAlsoWhenTheCallIsOver) {
  std::size_t cut_off = 0;
  submitter.guard->start([&](const std::string&) { ++cut_off; });
  for (std::size_t i = 0; i < kForgeriesBurst; ++i) {
    session->on_read({{.transaction = {'f'}, .chain = {}}}, {});
    (void)written();
  }
  EXPECT_EQ(cut_off, 0U);
  node.hold_submissions(true);
  session->on_read({{.transaction = {'f'}, .chain = {}}}, {});
  session->close();
  session.reset();
  node.release_submissions();
  EXPECT_EQ(cut_off, 1U);
}

TEST_F(SubmitSessionTest, TheSameBytesTwiceAreAnsweredTwiceAndFollowedOnce) {
  read(5, 1);
  read(5, 1);
  EXPECT_EQ(node.waiters(), 1U);
  (void)written();
  settle(5);
  const auto statuses = written();
  ASSERT_EQ(statuses.size(), 2U);
  EXPECT_EQ(statuses[0].submission, 0U);
  EXPECT_EQ(statuses[1].submission, 1U);
  EXPECT_EQ(node.waiters(), 0U);
}

TEST_F(SubmitSessionTest, GathersWhileTheNodeIsBusyAndSendsFullGroups) {
  node.hold_submissions(true);
  read(0, 1);
  EXPECT_EQ(node.groups(), (std::vector<std::size_t>{1}));
  read(1, 3);
  EXPECT_EQ(node.groups(), (std::vector<std::size_t>{1}));
  read(4, 3);
  EXPECT_EQ(node.groups(), (std::vector<std::size_t>{1, 4}));
  node.release_submissions();
  EXPECT_EQ(node.groups(), (std::vector<std::size_t>{1, 4, 2}));
}

TEST_F(SubmitSessionTest, ReadsOnOnlyWhileThereIsRoomForAnswers) {
  node.hold_submissions(true);
  EXPECT_EQ(output.reads, 1);
  read(0, 7);
  EXPECT_EQ(output.reads, 2);
  read(7, 1);
  EXPECT_EQ(output.reads, 2) << "8 are unanswered";
  node.release_submissions();
  EXPECT_EQ(output.reads, 3) << "answered, though not settled";
}

TEST_F(SubmitSessionTest, ReadsOnOnlyWhileThereIsRoomForEndings) {
  read(0, 8);
  EXPECT_EQ(output.reads, 2);
  read(8, 8);
  EXPECT_EQ(output.reads, 2) << "16 are unsettled";
  settle(3);
  EXPECT_EQ(output.reads, 2) << "its ending is not written yet";
  (void)written();
  EXPECT_EQ(output.reads, 3);
}

TEST_F(SubmitSessionTest, EndsWhenAllIsAnsweredAndWritten) {
  read(0, 2);
  session->on_read_end();
  (void)written();
  settle(0);
  (void)written();
  EXPECT_EQ(output.finishes, 0);
  settle(1);
  EXPECT_EQ(output.finishes, 0);
  (void)written();
  EXPECT_EQ(output.finishes, 1);
}

TEST_F(SubmitSessionTest, AnEmptyStreamEndsAtOnce) {
  session->on_read_end();
  EXPECT_EQ(output.finishes, 1);
}

TEST_F(SubmitSessionTest, SettlesWhatEndsWhileItIsFollowed) {
  node.settle_at_once(true);
  read(0, 3);
  session->on_read_end();
  EXPECT_EQ(written().size(), 6U);
  EXPECT_EQ(node.waiters(), 0U);
  EXPECT_EQ(output.finishes, 1);
}

TEST_F(SubmitSessionTest, AGroupThatTheNodeCannotTakeIsRefusedForNow) {
  node.fail_with({.failure = QueryFailure::kBusy, .code = "node_busy", .sentence = "Later."});
  read(0, 2);
  const auto statuses = written();
  ASSERT_EQ(statuses.size(), 2U);
  for (const auto& streamed : statuses) {
    EXPECT_EQ(streamed.status.state, TransactionState::kRejected);
    EXPECT_EQ(streamed.status.retry, proto::Retry::kSameBytes);
    EXPECT_EQ(streamed.status.code, "node_busy");
  }
}

TEST_F(SubmitSessionTest, CloseLetsGoOfEverything) {
  node.hold_submissions(true);
  read(0, 1);
  node.release_submissions();
  node.hold_submissions(true);
  read(1, 1);
  EXPECT_EQ(node.waiters(), 1U);
  const auto writes = output.writes.size();
  session->close();
  EXPECT_EQ(node.waiters(), 0U);
  node.release_submissions();
  settle(0);
  settle(1);
  EXPECT_EQ(node.waiters(), 0U);
  EXPECT_EQ(output.writes.size(), writes);
}

TEST_F(SubmitSessionTest, AnswersAfterItsEndFindNothing) {
  node.hold_submissions(true);
  read(0, 1);
  session.reset();
  node.release_submissions();
  EXPECT_EQ(node.waiters(), 0U);
}

TEST_F(SubmitSessionTest, IsNotReadWhileTheBytesOfOneMessageWait) {
  node.hold_submissions(true);
  session->on_read({{.transaction = base::Bytes(1'000, 't'), .chain = {}}}, {});
  EXPECT_EQ(output.reads, 1);
  node.release_submissions();
  EXPECT_EQ(output.reads, 2);
}

struct SubmitBudgetTest : SubmitSessionTest {
  // 'r' is refused, 't' admitted.
  void read_paid(std::uint8_t kind, std::uint8_t count) {
    std::vector<proto::Submission> submissions;
    for (std::uint8_t i = 0; i < count; ++i) {
      submissions.push_back({.transaction = {kind, i}, .chain = {}});
    }
    session->on_read(std::move(submissions), *budget.try_take(1));
  }

  ByteBudget budget{1 << 20, 1};
};

TEST_F(SubmitBudgetTest, AnAnswerCountsUntilItIsWritten) {
  read_paid('r', 4);
  EXPECT_GE(budget.bytes_used(), 4 * sizeof(proto::StreamedStatus));
  ASSERT_EQ(written().size(), 4U);
  EXPECT_EQ(budget.bytes_used(), 0U);
}

TEST_F(SubmitBudgetTest, AnAdmittedOneCountsUntilItsEndIsWritten) {
  read_paid('t', 1);
  const auto with_answer = budget.bytes_used();
  ASSERT_EQ(written().size(), 1U);
  const auto open = budget.bytes_used();
  EXPECT_GE(open, sizeof(proto::StreamedStatus));
  EXPECT_LT(open, with_answer);
  node.settle(FakeNode::id_of(base::Bytes{'t', 0}), TransactionState::kFinal);
  EXPECT_EQ(budget.bytes_used(), open) << "room for the end is taken from the start";
  ASSERT_EQ(written().size(), 1U);
  EXPECT_EQ(budget.bytes_used(), 0U);
}

TEST_F(SubmitBudgetTest, CloseGivesBackAllButWhatTheNodeHolds) {
  read_paid('r', 4);
  node.hold_submissions(true);
  read_paid('t', 1);
  const auto with_one_gathered = [&] {
    read_paid('t', 2);
    return budget.bytes_used();
  }();
  session->close();
  const auto with_node = budget.bytes_used();
  EXPECT_LT(with_node, with_one_gathered);
  EXPECT_LE(with_node, 2 * (sizeof(proto::Submission) + sizeof(proto::StreamedStatus)));
  read_paid('t', 3);
  EXPECT_EQ(budget.bytes_used(), with_node) << "what comes after the end is dropped";
  node.release_submissions();
  EXPECT_EQ(budget.bytes_used(), 0U);
}

TEST(SubmitSession, IsNotReadWhileItsAnswersStay) {
  FakeNode node;
  FakeOutput output;
  const auto session = std::make_shared<SubmitSession>(SubmitLimits{.unanswered_max = 4'096,
                                                                    .unanswered_bytes_max = 1 << 20,
                                                                    .unsettled_max = 65'536,
                                                                    .group_submissions_max = 256},
                                                       node, output, one_submitter(), CallTokens{});
  session->start();
  const auto read_refused = [&session] {
    session->on_read(std::vector<proto::Submission>(1'024, {.transaction = {'r'}, .chain = {}}),
                     {});
  };
  // The first 256 answers are being written.
  for (int i = 0; i < 5; ++i) read_refused();
  EXPECT_EQ(output.reads, 6);
  read_refused();
  EXPECT_EQ(output.reads, 6) << "more answers wait than four messages hold";
  session->on_written();
  EXPECT_EQ(output.reads, 6);
  session->on_written();
  EXPECT_EQ(output.reads, 7);
}

}  // namespace
}  // namespace peerpay::net
