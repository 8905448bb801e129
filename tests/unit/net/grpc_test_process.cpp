#include "tests/unit/net/grpc_test_process.h"

#include <gtest/gtest.h>

#include <csignal>
#include <mutex>
#include <utility>

#include "node/net/grpc_process.h"

// gRPC, protobuf and OpenSSL are not built with the thread sanitizer, so it does not see how they
// synchronize; what gRPC's templates do inside our object files looks like a race to it.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libgrpc.so\n"
         "called_from_lib:libgrpc++.so\n"
         "race:^grpc::\n"
         "race:^google::protobuf::\n";
}

namespace peerpay::net {
namespace {

std::mutex g_mutex;
std::vector<std::string> g_lines;

class GrpcProcess final : public ::testing::Environment {
 public:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);  // as in the node: a peer that hangs up is not the end
    prepare_grpc_process([](const std::string& line) {
      const std::scoped_lock lock{g_mutex};
      g_lines.push_back(line);
    });
  }
};

const auto* const g_process = ::testing::AddGlobalTestEnvironment(new GrpcProcess);

}  // namespace

std::vector<std::string> take_grpc_log() {
  const std::scoped_lock lock{g_mutex};
  return std::exchange(g_lines, {});
}

}  // namespace peerpay::net
