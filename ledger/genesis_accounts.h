#pragma once
// The rules for a genesis's accounts (spec: ledger L8), for who may have to give up in between:
// millions of them take minutes.

#include <optional>
#include <string>

#include "base/should_stop.h"
#include "ledger/genesis.h"

namespace peerpay::ledger {

// One sentence when one of them breaks a rule, as Genesis::invalid_reason() has it. Once
// `should_stop` says so it ends early, and what it returns means nothing.
[[nodiscard]] std::optional<std::string> invalid_accounts_reason(
    const Genesis& genesis, const base::ShouldStop& should_stop);

}  // namespace peerpay::ledger
