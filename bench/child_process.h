#pragma once
// ChildProcess: one process of ours that can't outlive us. The kernel kills it when the thread that
// spawned it ends (prctl(2), PR_SET_PDEATHSIG), so spawn from the main thread.

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "bench/failure.h"

namespace peerpay::bench {

class ChildProcess {
 public:
  // `command` is the program's path and its arguments; both outputs are appended to `log_path`.
  // That the program can't be executed shows as an end with exit code 127.
  [[nodiscard]] static Result<ChildProcess> spawn(const std::vector<std::string>& command,
                                                  const std::string& log_path);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();  // kills it if it still runs

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Empty while it runs; its wait status (wait(2)) afterwards.
  [[nodiscard]] std::optional<int> ended();
  // SIGKILL, and waits for the end.
  void kill();
  // SIGTERM, and SIGKILL when it has not ended after `grace`. Returns its wait status.
  int terminate(base::Duration grace);

 private:
  explicit ChildProcess(pid_t pid) : pid_{pid} {}
  pid_t pid_ = -1;  // -1: moved from
  std::optional<int> status_;
};

}  // namespace peerpay::bench
