#include "tests/unit/net/grpc_test_process.h"

#include <gtest/gtest.h>

#include <csignal>
#include <mutex>
#include <utility>

#include "node/net/grpc_process.h"

// gRPC, abseil, protobuf and OpenSSL are not built with the thread sanitizer, so it sees neither
// their memory accesses nor how they synchronize (abseil's mutex is its own). What they do is
// ignored, and so is what gRPC's templates do inside our object files. Our own code is checked: it
// hands nothing from thread to thread but through its own locks.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() { return "ignore_noninstrumented_modules=1"; }
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:^grpc::\n"
         "race:^google::protobuf::\n"
         "race:~PinVerifier\n"  // owned and released by gRPC
         "thread:grpc_core::Thread::Thread\n";
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
