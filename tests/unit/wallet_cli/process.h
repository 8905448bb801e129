#pragma once
// Runs the `peerpay` program as a process: with pipes, or on a terminal of its own.

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace peerpay::wallet::cli {

struct Finished {
  int exit_code = -1;  // 128 + signal when it was killed
  std::string out;     // stdout
  std::string err;     // stderr; with a terminal both are here
};

using Arguments = std::vector<std::string>;

// PEERPAY_*, XDG_* and proxies are not passed on. Fails the test when it takes more than a minute.
[[nodiscard]] Finished run_peerpay(const Arguments& arguments, std::string_view input = {});

// A process that is under way.
class Running {
 public:
  explicit Running(const Arguments& arguments);
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running();

  [[nodiscard]] pid_t pid() const { return child_; }
  void send_signal(int signal) const;
  [[nodiscard]] Finished wait();

 private:
  pid_t child_ = -1;
  int out_ = -1;
  int err_ = -1;
};

// The program on a pseudo-terminal.
class Terminal {
 public:
  Terminal(const std::string& program, const Arguments& arguments);
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal();

  // Reads until `text` appears. Gives what stood between the last match and this one; empty when
  // the program ends first.
  [[nodiscard]] std::optional<std::string> expect(std::string_view text);
  void type(std::string_view text) const;
  [[nodiscard]] pid_t pid() const { return child_; }
  // What is typed is shown.
  [[nodiscard]] bool is_echoing() const;
  [[nodiscard]] Finished wait();

 private:
  bool read_more();
  pid_t child_ = -1;
  int terminal_ = -1;
  std::string screen_;
  std::size_t matched_ = 0;
};

}  // namespace peerpay::wallet::cli
