#include "bench/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/os/process.h"
#include "bench/process_usage.h"
#include "bench/temporary_home.h"

namespace peerpay::bench {
namespace {

class ChildProcessTest : public testing::Test {
 protected:
  void SetUp() override {
    auto home = TemporaryHome::create();
    ASSERT_TRUE(home);
    home_.emplace(std::move(*home));
  }
  ChildProcess spawn(const std::vector<std::string>& command) {
    auto process = ChildProcess::spawn(command, home_->path() + "/log");
    EXPECT_TRUE(process);
    return std::move(*process);
  }
  // Waits for the end of a process that ends by itself.
  static int await_end(ChildProcess& process) {
    for (;;) {
      if (const auto status = process.ended()) return *status;
    }
  }
  std::string log() const {
    std::ifstream file{home_->path() + "/log"};
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::optional<TemporaryHome> home_;
};

TEST_F(ChildProcessTest, WritesBothOutputsToItsLog) {
  auto process = spawn({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(WEXITSTATUS(await_end(process)), 3);
  EXPECT_EQ(log(), "out\nerr\n");
}

TEST_F(ChildProcessTest, EndsWith127WhenThereIsNoProgram) {
  auto process = spawn({"/nonexistent/program"});
  EXPECT_EQ(WEXITSTATUS(await_end(process)), 127);
}

TEST_F(ChildProcessTest, TerminateLetsItEndInOrder) {
  auto process =
      spawn({"/bin/sh", "-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done"});
  while (log().empty()) {
  }
  EXPECT_EQ(WEXITSTATUS(process.terminate(base::seconds(10))), 7);
}

TEST_F(ChildProcessTest, TerminateKillsWhatDoesNotListen) {
  auto process = spawn({"/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.01; done"});
  while (log().empty()) {
  }
  const int status = process.terminate(base::milliseconds(50));
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST_F(ChildProcessTest, DiesWithItsOwner) {
  pid_t pid = 0;
  {
    const auto process = spawn({"/bin/sleep", "600"});
    pid = process.pid();
    EXPECT_TRUE(cpu_time_of(pid));
    EXPECT_GT(resident_bytes_of(pid).value_or(0), 0u);
  }
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_FALSE(cpu_time_of(pid));
  EXPECT_FALSE(resident_bytes_of(pid));
}

TEST(ProcessUsage, CountsOwnWork) {
  const auto before = cpu_time_of(::getpid());
  const auto thread_before = cpu_time_of_thread();
  while (cpu_time_of_thread() < thread_before + base::milliseconds(20)) {
  }
  const auto after = cpu_time_of(::getpid());
  ASSERT_TRUE(before && after);
  EXPECT_GE(after->microseconds - before->microseconds, 20'000);
}

TEST(ProcessUsage, TellsThreadsApartByName) {
  constexpr const char* kName = "busy-thread";
  std::atomic<bool> worked{false};
  std::atomic<bool> done{false};
  std::jthread thread{[&] {
    os::name_this_thread(kName);
    while (cpu_time_of_thread() < base::milliseconds(20)) {
    }
    worked = true;
    worked.notify_one();
    done.wait(false);
  }};
  worked.wait(false);
  const auto times = thread_times_of(::getpid());
  done = true;
  done.notify_one();
  ASSERT_TRUE(times.contains(kName));
  EXPECT_GE(times.at(kName), base::milliseconds(19));  // the kernel counts when it looks
  EXPECT_LE(times.at(kName), cpu_time_of(::getpid()));
  EXPECT_TRUE(thread_times_of(-1).empty());
}

TEST(TemporaryHome, GoesAwayUnlessItIsKept) {
  std::string path;
  {
    const auto home = TemporaryHome::create();
    ASSERT_TRUE(home);
    path = home->path();
    std::ofstream{path + "/file"} << "content";
  }
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace peerpay::bench
