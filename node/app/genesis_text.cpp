#include "node/app/genesis_text.h"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"
#include "base/settings/settings.h"
#include "ledger/address.h"

namespace peerpay::app {

std::string format_entry(const ledger::Validator& entry) {
  return fmt::format(
      "# A validator's entry for a genesis. Nothing in it is secret.\n"
      "name = \"{}\"\nkey = \"{}\"\nfee_account = \"{}\"\ntls_pin = \"{}\"\ntls_binding = "
      "\"{}\"\npeer_address = \"{}\"\n",
      entry.name, base::to_hex(entry.key.view()), base::to_hex(entry.fee_account.view()),
      base::to_hex(entry.tls_pin.view()), base::to_hex(entry.tls_binding.view()),
      entry.peer_address);
}

base::Expected<ledger::Validator, std::string> parse_entry(const std::string& text,
                                                           const std::string& source) {
  ledger::Validator out;
  std::string key;
  std::string fee_account;
  std::string tls_pin;
  std::string tls_binding;
  const auto parsed = settings::read(text, {{"", "name", "", &out.name},
                                            {"", "key", "", &key},
                                            {"", "fee_account", "", &fee_account},
                                            {"", "tls_pin", "", &tls_pin},
                                            {"", "tls_binding", "", &tls_binding},
                                            {"", "peer_address", "", &out.peer_address}});
  if (!parsed) return base::Unexpected{parsed.error().text(source)};
  std::string bad;
  const auto read = [&](std::string_view name, const std::string& hex, auto& field) {
    const auto value = base::fixed_from_hex<std::remove_reference_t<decltype(field)>>(hex);
    if (value) {
      field = *value;
    } else if (bad.empty()) {
      bad = name;
    }
  };
  read("key", key, out.key);
  read("fee_account", fee_account, out.fee_account);
  read("tls_pin", tls_pin, out.tls_pin);
  read("tls_binding", tls_binding, out.tls_binding);
  if (!bad.empty())
    return base::Unexpected{fmt::format("{}: {} is missing or not hexadecimal", source, bad)};
  return out;
}

base::Expected<Funding, std::string> parse_funding(const std::string& text,
                                                   ledger::NetworkKind kind,
                                                   const std::vector<ledger::Asset>& assets) {
  const auto equals = text.find('=');
  const auto colon = text.find(':', equals == std::string::npos ? 0 : equals);
  if (equals == std::string::npos || colon == std::string::npos) {
    return base::Unexpected{fmt::format("'{}' is not ADDRESS=ASSET:AMOUNT.", text)};
  }
  const auto address = ledger::parse_address(kind, text.substr(0, equals));
  if (!address)
    return base::Unexpected{fmt::format("'{}': {}", text.substr(0, equals), address.error())};
  const auto code = text.substr(equals + 1, colon - equals - 1);
  for (std::uint32_t i = 0; i < assets.size(); ++i) {
    if (assets[i].code != code) continue;
    const auto amount = ledger::parse_amount(text.substr(colon + 1), assets[i].scale);
    if (!amount || amount->is_zero()) {
      return base::Unexpected{
          fmt::format("'{}' is not an amount of {} above zero.", text.substr(colon + 1), code)};
    }
    return Funding{address->account, {i}, *amount};
  }
  return base::Unexpected{fmt::format("'{}' is not an asset of this network.", code)};
}

}  // namespace peerpay::app
