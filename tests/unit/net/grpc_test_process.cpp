#include "tests/unit/net/grpc_test_process.h"

#include <gtest/gtest.h>

#include <csignal>
#include <mutex>
#include <utility>

#include "node/net/grpc_process.h"

namespace peerpay::net {
namespace {

struct Log {
  std::mutex mutex;
  std::vector<std::string> lines;  // guarded by mutex
};
// Never destroyed: gRPC's threads may log while the process ends.
Log& grpc_log() {
  static Log& log = *new Log;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
  return log;
}

class GrpcProcess final : public ::testing::Environment {
 public:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);  // as in the node: a peer that hangs up is not the end
    prepare_grpc_process([](const std::string& line) {
      const std::scoped_lock lock{grpc_log().mutex};
      grpc_log().lines.push_back(line);
    });
  }
};

const auto* const kProcess = ::testing::AddGlobalTestEnvironment(new GrpcProcess);

}  // namespace

std::vector<std::string> take_grpc_log() {
  const std::scoped_lock lock{grpc_log().mutex};
  return std::exchange(grpc_log().lines, {});
}

}  // namespace peerpay::net
