#include "api/app/key_file.h"

#include <sys/stat.h>

#include <cerrno>

#include <utility>

#include "base/os/file.h"
#include "base/os/lock_file.h"
#include "base/os/secret_file.h"

namespace peerpay::api {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{4} << 20;

std::string path_in(const std::string& directory) { return directory + "/api_keys.json"; }

}  // namespace

KeyFile::KeyFile(std::string directory) : directory_{std::move(directory)} {}

KeyFile::Version KeyFile::version() const {
  struct stat status = {};
  if (::stat(path_in(directory_).c_str(), &status) != 0) return {};
  const auto& modified = status.st_mtim;
  return {status.st_ino, std::int64_t{modified.tv_sec} * 1'000'000'000 + modified.tv_nsec};
}

Result<std::vector<ApiKey>> KeyFile::read() const {
  const auto path = path_in(directory_);
  const auto text = os::read_secret_file(path, kFileBytesMax);
  if (!text && text.error().fault == os::SecretFileFault::kUnreadable &&
      text.error().io.errno_value == ENOENT) {
    return std::vector<ApiKey>{};
  }
  if (!text) return fail(ExitCode::kError, text.error().sentence());
  auto keys = parse_key_file(base::to_text(*text));
  if (keys) return *std::move(keys);
  return fail(ExitCode::kDataCorrupt,
              "File " + path + " is damaged: " + keys.error() +
                  " Move it aside and make new keys with peerpay-gateway keys new.");
}

Result<void> KeyFile::update(
    const std::function<Result<void>(std::vector<ApiKey>&)>& change) const {
  // A directory of its own: the gateway holds the lock of the data directory all the time.
  const auto lock_directory = directory_ + "/keys";
  if (const auto made = os::create_directories(lock_directory, 0700); !made) {
    return fail(ExitCode::kError, made.error().sentence());
  }
  const auto lock = os::DirectoryLock::acquire(lock_directory);
  if (!lock) return fail(ExitCode::kDataInUse, lock.error().sentence());
  auto keys = read();
  if (!keys) return base::Unexpected{keys.error()};
  if (auto changed = change(*keys); !changed) return changed;
  const auto text = format_key_file(*keys);
  const auto written = os::write_file_atomically(path_in(directory_), base::as_bytes(text), {});
  if (!written) return fail(ExitCode::kDurabilityLost, written.error().sentence());
  return {};
}

LiveKeys::LiveKeys(KeyFile file, std::vector<ApiKey> keys,
                   std::function<void(const std::string&)> trouble)
    : file_{std::move(file)}, keys_{std::move(keys)}, trouble_{std::move(trouble)} {}

const std::vector<ApiKey>& LiveKeys::keys() {
  const auto version = file_.version();
  if (version == version_) return keys_;
  auto keys = file_.read();
  if (keys) {
    keys_ = *std::move(keys);
    version_ = version;
  } else if (version != told_) {
    told_ = version;
    trouble_(keys.error().sentence);
  }
  return keys_;
}

}  // namespace peerpay::api
