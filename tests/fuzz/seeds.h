#pragma once
// Where the corpora begin: real values of every kind, by the target that reads them.

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace peerpay::fuzz {

using Seeds = std::vector<std::pair<std::string, base::Bytes>>;  // target, input

[[nodiscard]] Seeds text_seeds();
[[nodiscard]] Seeds ledger_seeds();
[[nodiscard]] Seeds network_seeds();
[[nodiscard]] Seeds gateway_seeds();

}  // namespace peerpay::fuzz
