#include "wallet/confirmation.h"

#include <algorithm>
#include <cstddef>

#include "base/check.h"
#include "base/utf8.h"
#include "ledger/address.h"
#include "wallet/builder.h"
#include "wallet/text.h"

namespace peerpay::wallet {
namespace {

constexpr std::size_t kMarkedLength = 6;
constexpr std::size_t kLabelWidth = 11;

void add_line(std::string& out, std::string_view label, std::string_view value) {
  out += "  ";
  out += label;
  out.append(kLabelWidth - label.size(), ' ');
  out += value;
  out += '\n';
}

}  // namespace

std::string amount_text(const ledger::Genesis& genesis, ledger::AssetId asset,
                        ledger::Amount amount) {
  const auto* known = genesis.asset(asset);
  if (known == nullptr) {
    return std::to_string(amount.units()) + " units of asset " + std::to_string(asset.value);
  }
  return ledger::format_amount(amount, known->scale) + " " + known->code;
}

std::string marked_address(std::string_view address) {
  const auto data = address.find('1') + 1;  // npos + 1 is 0: no prefix
  if (address.size() < data + 2 * kMarkedLength) return std::string{address};
  std::string out{address.substr(0, data)};
  out += " " + std::string{address.substr(data, kMarkedLength)} + " ";
  out += address.substr(data + kMarkedLength, address.size() - data - 2 * kMarkedLength);
  out += " " + std::string{address.substr(address.size() - kMarkedLength)};
  return out;
}

std::string confirmation_text(const ledger::Genesis& genesis,
                              const ledger::Transaction& transaction,
                              const ConfirmationFacts& facts) {
  const auto order = order_of(transaction);
  PEERPAY_CHECK(order.has_value(), "a transaction from build_payment is one payment");
  const auto now = std::min(transaction.valid_until, facts.now);
  const auto valid_ms = static_cast<std::int64_t>(transaction.valid_until.value - now.value);
  std::string out = "Payment on network \"" + genesis.network + "\"\n";
  add_line(out, "pay", amount_text(genesis, order->asset, order->amount));
  add_line(out, "to", marked_address(ledger::format_address(genesis.kind, order->payee)));
  if (facts.is_first_payment) add_line(out, "", "you have not paid this address before");
  if (order->payee.tag) add_line(out, "tag", std::to_string(*order->payee.tag));
  add_line(out, "from", facts.from_name);
  add_line(out, "fee", amount_text(genesis, transaction.fee.asset, transaction.fee.max));
  if (!order->reference.empty()) add_line(out, "reference", base::printable(order->reference));
  if (!order->memo.empty()) add_line(out, "memo", base::printable(order->memo));
  add_line(out, "expires",
           format_utc(transaction.valid_until) + " (in " +
               format_duration(base::milliseconds(valid_ms)) + ")");
  if (is_covered(transaction, facts.balance)) {
    const ledger::Amount left{facts.balance.units() - order->amount.units() -
                              transaction.fee.max.units()};
    add_line(out, "leaves", amount_text(genesis, order->asset, left));
  }
  return out;
}

std::string claims_text(const PayeeClaims& claims) {
  std::string out;
  const auto add_claim = [&out](std::string_view label, std::string_view value) {
    if (out.empty()) out = "The payee says, and nobody has checked:\n";
    add_line(out, label, value);
  };
  if (!claims.label.empty()) add_claim("who", base::printable(base::as_bytes(claims.label)));
  if (!claims.message.empty()) {
    add_claim("what for", base::printable(base::as_bytes(claims.message)));
  }
  if (claims.open_until) add_claim("open until", format_utc(*claims.open_until));
  return out;
}

}  // namespace peerpay::wallet
