#pragma once
// TemporaryDirectory: a fresh directory of one test, removed with everything in it afterwards.

#include <string>
#include <string_view>

namespace peerpay::test {

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();

  const std::string& path() const { return path_; }
  // `path()`/`name`
  [[nodiscard]] std::string file(std::string_view name) const;

 private:
  std::string path_;
};

}  // namespace peerpay::test
