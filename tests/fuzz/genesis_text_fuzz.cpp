// What operators send each other and type for a genesis: validators' entries, and who has what.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/address.h"
#include "node/app/genesis_text.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;

// As the names and addresses that a genesis takes are, so that an entry prints them as they are.
bool is_unquoted(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
}

void check_entry(const std::string& text) {
  const auto entry = app::parse_entry(text, "entry.toml");
  if (!entry) {
    PEERPAY_CHECK(entry.error().starts_with("entry.toml"), "it says where");
    return;
  }
  if (!is_unquoted(entry->name) || !is_unquoted(entry->peer_address)) return;
  const auto again = app::parse_entry(app::format_entry(*entry), "again");
  PEERPAY_CHECK(again && *again == *entry, "it means what it prints");
}

void check_funding(const std::string& text) {
  constexpr auto kKind = ledger::NetworkKind::kTest;
  const std::vector<ledger::Asset> assets{{"USD", 2, {}, {}}, {"JPY", 0, {}, {}}};
  const auto funding = app::parse_funding(text, kKind, assets);
  if (!funding) return;
  PEERPAY_CHECK(!funding->amount.is_zero(), "nobody is given nothing");
  const auto& asset = assets.at(funding->asset.value);
  const auto again =
      app::parse_funding(ledger::format_address(kKind, {funding->account, std::nullopt}) + "=" +
                             asset.code + ":" + ledger::format_amount(funding->amount, asset.scale),
                         kKind, assets);
  PEERPAY_CHECK(again && again->account == funding->account && again->asset == funding->asset &&
                    again->amount == funding->amount,
                "one account, one asset, one amount");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{fuzz::as_text({data, size})};
  check_entry(text);
  check_funding(text);
  return 0;
}
