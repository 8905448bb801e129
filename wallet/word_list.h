#pragma once
// The English list of BIP-39: 2048 words, sorted, of 3 to 8 letters a-z, told apart by their first
// four.

#include <array>
#include <cstddef>
#include <string_view>

namespace peerpay::wallet {

inline constexpr std::size_t kWordCount = 2048;
extern const std::array<std::string_view, kWordCount> kEnglishWords;

}  // namespace peerpay::wallet
