// Hexadecimal: every byte string comes back; a text differs from the canonical one in case alone.

#include <cctype>
#include <string>

#include "base/bytes.h"
#include "tests/fuzz/promises.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  const base::ByteView in{data, size};
  const auto back = base::from_hex(base::to_hex(in));
  PEERPAY_CHECK(back && std::ranges::equal(*back, in), "every byte string comes back");
  const auto bytes = base::from_hex(fuzz::as_text(in));
  if (!bytes) return 0;
  std::string lower{fuzz::as_text(in)};
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  PEERPAY_CHECK(base::to_hex(*bytes) == lower, "a text differs from the canonical one by case");
  return 0;
}
