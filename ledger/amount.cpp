#include "ledger/amount.h"

namespace peerpay::ledger {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<Amount> append_digit(Amount amount, char digit) {
  const auto shifted = amount.checked_times(10);
  if (!shifted) return std::nullopt;
  return shifted->checked_add(Amount{static_cast<std::uint64_t>(digit - '0')});
}

}  // namespace

std::string format_amount(Amount amount, std::uint8_t scale) {
  const std::string units = std::to_string(amount.units());
  if (scale == 0) return units;
  const std::size_t digits_min = std::size_t{scale} + 1;
  const std::size_t missing = units.size() < digits_min ? digits_min - units.size() : 0;
  const std::string digits = std::string(missing, '0') + units;
  const std::size_t point = digits.size() - scale;
  return digits.substr(0, point) + "." + digits.substr(point);
}

std::optional<Amount> parse_amount(std::string_view text, std::uint8_t scale) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const bool has_point = point != std::string_view::npos;
  const std::string_view fraction = has_point ? text.substr(point + 1) : std::string_view{};
  if (whole.empty() || has_point == fraction.empty() || fraction.size() > scale) {
    return std::nullopt;
  }

  std::optional<Amount> amount{Amount{}};
  for (const std::string_view digits : {whole, fraction}) {
    for (const char digit : digits) {
      if (!is_digit(digit)) return std::nullopt;
      amount = append_digit(*amount, digit);
      if (!amount) return std::nullopt;
    }
  }
  for (std::size_t missing = fraction.size(); missing < scale; ++missing) {
    amount = append_digit(*amount, '0');
    if (!amount) return std::nullopt;
  }
  return amount;
}

}  // namespace peerpay::ledger
