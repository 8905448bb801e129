#pragma once
// Promises that many formats share, as checks that end the process.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"

namespace peerpay::fuzz {

[[nodiscard]] inline std::string_view as_text(base::ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// One encoding for each value, nothing missing, nothing left over. `decode` gives an optional or an
// Expected; `encode` is found where the value's type is.
template <class Decode>
bool check_canonical(base::ByteView in, Decode decode) {
  const auto value = decode(in);
  if (!value) return false;
  const base::Bytes again = encode(*value);
  PEERPAY_CHECK(std::ranges::equal(again, in), "what was decoded encodes to the same bytes");
  PEERPAY_CHECK(in.empty() || !decode(in.first(in.size() - 1)), "a byte less is no value");
  base::Bytes longer{in.begin(), in.end()};
  longer.push_back(0);
  PEERPAY_CHECK(!decode(base::ByteView{longer}), "a byte more is no value");
  return true;
}

// For text that people may write in several ways: what it means can be printed, and the printed
// text means the same.
template <class Parse, class Print>
bool check_prints(std::string_view in, Parse parse, Print print) {
  const auto value = parse(in);
  if (!value) return false;
  const std::string text = print(*value);
  const auto again = parse(std::string_view{text});
  PEERPAY_CHECK(again && *again == *value, "the printed text means the same");
  PEERPAY_CHECK(print(*again) == text, "it is printed the same way again");
  return true;
}

}  // namespace peerpay::fuzz
