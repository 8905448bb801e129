// Slow readers and senders that ignore their credit.
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <future>

#include "node/net/peer_network.h"
#include "node/net/pinned_tls.h"
#include "node/net/wire_names.h"
#include "peerpay/v1/peer.grpc.pb.h"
#include "tests/unit/net/members.h"

namespace peerpay::net {
namespace {

constexpr PeerIndex kA{0};
constexpr PeerIndex kB{1};
constexpr auto kTransactions = static_cast<std::size_t>(Priority::kTransaction);

// Small, so that tests reach them soon.
PeerLimits small_limits() {
  PeerLimits limits;
  limits.bulk = {
      .message_bytes_max = 100'000, .frame_bytes_target = 64'000, .credit_bytes = 400'000};
  limits.queue_bytes_max[kTransactions] = 200'000;
  return limits;
}

TEST(PeerFlow, ASlowReaderLosesTransactionsButNoVotes) {
  const auto all = make_members(2);
  start_all(all, {.limits = small_limits()});
  auto& reader = all[1]->recorder;
  reader.keep_credit(true);

  constexpr std::uint32_t kCredited = 400'000 / cost_of(1'000);
  constexpr std::uint32_t kQueued = 200'000 / cost_of(1'000);
  constexpr std::uint32_t kDropped = 500;
  std::uint32_t number = 0;
  const auto send = [&] {
    all[0]->network->send(kB, Priority::kTransaction, numbered(number++, 1'000));
  };
  while (number < kCredited) {
    send();
    if (number % 50 == 0) {
      ASSERT_TRUE(reader.wait_messages(kA, number));
    }
  }
  ASSERT_TRUE(reader.wait_messages(kA, kCredited));
  for (std::uint32_t i = 0; i < kQueued + kDropped; ++i) send();
  const auto counters = all[0]->network->counters();
  EXPECT_EQ(counters.dropped_queue_full[kTransactions], kDropped);
  EXPECT_EQ(counters.messages_sent, kCredited);
  EXPECT_EQ(all[0]->network->links()[0].queued_bytes, kQueued * cost_of(1'000));

  all[0]->network->send(kB, Priority::kVote, numbered(7, 10));
  ASSERT_TRUE(reader.wait_messages(kA, kCredited + 1));
  EXPECT_EQ(reader.messages(kA).back().size(), 10U);

  // Once the reader is done with what it holds, what waited follows, the newest of all at the end.
  reader.keep_credit(false);
  ASSERT_TRUE(reader.wait_messages(kA, kCredited + 1 + kQueued));
  EXPECT_EQ(number_of(reader.messages(kA).back()), number - 1);
  EXPECT_EQ(all[1]->network->counters().streams_cut, 0U);
}

// Member 1, whose node does not run; the test speaks in its name.
struct Impolite : ::testing::Test {
  void SetUp() override {
    start(*all[0], all, {.limits = small_limits()});
    const auto credentials = pinned_channel_credentials(all[1]->identity, all[0]->as_peer.pin,
                                                        std::make_shared<PeerCounters>());
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride(kTlsServerName);
    channel = grpc::CreateCustomChannel(all[0]->as_peer.address, credentials, arguments);
    stub = v1::Peer::NewStub(channel);
  }
  using Stream = std::unique_ptr<grpc::ClientReaderWriter<v1::PeerFrame, v1::PeerCredit>>;
  // Opens the bulk stream and takes the first credit.
  Stream open(grpc::ClientContext& call) {
    call.set_deadline(std::chrono::system_clock::now() + kPatience);
    call.AddMetadata(kChainMetadataKey, base::to_text(kTestChain.view()));
    auto stream = stub->Bulk(&call);
    v1::PeerCredit credit;
    EXPECT_TRUE(stream->Read(&credit));
    EXPECT_EQ(credit.bytes(), 400'000U);
    return stream;
  }
  // Until the other side ends the stream.
  static grpc::Status drain(grpc::ClientReaderWriter<v1::PeerFrame, v1::PeerCredit>& stream) {
    v1::PeerCredit credit;
    while (stream.Read(&credit)) {
    }
    return stream.Finish();
  }
  std::vector<std::unique_ptr<Member>> all = make_members(2);
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::Peer::Stub> stub;
  grpc::ClientContext context;
};

TEST_F(Impolite, SendingBeyondTheCreditIsCut) {
  all[0]->recorder.keep_credit(true);
  const auto stream = open(context);
  v1::PeerFrame frame;
  for (int i = 0; i < 4; ++i) frame.add_messages(std::string(1'000, 'x'));
  for (int i = 0; i < 100; ++i) {
    if (!stream->Write(frame)) break;
  }
  EXPECT_EQ(drain(*stream).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(all[0]->network->counters().streams_cut, 1U);
  EXPECT_EQ(all[0]->recorder.messages(kB).size(), 400'000 / cost_of(1'000));
}

TEST_F(Impolite, EmptyMessagesCostCreditToo) {
  all[0]->recorder.keep_credit(true);
  const auto stream = open(context);
  v1::PeerFrame frame;
  for (int i = 0; i < 10'000; ++i) frame.add_messages("");
  stream->Write(frame);
  EXPECT_EQ(drain(*stream).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(all[0]->recorder.messages(kB).size(), 400'000 / kMessageOverheadBytes);
}

TEST_F(Impolite, AMessageAboveTheLimitIsCut) {
  const auto stream = open(context);
  v1::PeerFrame frame;
  frame.add_messages(std::string(100'001, 'x'));
  stream->Write(frame);
  EXPECT_EQ(drain(*stream).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(all[0]->recorder.messages(kB).empty());
}

TEST_F(Impolite, ANewerStreamTakesThePlaceOfAnOlder) {
  const auto first = open(context);
  grpc::ClientContext second_context;
  const auto second = open(second_context);
  EXPECT_EQ(drain(*first).error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(all[0]->network->counters().streams_replaced, 1U);
  v1::PeerFrame frame;
  frame.add_messages("still here");
  ASSERT_TRUE(second->Write(frame));
  EXPECT_TRUE(all[0]->recorder.wait_messages(kB, 1));
  EXPECT_TRUE(all[0]->network->links()[0].inbound[static_cast<std::size_t>(Lane::kBulk)]);
  second_context.TryCancel();
  EXPECT_TRUE(eventually(
      [&] { return !all[0]->network->links()[0].inbound[static_cast<std::size_t>(Lane::kBulk)]; }));
}

TEST_F(Impolite, ThereIsNoReflectionAndNoHealthForPeers) {
  for (const auto* method : {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                             "/grpc.health.v1.Health/Check"}) {
    grpc::GenericStub generic{channel};
    grpc::ClientContext call;
    const grpc::Slice empty;
    grpc::ByteBuffer request{&empty, 1};
    grpc::ByteBuffer response;
    std::promise<grpc::Status> status;
    generic.UnaryCall(&call, method, {}, &request, &response,
                      [&status](const grpc::Status& answer) { status.set_value(answer); });
    EXPECT_EQ(status.get_future().get().error_code(), grpc::StatusCode::UNIMPLEMENTED) << method;
  }
}

}  // namespace
}  // namespace peerpay::net
