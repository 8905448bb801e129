// A disk that refuses one operation while a store is opened or made, each in turn: the store says
// so, and once the disk works again everything that was acknowledged is there.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <functional>

#include "base/check.h"
#include "tests/durability/fault_disk.h"
#include "tests/durability/power_cuts.h"
#include "tests/durability/test_environment.h"
#include "tests/support/temporary_directory.h"

namespace peerpay::durability {
namespace {

namespace fs = std::filesystem;
using storage::HistoryIndex;
using storage::Store;

constexpr std::uint64_t kBlocks = 12;
constexpr std::uint64_t kReadStride = 5;  // there are many of them, and they are much alike
constexpr int kSound = 10;
constexpr int kRefused = 11;
constexpr int kNotMet = 12;
constexpr int kWrong = 13;

// How a process ends that does this; each is one of its own, as RocksDB's threads do not survive a
// fork, and what failed is never closed.
int in_a_process(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  PEERPAY_CHECK(::waitpid(child, &status, 0) == child, "a test may wait for its child");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

class Refusals : public testing::Test {
 protected:
  void SetUp() override { fs::create_directory(aside_); }
  // A copy of the store of `template_path`, or no store at all, met by a disk that refuses once.
  int open_while_refused(const std::string& path, Operation operation, std::uint64_t nth,
                         Refusal refusal) {
    return in_a_process([&] {
      FaultDisk disk{path, aside_};
      EnvironmentOfTest environment{disk.start_process()};
      disk.fail(operation, nth, refusal);
      auto store = Store::open(path, chain_->network(), HistoryIndex::kKept);
      const bool opened = store && storage::recover(**store, chain_->genesis());
      if (!disk.has_failed()) return kNotMet;
      if (opened && !(*store)->failure()) return kSound;
      return kRefused;
    });
  }
  int open_afterwards(const std::string& path, std::uint64_t height) {
    return in_a_process([&] {
      FaultDisk disk{path, aside_};
      EnvironmentOfTest environment{disk.start_process()};
      const std::string defect = storage::test::defect(path, *chain_, height);
      if (!defect.empty()) fprintf(stderr, "%s\n", defect.c_str());
      return defect.empty() ? kSound : kWrong;
    });
  }
  void make_template() {
    ASSERT_EQ(in_a_process([&] {
                FaultDisk disk{template_, aside_};
                EnvironmentOfTest environment{disk.start_process()};
                auto store = Store::open(template_, chain_->network(), HistoryIndex::kKept);
                if (!store || !storage::recover(**store, chain_->genesis())) return kWrong;
                for (std::uint64_t height = 1; height <= kBlocks; ++height) {
                  if (!(*store)->commit(chain_->at(height).finalized())) return kWrong;
                }
                return kSound;
              }),
              kSound);
  }
  // Refuses the first operation, the second, and so on, until opening has no more of them.
  void sweep(Operation operation, Refusal refusal, bool is_made_anew);

  std::unique_ptr<storage::test::TestChain> chain_ = chain_of_lives();
  peerpay::test::TemporaryDirectory directory_;
  std::string template_ = directory_.file("template");
  std::string aside_ = directory_.file("aside");
};

void Refusals::sweep(Operation operation, Refusal refusal, bool is_made_anew) {
  const std::uint64_t stride = operation == Operation::kRead ? kReadStride : 1;
  for (std::uint64_t nth = 0;; nth += stride) {
    SCOPED_TRACE("operation " + std::to_string(static_cast<int>(operation)) + " number " +
                 std::to_string(nth));
    const std::string path = directory_.file("chain");
    fs::remove_all(path);
    fs::remove_all(path + ".new");
    if (!is_made_anew) fs::copy(template_, path);
    const int ended = open_while_refused(path, operation, nth, refusal);
    EXPECT_TRUE(ended == kSound || ended == kRefused || ended == kNotMet) << ended;
    EXPECT_EQ(open_afterwards(path, is_made_anew ? 0 : kBlocks), kSound);
    if (ended == kNotMet) return;
  }
}

TEST_F(Refusals, WhileAStoreIsOpened) {
  make_template();
  for (std::size_t operation = 0; operation < kOperations; ++operation) {
    sweep(static_cast<Operation>(operation), Refusal::kError, false);
  }
}

TEST_F(Refusals, WhileAStoreIsMade) {
  for (std::size_t operation = 0; operation < kOperations; ++operation) {
    sweep(static_cast<Operation>(operation), Refusal::kNoSpace, true);
  }
}

}  // namespace
}  // namespace peerpay::durability
