#include "base/database/platform.h"

#include <rocksdb/env.h>

namespace peerpay::database {

// Memory: a validator shall run in 200 MiB beside its accounts, four of them on a small machine.
Platform platform() { return {rocksdb::Env::Default(), std::size_t{8} << 20}; }

}  // namespace peerpay::database
