#pragma once
// What people write that goes into a genesis. Pure.

#include <string>
#include <vector>

#include "base/expected.h"
#include "ledger/amount.h"
#include "ledger/genesis.h"
#include "ledger/ids.h"

namespace peerpay::app {

// A validator's entry: TOML, one key a line. What the genesis asks of it is not checked here.
[[nodiscard]] std::string format_entry(const ledger::Validator& entry);
[[nodiscard]] base::Expected<ledger::Validator, std::string> parse_entry(const std::string& text,
                                                                         const std::string& source);

struct Funding {
  ledger::AccountId account;
  ledger::AssetId asset;
  ledger::Amount amount;
};
// "ADDRESS=USD:12.50"; a sentence when it is not.
[[nodiscard]] base::Expected<Funding, std::string> parse_funding(
    const std::string& text, ledger::NetworkKind kind, const std::vector<ledger::Asset>& assets);

}  // namespace peerpay::app
