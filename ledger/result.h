#pragma once
// TransactionResult: why a transaction can't be applied, in precedence order. Values are frozen:
// they are sent to clients and stay the same for ever; a new reason gets a new number.

#include <cstdint>
#include <optional>
#include <string_view>

namespace peerpay::ledger {

enum class TransactionResult : std::uint16_t {
  kApplied = 0,
  // Known from the bytes alone.
  kMalformed = 1,  // not the canonical bytes of a transaction
  kVersionUnsupported = 2,
  kChainIdWrong = 3,  // the submission names another network
  kOperationsEmpty = 4,
  kNonceZero = 5,
  kAmountZero = 6,
  kPayeeIsSender = 7,
  kSponsorIsSender = 8,
  kAmountOverflow = 9,     // the legs of one asset sum above the largest supply
  kSignatureMissing = 10,  // not one signature for the sender and one for the sponsor
  kSignatureInvalid = 11,
  // Known from the genesis.
  kAssetUnknown = 20,
  kFeeAssetUnknown = 21,
  kFeeTooLow = 22,
  // Known from the state and the block's time.
  kExpired = 30,
  kSenderUnknown = 31,  // never received anything
  kSponsorUnknown = 32,
  kNonceUsed = 33,
  kNonceTooOld = 34,  // below the window: used or given up
  kNonceTooFarAhead = 35,
  kFundsInsufficient = 36,
  kSponsorFundsInsufficient = 37,
  kBalanceOverflow = 38,
  kPayeeInvalid = 39,  // first credit to what is no public key: nobody could ever spend it
};

// `never`: no later block can apply these bytes. `later`: one may, until valid_until.
enum class ResultClass : std::uint8_t { kApplied, kNever, kLater };

[[nodiscard]] ResultClass result_class(TransactionResult result);
// Stable snake_case code, for example "funds_insufficient".
[[nodiscard]] std::string_view code(TransactionResult result);
// One clear sentence for people.
[[nodiscard]] std::string_view sentence(TransactionResult result);
// The result that has this frozen number, if there is one.
[[nodiscard]] std::optional<TransactionResult> result_from(std::uint16_t value);

}  // namespace peerpay::ledger
