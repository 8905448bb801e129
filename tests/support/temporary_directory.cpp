#include "tests/support/temporary_directory.h"

#include <stdlib.h>

#include <filesystem>

#include "base/check.h"

namespace peerpay::test {

TemporaryDirectory::TemporaryDirectory()
    : path_{(std::filesystem::temp_directory_path() / "peerpay-test-XXXXXX").string()} {
  PEERPAY_CHECK(::mkdtemp(path_.data()) != nullptr, "tests need a writable temporary directory");
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryDirectory::file(std::string_view name) const {
  return path_ + "/" + std::string{name};
}

}  // namespace peerpay::test
