#pragma once
// What a person reads before anything is signed. Pure text: the shell decides where it goes.

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "ledger/amount.h"
#include "ledger/genesis.h"
#include "ledger/transaction.h"

namespace peerpay::wallet {

// "12.50 USD"; "7 units of asset 9" when the genesis has no such asset.
[[nodiscard]] std::string amount_text(const ledger::Genesis& genesis, ledger::AssetId asset,
                                      ledger::Amount amount);

// The address with its first and last 6 characters after the prefix set apart, which is what people
// compare: "tpeer1 qx3fke …long middle… 9ayz0t".
[[nodiscard]] std::string marked_address(std::string_view address);

struct ConfirmationFacts {
  std::string_view from_name;
  bool is_first_payment;   // this wallet never paid this address before
  ledger::Amount balance;  // of the paid asset, before
  base::UnixMillis now;
};
// One fact a line, ends with a line feed. REQUIRES: `transaction` from build_payment.
[[nodiscard]] std::string confirmation_text(const ledger::Genesis& genesis,
                                            const ledger::Transaction& transaction,
                                            const ConfirmationFacts& facts);

// What a payee says in a payment request: never proof of anything.
struct PayeeClaims {
  std::string label;    // who they are
  std::string message;  // what the payment is for
  std::optional<base::UnixMillis> open_until;
};
// One claim a line under a line that says whose words these are; empty when there is none.
[[nodiscard]] std::string claims_text(const PayeeClaims& claims);

}  // namespace peerpay::wallet
