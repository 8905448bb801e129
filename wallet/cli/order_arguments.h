#pragma once
// Parts of a payment as people type them, checked against the network and the ledger's bounds.
// Every failure is ExitCode::kUsage.

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "ledger/amount.h"
#include "ledger/genesis.h"
#include "wallet/cli/failure.h"

namespace peerpay::wallet::cli {

// By its code, "USD".
[[nodiscard]] Result<ledger::AssetId> parse_asset(const ledger::Genesis& genesis,
                                                  const std::string& code);
// Decimal text, above zero.
[[nodiscard]] Result<ledger::Amount> parse_units(const ledger::Genesis& genesis,
                                                 ledger::AssetId asset, const std::string& text);
// At most `size_max` bytes; `option` names it in the failure.
[[nodiscard]] Result<base::Bytes> bounded_text(std::string_view option, const std::string& text,
                                               std::size_t size_max);

}  // namespace peerpay::wallet::cli
