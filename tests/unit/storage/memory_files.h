#pragma once
// MemoryFiles: a disk that fails and forgets on command, as files.h says a disk may.
//
// Every operation is a step. fail_at() makes one of them fail, once; crash_at() makes it the last
// one that reaches the disk, and everything after it fails. power_cut() then decides by a seed what
// survived.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/rng.h"
#include "node/storage/files.h"

namespace peerpay::storage::test {

class MemoryFiles final : public Files {
 public:
  // `step` counts from 0. A failing write has written the first half of its bytes.
  void fail_at(std::uint64_t step, int errno_value) { fault_ = {step, errno_value, false}; }
  void crash_at(std::uint64_t step) { fault_ = {step, 0, true}; }
  void no_fault() { fault_.reset(); }
  std::uint64_t steps() const { return steps_; }
  void restart_steps() { steps_ = 0; }
  // Whether the planned fault made an operation fail: nothing else does.
  bool has_failed() const { return fault_ && steps_ > fault_->step + (fault_->crash ? 1 : 0); }

  // All locks go; what was not synced survives in part, sector by sector.
  void power_cut(base::Rng& rng);
  // All locks go; nothing is lost, and nothing more became durable.
  void kill();

  // Content as a reader sees it. REQUIRES: the file exists.
  base::Bytes& content(const std::string& path);
  bool exists(const std::string& path) const { return names_.contains(path); }

  os::IoExpected<std::unique_ptr<LockedFile>> open(const std::string& path, OpenMode mode) override;
  os::IoExpected<void> rename(const std::string& from, const std::string& to,
                              os::Existing existing) override;
  // No step: it succeeds whatever fails, but not after a crash.
  void remove(const std::string& path) override;
  os::IoExpected<void> sync_directory_of(const std::string& path) override;

 private:
  friend class MemoryFile;
  struct Node {
    base::Bytes now;
    base::Bytes durable;
    bool locked = false;
  };
  struct Fault {
    std::uint64_t step;
    int errno_value;
    bool crash;
  };
  enum class Step { kDone, kFailed, kOff };
  Step next_step();
  os::IoExpected<void> failure(const std::string& operation) const;
  static void lose(Node& node, base::Rng& rng);

  using Names = std::map<std::string, std::shared_ptr<Node>>;
  Names names_;
  Names names_durable_;
  std::optional<Fault> fault_;
  std::uint64_t steps_ = 0;
};

}  // namespace peerpay::storage::test
