#include "wallet/cli/order_arguments.h"

#include "ledger/limits.h"
#include "ledger/result.h"

namespace peerpay::wallet::cli {
namespace {

std::string asset_codes(const ledger::Genesis& genesis) {
  std::string out;
  for (const auto& asset : genesis.assets) out += (out.empty() ? "" : ", ") + asset.code;
  return out;
}

}  // namespace

Result<base::Bytes> bounded_text(std::string_view option, const std::string& text,
                                 std::size_t size_max) {
  if (text.size() <= size_max) return base::Bytes(text.begin(), text.end());
  return fail(ExitCode::kUsage, "text_too_long",
              std::string{option} + " takes at most " + std::to_string(size_max) + " bytes, not " +
                  std::to_string(text.size()) + ".");
}

Result<ledger::AssetId> parse_asset(const ledger::Genesis& genesis, const std::string& code) {
  const auto asset = genesis.asset_by_code(code);
  if (asset) return *asset;
  return fail(ExitCode::kUsage, "asset_unknown",
              "This network has no asset \"" + code + "\"; it has " + asset_codes(genesis) + ".");
}

Result<ledger::Amount> parse_units(const ledger::Genesis& genesis, ledger::AssetId asset,
                                   const std::string& text) {
  const auto scale = genesis.asset(asset)->scale;
  const auto amount = ledger::parse_amount(text, scale);
  const bool is_zero = amount && amount->is_zero();
  const bool is_too_large = amount && amount->units() > ledger::kSupplyMax;
  if (amount && !is_zero && !is_too_large) return *amount;
  std::string code = "amount_malformed";
  if (is_zero) code = ledger::code(ledger::TransactionResult::kAmountZero);
  if (is_too_large) code = ledger::code(ledger::TransactionResult::kAmountOverflow);
  return fail(ExitCode::kUsage, code,
              "AMOUNT \"" + text + "\" is not above zero, at most " +
                  ledger::format_amount(ledger::Amount{ledger::kSupplyMax}, scale) +
                  ", and with at most " + std::to_string(scale) + " digits after the point.");
}

}  // namespace peerpay::wallet::cli
