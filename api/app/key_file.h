#pragma once
// DATA/api_keys.json: the API keys, changed by `peerpay-gateway keys` also while a gateway runs.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/app/exit_code.h"
#include "api/core/api_key.h"

namespace peerpay::api {

class KeyFile {
 public:
  explicit KeyFile(std::string directory);

  // No file: no keys.
  [[nodiscard]] Result<std::vector<ApiKey>> read() const;
  // Reads, changes and writes it while no other `keys` command does. The file is replaced whole and
  // durable when the call returns; nothing is written when `change` fails.
  [[nodiscard]] Result<void> update(
      const std::function<Result<void>(std::vector<ApiKey>&)>& change) const;

  // Changes with every update.
  struct Version {
    std::uint64_t inode = 0;
    std::int64_t modified_ns = 0;
    friend bool operator==(const Version&, const Version&) = default;
  };
  [[nodiscard]] Version version() const;

 private:
  std::string directory_;
};

// The keys of a running gateway, as the file is now: a look costs a microsecond. While the file
// can't be read, the keys before stay: whoever can damage it must not be able to lock the shop out;
// `trouble` is told once for each change. A file that is gone holds no keys.
class LiveKeys {
 public:
  LiveKeys(KeyFile file, std::vector<ApiKey> keys, std::function<void(const std::string&)> trouble);
  [[nodiscard]] const std::vector<ApiKey>& keys();

 private:
  KeyFile file_;
  std::vector<ApiKey> keys_;
  std::function<void(const std::string&)> trouble_;
  KeyFile::Version version_;  // of keys_
  KeyFile::Version told_;     // of the trouble that was told last
};

}  // namespace peerpay::api
