#include "tests/unit/storage/memory_files.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "node/storage/sign_log_format.h"

namespace peerpay::storage::test {

using os::IoExpected;

class MemoryFile final : public LockedFile {
 public:
  MemoryFile(MemoryFiles& disk, std::shared_ptr<MemoryFiles::Node> node)
      : disk_{&disk}, node_{std::move(node)} {
    node_->locked = true;
  }
  ~MemoryFile() override { node_->locked = false; }

  IoExpected<base::Bytes> read(std::size_t size_max) override {
    if (disk_->next_step() != MemoryFiles::Step::kDone) {
      return base::Unexpected{disk_->failure("read").error()};
    }
    if (node_->now.size() > size_max) return base::Unexpected{os::IoError{"memory", "read", EFBIG}};
    return node_->now;
  }

  IoExpected<void> write(std::uint64_t offset, base::ByteView bytes) override {
    const auto step = disk_->next_step();
    if (step == MemoryFiles::Step::kOff) return disk_->failure("write");
    if (step == MemoryFiles::Step::kFailed) bytes = bytes.first(bytes.size() / 2);
    auto& now = node_->now;
    now.resize(std::max<std::size_t>(now.size(), offset + bytes.size()));
    std::copy(bytes.begin(), bytes.end(), now.begin() + static_cast<std::ptrdiff_t>(offset));
    return step == MemoryFiles::Step::kDone ? IoExpected<void>{} : disk_->failure("write");
  }

  IoExpected<void> sync() override {
    if (disk_->next_step() != MemoryFiles::Step::kDone) return disk_->failure("sync");
    node_->durable = node_->now;
    return {};
  }

  IoExpected<void> truncate(std::uint64_t size) override {
    if (disk_->next_step() != MemoryFiles::Step::kDone) return disk_->failure("truncate");
    node_->now.resize(size);
    return {};
  }

 private:
  MemoryFiles* disk_;
  std::shared_ptr<MemoryFiles::Node> node_;
};

MemoryFiles::Step MemoryFiles::next_step() {
  const std::uint64_t step = steps_++;
  if (!fault_) return Step::kDone;
  if (fault_->crash) return step <= fault_->step ? Step::kDone : Step::kOff;
  return step == fault_->step ? Step::kFailed : Step::kDone;
}

IoExpected<void> MemoryFiles::failure(const std::string& operation) const {
  const int cause = fault_ && !fault_->crash ? fault_->errno_value : EIO;
  return base::Unexpected{os::IoError{"memory", operation == "sync" ? "sync" : "write", cause}};
}

void MemoryFiles::lose(Node& node, base::Rng& rng) {
  auto& now = node.now;
  const auto& durable = node.durable;
  if (now == durable) return;
  const std::size_t low = std::min(now.size(), durable.size());
  const std::size_t high = std::max(now.size(), durable.size());
  const std::size_t size = rng.chance(1, 3)   ? rng.between(low, high)
                           : rng.chance(1, 2) ? low
                                              : high;
  for (std::size_t begin = 0; begin < size; begin += kSectorBytes) {
    if (rng.chance(1, 2)) continue;  // as written
    for (std::size_t i = begin; i < std::min(begin + kSectorBytes, size); ++i) {
      if (i >= now.size()) now.push_back(0);
      now[i] = i < durable.size() ? durable[i] : 0;
    }
  }
  now.resize(size);
  node.durable = now;
}

void MemoryFiles::power_cut(base::Rng& rng) {
  if (rng.chance(1, 2)) names_ = names_durable_;
  names_durable_ = names_;
  for (auto& [path, node] : names_) lose(*node, rng);
  kill();
}

void MemoryFiles::kill() {
  no_fault();
  for (auto& [path, node] : names_) node->locked = false;
}

base::Bytes& MemoryFiles::content(const std::string& path) {
  const auto found = names_.find(path);
  PEERPAY_CHECK(found != names_.end(), "the test names a file that exists");
  return found->second->now;
}

IoExpected<std::unique_ptr<LockedFile>> MemoryFiles::open(const std::string& path, OpenMode mode) {
  if (next_step() != Step::kDone) return base::Unexpected{failure("open").error()};
  auto found = names_.find(path);
  if (found == names_.end()) {
    if (mode == OpenMode::kExisting) return base::Unexpected{os::IoError{path, "open", ENOENT}};
    found = names_.emplace(path, std::make_shared<Node>()).first;
  }
  if (found->second->locked) return base::Unexpected{os::IoError{path, "lock", EWOULDBLOCK}};
  if (mode == OpenMode::kEmpty) found->second->now.clear();
  return std::unique_ptr<LockedFile>{std::make_unique<MemoryFile>(*this, found->second)};
}

IoExpected<void> MemoryFiles::rename(const std::string& from, const std::string& to,
                                     os::Existing existing) {
  if (next_step() != Step::kDone) return failure("rename");
  if (existing == os::Existing::kRefuse && names_.contains(to)) {
    return base::Unexpected{os::IoError{to, "rename", EEXIST}};
  }
  names_[to] = names_.at(from);
  names_.erase(from);
  return {};
}

void MemoryFiles::remove(const std::string& path) {
  const bool is_off = fault_ && fault_->crash && steps_ > fault_->step;
  if (!is_off) names_.erase(path);
}

IoExpected<void> MemoryFiles::sync_directory_of(const std::string&) {
  if (next_step() != Step::kDone) return failure("sync");
  names_durable_ = names_;
  return {};
}

}  // namespace peerpay::storage::test
