// The streams: many submissions, and every block.
#include <grpcpp/support/byte_buffer.h>

#include <set>

#include "tests/unit/net/client_fixture.h"

namespace peerpay::net {
namespace {

struct ClientStream : ClientFixture {
  void SetUp() override {
    start({.unanswered_max = 64, .unsettled_max = 128, .group_submissions_max = 16});
  }
  using Submissions = grpc::ClientReaderWriter<v1::SubmitStreamRequest, v1::SubmitStreamResponse>;

  static v1::SubmitStreamRequest request(std::uint32_t first, std::uint32_t count) {
    v1::SubmitStreamRequest out;
    for (std::uint32_t i = 0; i < count; ++i) out.add_transactions(transaction(first + i));
    return out;
  }
  // Sends and receives bytes as they are.
  using RawStream = grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;
  std::unique_ptr<RawStream> raw_stream() {
    const grpc::internal::RpcMethod method{"/peerpay.v1.Node/SubmitStream",
                                           grpc::internal::RpcMethod::BIDI_STREAMING, channel};
    using Factory = grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>;
    return std::unique_ptr<RawStream>{Factory::Create(channel.get(), method, call.get())};
  }
  static grpc::ByteBuffer bytes(const std::string& text) {
    const grpc::Slice slice{text};
    return grpc::ByteBuffer{&slice, 1};
  }
  static std::string transaction(std::uint32_t number) { return "t" + std::to_string(number); }

