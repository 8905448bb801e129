// Decimal amounts, against a reading of the digits that was written apart.

#include <optional>
#include <string>

#include "ledger/amount.h"
#include "ledger/limits.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;

// Whole digits, a point, and digits, moved `scale` places to the left.
std::optional<std::uint64_t> naive_units(std::string_view text, std::size_t scale) {
  const auto point = text.find('.');
  const bool has_point = point != std::string_view::npos;
  std::string digits{text.substr(0, point)};
  const std::string_view behind = has_point ? text.substr(point + 1) : std::string_view{};
  if (digits.empty() || (has_point && behind.empty()) || behind.size() > scale) return {};
  digits += behind;
  digits.append(scale - behind.size(), '0');
  std::uint64_t units = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return {};
    if (__builtin_mul_overflow(units, 10U, &units)) return {};
    if (__builtin_add_overflow(units, static_cast<unsigned>(c - '0'), &units)) return {};
  }
  return units;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Draw draw{{data, size}};
  const auto scale = static_cast<std::uint8_t>(draw.below(ledger::kAssetScaleMax + 1));
  const ledger::Amount any{fuzz::Draw{{data, size}}.integer()};
  PEERPAY_CHECK(ledger::parse_amount(ledger::format_amount(any, scale), scale) == any,
                "every amount comes back");

  const auto text = fuzz::as_text(draw.rest());
  const auto amount = ledger::parse_amount(text, scale);
  const auto expected = naive_units(text, scale);
  PEERPAY_CHECK(amount.has_value() == expected.has_value(), "both readers take it, or none");
  PEERPAY_CHECK(!amount || amount->units() == *expected, "both readers read the same");
  return 0;
}
