#include "node/net/grpc_process.h"

#include <absl/synchronization/mutex.h>
#include <grpc/support/log.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "base/check.h"

namespace peerpay::net {
namespace {

// gRPC's log function is one per process and takes no argument of ours, so this cannot be a member.
// Never destroyed: gRPC's threads may still log while the process ends.
GrpcLog& log_target() {
  // NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
  static GrpcLog& target = *new GrpcLog;
  return target;
}

void log_line(gpr_log_func_args* line) { log_target()("grpc: " + escape_log_line(line->message)); }

}  // namespace

void prepare_grpc_process(GrpcLog log) {
  PEERPAY_CHECK(!log_target(), "prepare_grpc_process is called once");
  log_target() = std::move(log);
  gpr_set_log_function(log_line);
  // Of a build with assertions, as Debian's is, each lock is checked for cycles: 3 % of our time.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Our certificates are ECDSA, this suite needs RSA: what is left are the suites of TLS 1.3, which
  // this list does not restrict. (A list that names suites of 1.3 alone breaks every handshake.)
  constexpr int kOverwrite = 1;
  ::setenv("GRPC_SSL_CIPHER_SUITES", "ECDHE-RSA-AES128-GCM-SHA256", kOverwrite);
}

std::string escape_log_line(std::string_view text) {
  static constexpr std::array<char, 16> kDigits = {'0', '1', '2', '3', '4', '5', '6', '7',
                                                   '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
  std::string out;
  out.reserve(text.size());
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte == '\\') {
      out += "\\\\";
    } else if (byte >= 0x20 && byte <= 0x7e) {
      out += character;
    } else {
      out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 0xf]};
    }
  }
  return out;
}

}  // namespace peerpay::net
