#include "bench/temporary_home.h"

#include <stdlib.h>

#include <filesystem>
#include <utility>

#include "base/os/io_error.h"

namespace peerpay::bench {

Result<TemporaryHome> TemporaryHome::create() {
  auto path = (std::filesystem::temp_directory_path() / "peerpay-bench-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) {
    return fail(os::io_failure("create", path).error.sentence());
  }
  return TemporaryHome{std::move(path)};
}

TemporaryHome::TemporaryHome(TemporaryHome&& other) noexcept
    : path_{std::exchange(other.path_, {})}, keep_{other.keep_} {}

TemporaryHome::~TemporaryHome() {
  if (keep_ || path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace peerpay::bench
