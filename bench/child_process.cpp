#include "bench/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <utility>

#include "base/os/clock.h"
#include "base/os/descriptor.h"

namespace peerpay::bench {
namespace {

constexpr int kExitCannotExecute = 127;

// Between fork and exec only async-signal-safe calls are allowed (signal-safety(7)).
[[noreturn]] void become(char* const* command, int log, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kExitCannotExecute);  // it died before prctl
  ::setpgid(0, 0);  // a Ctrl-C is for us: we end our children in order
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execv(command[0], command);
  ::_exit(kExitCannotExecute);
}

}  // namespace

Result<ChildProcess> ChildProcess::spawn(const std::vector<std::string>& command,
                                         const std::string& log_path) {
  const auto log = os::open_descriptor(log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (!log) return fail(log.error().sentence());
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return fail(os::io_failure("fork").error.sentence());
  if (pid == 0) become(arguments.data(), log->number(), parent);
  return ChildProcess{pid};
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_{std::exchange(other.pid_, -1)}, status_{other.status_} {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  if (this == &other) return *this;
  kill();
  pid_ = std::exchange(other.pid_, -1);
  status_ = other.status_;
  return *this;
}

ChildProcess::~ChildProcess() { kill(); }

std::optional<int> ChildProcess::ended() {
  int status = 0;
  if (!status_ && pid_ > 0 && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

void ChildProcess::kill() {
  if (pid_ <= 0 || ended()) return;
  ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  status_ = status;
}

int ChildProcess::terminate(base::Duration grace) {
  if (!ended()) ::kill(pid_, SIGTERM);
  const auto deadline = os::read_clock().monotonic + grace;
  while (!ended() && os::read_clock().monotonic < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  kill();
  return *status_;
}

}  // namespace peerpay::bench
