// Clients that speak HTTP/2 as no library would, over real sockets on loopback.

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>

#include "base/os/descriptor.h"
#include "bench/http2_bytes.h"
#include "node/net/forgery_watch.h"
#include "tests/unit/net/client_fixture.h"

namespace peerpay::net {
namespace {

using bench::Http2Frame;

constexpr const char* kGetGenesis = "/peerpay.v1.Node/GetGenesis";

class RawClient {
 public:
  RawClient(int family, std::uint16_t port)
      : socket_{::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in six_less = {};
    sockaddr_in6 six = {};
    six_less.sin_family = AF_INET;
    six.sin6_family = AF_INET6;
    six_less.sin_port = six.sin6_port = htons(port);
    six_less.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    six.sin6_addr = in6addr_loopback;
    const bool is_six = family == AF_INET6;
    const auto* address = is_six ? reinterpret_cast<const sockaddr*>(&six)
                                 : reinterpret_cast<const sockaddr*>(&six_less);
    const socklen_t size = is_six ? sizeof six : sizeof six_less;
    EXPECT_EQ(::connect(socket_.number(), address, size), 0);
  }
  // What does not fit is not sent.
  void say(const std::string& bytes) {
    (void)::send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  }
  // Whether the service has ended the connection, now or soon.
  [[nodiscard]] bool is_ended() {
    char bytes[4096];
    ssize_t size = 0;
    while ((size = ::recv(socket_.number(), bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
    }
    return size == 0 || errno == ECONNRESET;
  }

 private:
  os::Descriptor socket_;
};

struct ClientFlood : ClientFixture {
  static constexpr std::uint32_t kNoWindow = 0;

  RawClient raw(int family = AF_INET) const { return {family, service->listen_port()}; }
  // Says `bytes(round)` until the service has had enough.
  static bool is_ended_after(RawClient& client,
                             const std::function<std::string(std::uint32_t)>& bytes) {
    std::uint32_t round = 0;
    return eventually([&] {
      client.say(bytes(round++));
      return client.is_ended();
    });
  }
  static std::string broken_calls(std::uint32_t round) {
    constexpr std::uint32_t kCalls = 20;
    std::string out = round == 0 ? bench::http2_opening(kNoWindow) : std::string{};
    for (std::uint32_t i = 0; i < kCalls; ++i) {
      const auto stream = 2 * (round * kCalls + i) + 1;
      out += bench::http2_frame({Http2Frame::kHeaders, bench::kHttp2EndHeaders, stream},
                                bench::grpc_request_fields(kGetGenesis));
      out += bench::http2_frame({Http2Frame::kReset, 0, stream}, std::string("\0\0\0\x8", 4));
    }
    return out;
  }
  bool is_served() {
    v1::GetGenesisResponse response;
    return stub->GetGenesis(context().get(), {}, &response).ok();
  }
};

TEST_F(ClientFlood, WhoTakesBackItsCallsIsCutOffAndTheOthersAreServed) {
  start();
  ASSERT_TRUE(is_served());
  auto client = raw();
  EXPECT_TRUE(is_ended_after(client, broken_calls));
  EXPECT_TRUE(is_served()) << "over the connection that was there before";
  auto again = raw();
  EXPECT_TRUE(eventually([&] { return again.is_ended(); })) << "the source is refused for a while";
}

TEST_F(ClientFlood, WhoSendsWrongSignaturesIsCutOffAndTheOthersAreServed) {
  using Send = std::function<grpc::Status(v1::Node::Stub&)>;
  const Send single = [](v1::Node::Stub& by) {
    v1::SubmitRequest request;
    v1::SubmitResponse response;
    request.set_transaction("forged");
    return by.Submit(context().get(), request, &response);
  };
  const Send batch = [](v1::Node::Stub& by) {
    v1::SubmitBatchRequest request;
    v1::SubmitBatchResponse response;
    request.add_submissions()->set_transaction("forged");
    return by.SubmitBatch(context().get(), request, &response);
  };
  const Send stream = [](v1::Node::Stub& by) {
    const auto own = context();
    v1::SubmitStreamRequest request;
    v1::SubmitStreamResponse response;
    request.add_transactions("forged");
    const auto call = by.SubmitStream(own.get());
    call->Write(request);
    call->Read(&response);
    call->WritesDone();
    return call->Finish();
  };
  for (const auto& send : {single, batch, stream}) {
    start();
    ASSERT_TRUE(is_served());
    grpc::ChannelArguments arguments;  // for a connection of its own
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto forger = v1::Node::NewStub(
        grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(service->listen_port()),
                                  grpc::InsecureChannelCredentials(), arguments));
    std::size_t sent = 0;
    while (send(*forger).ok() && sent < 1'000) ++sent;
    EXPECT_GE(sent, kForgeriesBurst);
    EXPECT_LT(sent, 1'000U);
    EXPECT_TRUE(is_served()) << "over the connection that was there before";
    auto again = raw();
    EXPECT_TRUE(eventually([&] { return again.is_ended(); })) << "it is refused for a while";
  }
}

TEST_F(ClientFlood, IsNoticedOverIpv6) {
  auto started = ClientService::start(
      {.listen_address = "[::1]:0", .certificate = std::nullopt, .limits = {}}, node);
  ASSERT_TRUE(started.has_value()) << started.error().sentence;
  service = *std::move(started);
  auto client = raw(AF_INET6);
  EXPECT_TRUE(is_ended_after(client, broken_calls));
}

TEST_F(ClientFlood, AHeaderBlockWithoutEndIsCutOff) {
  start({.message_bytes_max = 64 * 1024});
  auto client = raw();
  EXPECT_TRUE(is_ended_after(client, [](std::uint32_t round) {
    if (round > 0) {
      return bench::http2_frame({Http2Frame::kContinuation, 0, 1}, std::string(16 * 1024, 'x'));
    }
    // A name of 2^28 bytes (RFC 7541 section 5.1).
    return bench::http2_opening(kNoWindow) +
           bench::http2_frame({Http2Frame::kHeaders, 0, 1},
                              bench::grpc_request_fields(kGetGenesis) +
                                  std::string{"\x10\x7f\x81\xff\xff\x7f", 6});
  }));
}

TEST_F(ClientFlood, AnswersThatNobodyTakesLeaveNoRoomForLargeOnes) {
  start({.calls_max = 8, .answer_bytes_max = 1'000});
  std::optional<RawClient> client{raw()};
  client->say(bench::http2_opening(kNoWindow) + bench::grpc_call(1, kGetGenesis, ""));
  EXPECT_TRUE(eventually([this] {
    v1::GetGenesisResponse response;
    const auto status = stub->GetGenesis(context().get(), {}, &response);
    return status.error_message() == "node_busy: The node serves too many calls; try again later.";
  }));
  client.reset();
  EXPECT_TRUE(eventually([this] { return is_served(); }));
}

TEST_F(ClientFlood, AnswersThatNobodyTakesAreLetGoOfInTime) {
  start({.calls_max = 8,
         .answer_bytes_max = 1'000,
         .answers_unread_max = std::chrono::milliseconds{500}});
  auto client = raw();
  client.say(bench::http2_opening(kNoWindow) + bench::grpc_call(1, kGetGenesis, ""));
  EXPECT_TRUE(eventually([this] { return !is_served(); }));
  EXPECT_TRUE(eventually([this] { return is_served(); }));
  EXPECT_FALSE(client.is_ended()) << "only the call ends";
}

}  // namespace
}  // namespace peerpay::net
