#pragma once
// QueueFront: below which key a table that is used as a queue holds no row. Scans begin there, so
// that they do not walk over every row that was ever taken from the front: RocksDB keeps erased
// rows as tombstones until a compaction.
//
// Callable from any thread; the writer calls lower() when the row is there.

#include <cstdint>
#include <mutex>
#include <optional>

#include "base/bytes.h"

namespace peerpay::api {

class QueueFront {
 public:
  struct Mark {
    base::Bytes from;  // where a scan begins
    std::uint64_t lowerings = 0;
  };
  [[nodiscard]] Mark mark() const;

  // A row was added at `key`.
  void lower(const base::Bytes& key);
  // A scan from `mark` met `first`, or no row at all. Does not count when a row was added
  // meanwhile: the scan may not have seen it.
  void raise(const Mark& mark, const std::optional<base::Bytes>& first);

 private:
  mutable std::mutex mutex_;
  Mark front_;  // guarded by mutex_
};

}  // namespace peerpay::api
