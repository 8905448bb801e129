#pragma once
// Amount: a number of minor units of one asset, and its decimal form at the human edge.
// No arithmetic wraps, nothing is ever rounded, and floating point does not exist here.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace peerpay::ledger {

class Amount {
 public:
  constexpr Amount() = default;
  constexpr explicit Amount(std::uint64_t units) : units_{units} {}

  friend constexpr auto operator<=>(const Amount&, const Amount&) = default;
  constexpr std::uint64_t units() const { return units_; }
  constexpr bool is_zero() const { return units_ == 0; }

  [[nodiscard]] constexpr std::optional<Amount> checked_add(Amount other) const {
    if (other.units_ > UINT64_MAX - units_) return std::nullopt;
    return Amount{units_ + other.units_};
  }
  [[nodiscard]] constexpr std::optional<Amount> checked_sub(Amount other) const {
    if (other.units_ > units_) return std::nullopt;
    return Amount{units_ - other.units_};
  }
  [[nodiscard]] constexpr std::optional<Amount> checked_times(std::uint64_t factor) const {
    if (factor != 0 && units_ > UINT64_MAX / factor) return std::nullopt;
    return Amount{units_ * factor};
  }

 private:
  std::uint64_t units_ = 0;
};

// "12.50" for 1250 units at scale 2: always `scale` digits after the point, none and no point at 0.
[[nodiscard]] std::string format_amount(Amount amount, std::uint8_t scale);

// Digits, at most one point, at most `scale` digits after it. Refuses signs, spaces, exponents,
// grouping, an empty side of the point, and values above 2^64 - 1 units.
[[nodiscard]] std::optional<Amount> parse_amount(std::string_view text, std::uint8_t scale);

}  // namespace peerpay::ledger
