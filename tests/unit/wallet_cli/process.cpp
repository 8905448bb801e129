#include "tests/unit/wallet_cli/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace peerpay::wallet::cli {
namespace {

constexpr int kPatienceMs = 60'000;

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  return {ends[0], ends[1]};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// REQUIRES: runs in the child.
[[noreturn]] void execute(const std::string& program, const Arguments& arguments) {
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment{"PATH=/usr/bin:/bin", "TERM=dumb"};
  execve(program.c_str(), pointers(words).data(), pointers(environment).data());
  _exit(127);
}

int exit_code_of(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Reads both ends until they are closed.
void drain(int out, int err, Finished& finished, pid_t child) {
  std::array<pollfd, 2> ends{pollfd{out, POLLIN, 0}, pollfd{err, POLLIN, 0}};
  std::array<std::string*, 2> texts{&finished.out, &finished.err};
  std::array<char, 4096> buffer{};
  while (ends[0].fd >= 0 || ends[1].fd >= 0) {
    if (poll(ends.data(), ends.size(), kPatienceMs) <= 0) {
      ADD_FAILURE() << "the program does not end";
      kill(child, SIGKILL);
      return;
    }
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].revents == 0) continue;
      const auto size = read(ends[i].fd, buffer.data(), buffer.size());
      if (size > 0) {
        texts[i]->append(buffer.data(), static_cast<std::size_t>(size));
      } else {
        ends[i].fd = -1;
      }
    }
  }
}

struct Child {
  pid_t pid;
  int in;
  int out;
  int err;
};

Child start(const Arguments& arguments) {
  const auto in = make_pipe();
  const auto out = make_pipe();
  const auto err = make_pipe();
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(in.read_end, STDIN_FILENO);
    dup2(out.write_end, STDOUT_FILENO);
    dup2(err.write_end, STDERR_FILENO);
    setsid();  // no controlling terminal: nothing may ask there
    execute(PEERPAY_PROGRAM, arguments);
  }
  close(in.read_end);
  close(out.write_end);
  close(err.write_end);
  return {pid, in.write_end, out.read_end, err.read_end};
}

}  // namespace

Finished run_peerpay(const Arguments& arguments, std::string_view input) {
  const auto child = start(arguments);
  std::signal(SIGPIPE, SIG_IGN);  // a program that does not read its input is fine
  (void)!write(child.in, input.data(), input.size());
  close(child.in);
  Finished out;
  drain(child.out, child.err, out, child.pid);
  close(child.out);
  close(child.err);
  out.exit_code = exit_code_of(child.pid);
  return out;
}

Running::Running(const Arguments& arguments) {
  const auto child = start(arguments);
  close(child.in);
  child_ = child.pid;
  out_ = child.out;
  err_ = child.err;
}

Running::~Running() {
  if (child_ < 0) return;
  kill(child_, SIGKILL);
  (void)wait();
}

void Running::send_signal(int signal) const { kill(child_, signal); }

Finished Running::wait() {
  Finished out;
  drain(out_, err_, out, child_);
  close(out_);
  close(err_);
  out.exit_code = exit_code_of(child_);
  child_ = -1;
  return out;
}

Terminal::Terminal(const std::string& program, const Arguments& arguments) {
  child_ = forkpty(&terminal_, nullptr, nullptr, nullptr);
  if (child_ == 0) execute(program, arguments);
}

Terminal::~Terminal() {
  if (child_ < 0) return;
  kill(child_, SIGKILL);
  (void)wait();
}

bool Terminal::read_more() {
  pollfd ready{terminal_, POLLIN, 0};
  if (poll(&ready, 1, kPatienceMs) <= 0) {
    ADD_FAILURE() << "the program neither writes nor ends";
    kill(child_, SIGKILL);
    return false;
  }
  std::array<char, 4096> buffer{};
  const auto size = read(terminal_, buffer.data(), buffer.size());
  if (size <= 0) return false;  // EIO: the program has ended
  screen_.append(buffer.data(), static_cast<std::size_t>(size));
  return true;
}

std::optional<std::string> Terminal::expect(std::string_view text) {
  while (true) {
    const auto found = screen_.find(text, matched_);
    if (found != std::string::npos) {
      auto between = screen_.substr(matched_, found - matched_);
      matched_ = found + text.size();
      return between;
    }
    if (!read_more()) return std::nullopt;
  }
}

bool Terminal::is_echoing() const {
  termios mode{};
  EXPECT_EQ(tcgetattr(terminal_, &mode), 0);
  return (mode.c_lflag & ECHO) != 0;
}

void Terminal::type(std::string_view text) const {
  EXPECT_EQ(write(terminal_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

Finished Terminal::wait() {
  while (read_more()) {
  }
  close(terminal_);
  Finished out{.exit_code = exit_code_of(child_), .out = {}, .err = screen_};
  child_ = -1;
  return out;
}

}  // namespace peerpay::wallet::cli
