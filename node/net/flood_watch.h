#pragma once
// FloodWatch: whether a connection floods its node, from what the kernel and gRPC count of it.
// Pure.
//
// gRPC 1.51 bounds neither calls that are taken back before they are answered (CVE-2023-44487) nor
// the work of a header block that does not end (CVE-2023-33953), and has no hook that would see
// them. It does count, and whoever accepted the connection can end it.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace peerpay::net {

// Of one connection since it was opened.
struct CallCounts {
  std::uint64_t messages = 0;  // whole ones that came
  std::uint64_t begun = 0;     // calls
  std::uint64_t answered = 0;  // calls; the others were broken, or still run
};

class FloodWatch {
 public:
  // Calls without an answer and without a message that a client may begin at once: what may run at
  // a time (ClientLimits) and some that it gave up. Then one in ten milliseconds.
  static constexpr std::int64_t kEmptyBurst = 160;
  // The same with a message. gRPC counts an answer only when it forgets the call: on a machine that
  // is short of processors, hundreds of calls after the client has it.
  static constexpr std::int64_t kUnansweredBurst = 2'048;
  static constexpr base::Duration kForgivenInterval = base::milliseconds(10);

  // Another look; gRPC took `bytes` since the connection was opened. True when it floods: more
  // calls than that, or more than `unused_bytes_max` since something useful came of it, a message
  // or an answer.
  [[nodiscard]] bool is_flood(std::uint64_t bytes, const CallCounts& calls, base::TimePoint now,
                              std::uint64_t unused_bytes_max);
  // Whether something useful ever came of it.
  [[nodiscard]] bool was_useful() const { return last_.messages + last_.answered > 0; }
  // By the last look: bytes since something useful came of it, and calls without an answer and
  // without a message, less those that are forgiven by `now`.
  [[nodiscard]] std::uint64_t unused_bytes() const { return bytes_ - bytes_used_; }
  [[nodiscard]] std::uint64_t empty_calls(base::TimePoint now) const;

 private:
  std::uint64_t bytes_ = 0;
  std::uint64_t bytes_used_ = 0;  // by the last look that saw something useful
  CallCounts last_;
  std::int64_t unanswered_ = 0;
  std::int64_t empty_ = 0;
  std::optional<base::TimePoint> looked_;
};

}  // namespace peerpay::net