  const std::unique_ptr<grpc::ClientContext> call = context();
};

TEST_F(ClientStream, EverySubmissionIsAdmittedAndEnds) {
  node.settle_at_once(true);
  const auto stream = stub->SubmitStream(call.get());
  constexpr std::uint32_t kCount = 5'000;
  std::thread writer{[&stream] {
    for (std::uint32_t sent = 0; sent < kCount; sent += 10) stream->Write(request(sent, 10));
    stream->WritesDone();
  }};
  std::set<std::uint64_t> pending;
  std::set<std::uint64_t> ended;
  v1::SubmitStreamResponse response;
  while (stream->Read(&response)) {
    for (const auto& streamed : response.statuses()) {
      const auto id = FakeNode::id_of(
          base::as_bytes(transaction(static_cast<std::uint32_t>(streamed.submission()))));
      EXPECT_EQ(streamed.status().id(), bytes_of(id));
      const bool is_final = streamed.status().state() == v1::TRANSACTION_STATE_FINAL;
      EXPECT_TRUE((is_final ? ended : pending).insert(streamed.submission()).second);
    }
  }
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(pending.size(), kCount);
  EXPECT_EQ(ended.size(), kCount);
  EXPECT_TRUE(eventually([this] { return node.waiters() == 0; }));
  for (const auto size : node.groups()) EXPECT_LE(size, 16U);
}

TEST_F(ClientStream, ReadsNoMoreThanItMayHold) {
  node.hold_submissions(true);
  const auto stream = stub->SubmitStream(call.get());
  std::thread writer{[&stream] {
    for (std::uint32_t i = 0; i < 10'000; ++i) {
      if (!stream->Write(request(i, 1))) return;
    }
  }};
  // The node answers nothing: the first group is one submission, then three full ones; the rest
  // stays out.
  ASSERT_TRUE(eventually([this] { return node.submissions() == 1 + 3 * 16; }));
  node.hold_submissions(false);
  node.release_submissions();
  // Nothing ends: 128 unsettled at most, in messages of one.
  ASSERT_TRUE(eventually([this] { return node.submissions() == 128; }));
  call->TryCancel();
  writer.join();
  (void)stream->Finish();
  EXPECT_TRUE(eventually([this] { return node.waiters() == 0; }));
  EXPECT_EQ(node.submissions(), 128U);
}

TEST_F(ClientStream, AMalformedMessageEndsTheStream) {
  const auto stream = stub->SubmitStream(call.get());
  ASSERT_TRUE(stream->Write(request(0, 1'025)));
  v1::SubmitStreamResponse response;
  EXPECT_FALSE(stream->Read(&response));
  const auto status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "request_malformed: transactions: at most 1024 is allowed.");
  EXPECT_EQ(node.submissions(), 0U);
}

TEST_F(ClientStream, AMessageThatIsNoneEndsTheStream) {
  const auto stream = raw_stream();
  const std::string none(20, '\xff');
  ASSERT_TRUE(stream->Write(bytes(request(0, 1).SerializeAsString())));
  grpc::ByteBuffer response;
  ASSERT_TRUE(stream->Read(&response));
  ASSERT_TRUE(stream->Write(bytes(none)));
  EXPECT_FALSE(stream->Read(&response));
  const auto status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "request_malformed: The message is no SubmitStreamRequest.");
  EXPECT_EQ(service->counters().calls_malformed, 1U);
}

TEST_F(ClientStream, MessagesWaitWhileTheSubmissionsOfAllStreamsTakeTooMuch) {
  service.reset();
  start({.message_bytes_max = 16'000,
         .memory_bytes_max = 1024 * 1024,
         .submission_bytes_max = 16'000});
  node.hold_submissions(true);
  constexpr std::size_t kStreams = 8;
  std::vector<std::unique_ptr<grpc::ClientContext>> calls;
  std::vector<std::unique_ptr<Submissions>> streams;
  for (std::size_t i = 0; i < kStreams; ++i) {
    calls.push_back(context());
    streams.push_back(stub->SubmitStream(calls.back().get()));
    v1::SubmitStreamRequest large;
    large.add_transactions("t" + std::to_string(i) + std::string(10'000, 'x'));
    ASSERT_TRUE(streams.back()->Write(large));
  }
  ASSERT_TRUE(eventually([this] { return node.submissions() == 2; }));
  // Cancelled with a message that waits: it never comes.
  calls.back()->TryCancel();
  EXPECT_FALSE(streams.back()->Finish().ok());
  // Later calls than the waiting ones are answered, and nothing was let in meanwhile.
  for (int i = 0; i < 20; ++i) {
    v1::GetHeadResponse head;
    ASSERT_TRUE(stub->GetHead(context().get(), {}, &head).ok());
  }
  EXPECT_EQ(node.submissions(), 2U);
  node.hold_submissions(false);
  node.release_submissions();
  EXPECT_TRUE(eventually([this] { return node.submissions() == kStreams - 1; }));
  for (const auto& one : calls) one->TryCancel();
  for (std::size_t i = 0; i + 1 < kStreams; ++i) (void)streams[i]->Finish();
}

TEST_F(ClientStream, AStreamWhoseAnswersAreNotReadIsCut) {
  service.reset();
  start({.answers_unread_max = std::chrono::milliseconds{200}});
  const auto stream = stub->SubmitStream(call.get());
  v1::SubmitStreamRequest refused;
  for (int i = 0; i < 1'024; ++i) refused.add_transactions("r");
  while (stream->Write(refused)) {
  }
  v1::SubmitStreamResponse response;
  while (stream->Read(&response)) {
  }
  const auto status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.error_message(),
            "answers_unread: The client has not read its answers for too long.");
  // It made the node read no more than what may wait, beside a few messages on the way.
  EXPECT_LT(node.submissions(), 65'536U);
}

// One stream has spent the budget, with submissions that the node has in its hands until it is
// told otherwise. `call` outlives `brief`, so nothing gives way to what waits in vain.
struct SpentBudget : ClientStream {
  void SetUp() override {
    start({.message_bytes_max = 60'000,
           .memory_bytes_max = 1024 * 1024,
           .submission_bytes_max = 60'000});
    node.hold_submissions(true);
    first = stub->SubmitStream(call.get());
    ASSERT_TRUE(first->Write(request(0, 100)));
    ASSERT_TRUE(eventually([this] { return node.submissions() > 0; }));
    node.hold_submissions(false);  // of those to come
  }
  void TearDown() override {
    call->TryCancel();
    node.release_submissions();
    (void)first->Finish();
  }
  static std::unique_ptr<grpc::ClientContext> brief() {
    auto out = std::make_unique<grpc::ClientContext>();
    out->set_deadline(std::chrono::system_clock::now() + kPatience / 6);
    return out;
  }
  std::unique_ptr<Submissions> first;
};

// Else those who leave their answers unread would keep everybody out.
TEST_F(SpentBudget, LeavesEachStreamItsPart) {
  const auto modest_call = brief();
  const auto modest = stub->SubmitStream(modest_call.get());
  v1::SubmitStreamResponse response;
  ASSERT_TRUE(modest->Write(request(1'000, 8)));
  ASSERT_TRUE(modest->Read(&response));
  const auto greedy_call = brief();
  const auto greedy = stub->SubmitStream(greedy_call.get());
  const auto before = node.submissions();
  ASSERT_TRUE(greedy->Write(request(2'000, 100)));
  ASSERT_TRUE(modest->Write(request(3'000, 1)));
  v1::GetHeadResponse head;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(stub->GetHead(context().get(), {}, &head).ok());
  EXPECT_LE(node.submissions(), before + 1) << "more than its part waits";
}

TEST_F(SpentBudget, WhatIsMalformedWaitsForNothing) {
  const auto malformed_call = brief();
  const auto malformed = stub->SubmitStream(malformed_call.get());
  ASSERT_TRUE(malformed->Write(request(0, proto::kBatchSubmissionsMax + 1)));
  EXPECT_EQ(malformed->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ClientStream, AStreamWhoseAnswersAreReadIsNotCut) {
  service.reset();
  start({.answers_unread_max = std::chrono::milliseconds{50}});
  const auto stream = stub->SubmitStream(call.get());
  v1::SubmitStreamResponse response;
  // Long enough for the alarm of an early write to ring, and to find it done.
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds{200};
  for (std::uint32_t i = 0; std::chrono::steady_clock::now() < end; ++i) {
    ASSERT_TRUE(stream->Write(request(i, 1)));
    ASSERT_TRUE(stream->Read(&response));
    node.settle(FakeNode::id_of(base::as_bytes(transaction(i))), proto::TransactionState::kFinal);
    ASSERT_TRUE(stream->Read(&response));
  }
  call->TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(ClientStream, StopEndsTheStream) {
  const auto stream = stub->SubmitStream(call.get());
  ASSERT_TRUE(stream->Write(request(0, 10)));
  v1::SubmitStreamResponse response;
  ASSERT_TRUE(stream->Read(&response));
  ASSERT_TRUE(eventually([this] { return node.waiters() == 1; }));
  service->stop();
  EXPECT_EQ(node.waiters(), 0U);
  while (stream->Read(&response)) {
  }
  EXPECT_FALSE(stream->Finish().ok());
}

TEST_F(ClientStream, SubscribersGetEveryBlockAndThenNewOnes) {
  v1::SubscribeRequest from_one;
  from_one.set_from_height(1);
  const auto stream = stub->Subscribe(call.get(), from_one);
  v1::SubscribeResponse response;
  for (std::uint64_t height = 1; height <= 3; ++height) {
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.block().height(), height);
  }
  for (std::uint64_t height = 4; height <= 6; ++height) {
    ASSERT_TRUE(eventually([this] { return node.waiters() == 1; }));
    node.commit_block();
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.block().height(), height);
  }
  EXPECT_GE(service->counters().blocks_sent, 5U);
  call->TryCancel();
  (void)stream->Finish();
  EXPECT_TRUE(eventually([this] { return node.waiters() == 0; }));
}

TEST_F(ClientStream, HeightZeroMeansTheNextBlock) {
  const auto stream = stub->Subscribe(call.get(), v1::SubscribeRequest{});
  ASSERT_TRUE(eventually([this] { return node.waiters() == 1; }));
  node.commit_block();
  v1::SubscribeResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.block().height(), 4U);
  call->TryCancel();
  (void)stream->Finish();
}

TEST_F(ClientStream, ASlowSubscriberHoldsNothing) {
  v1::SubscribeRequest from_one;
  from_one.set_from_height(1);
  const auto stream = stub->Subscribe(call.get(), from_one);
  v1::SubscribeResponse response;
  ASSERT_TRUE(stream->Read(&response));
  for (int i = 0; i < 100; ++i) node.commit_block();
  for (std::uint64_t height = 2; height <= 103; ++height) {
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.block().height(), height);
  }
  service->stop();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_FALSE(stream->Finish().ok());
  EXPECT_EQ(node.waiters(), 0U);
}

}  // namespace
}  // namespace peerpay::net
