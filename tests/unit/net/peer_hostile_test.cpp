// A member with the right key that does not speak the protocol.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "node/net/pinned_tls.h"
#include "tests/unit/net/members.h"

namespace peerpay::net {
namespace {

// Answers each stream with bytes that are no PeerCredit, and holds it open.
class GarbageStream final : public grpc::ServerGenericBidiReactor {
 public:
  explicit GarbageStream(std::atomic<int>& written) : written_{written} {
    const grpc::Slice bytes{std::string(3, '\xff')};
    garbage_ = grpc::ByteBuffer{&bytes, 1};
    StartWrite(&garbage_);
  }
  void OnWriteDone(bool ok) override { written_ += ok ? 1 : 0; }
  void OnCancel() override { Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }

 private:
  std::atomic<int>& written_;
  grpc::ByteBuffer garbage_;
};

class GarbageService final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new GarbageStream{written};
  }
  std::atomic<int> written = 0;
};

struct PeerHostile : ::testing::Test {
  void SetUp() override {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(
        all[1]->as_peer.address,
        pinned_server_credentials(all[1]->identity, {all[0]->as_peer.pin}, counters));
    // Whatever ends a stream here, it is not this server.
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
    builder.RegisterCallbackGenericService(&service);
    server = builder.BuildAndStart();
    ASSERT_TRUE(server);
    start(*all[0], all);
  }
  void TearDown() override { server->Shutdown(std::chrono::system_clock::now()); }

  std::vector<std::unique_ptr<Member>> all = make_members(2);
  std::shared_ptr<PeerCounters> counters = std::make_shared<PeerCounters>();
  GarbageService service;
  std::unique_ptr<grpc::Server> server;
};

TEST_F(PeerHostile, ACreditThatDoesNotDecodeEndsTheStreamAndIsDialledAnew) {
  EXPECT_TRUE(eventually([&] { return all[0]->network->counters().dials >= 6; }))
      << "both lanes, again and again";
  EXPECT_EQ(all[0]->recorder.reports(), "");
}

TEST_F(PeerHostile, ACreditThatDoesNotDecodeDoesNotStandInTheWayOfStopping) {
  ASSERT_TRUE(eventually([&] { return service.written >= 2; }));
  auto stopped = std::async(std::launch::async, [&] { all[0]->network->stop(); });
  const bool in_time = stopped.wait_for(kPatience) == std::future_status::ready;
  EXPECT_TRUE(in_time);
  server->Shutdown(std::chrono::system_clock::now());  // lets a hanging stop() go
}

}  // namespace
}  // namespace peerpay::net
