// Bech32m: one lower-case text for each content, and a wrong character is always found.

#include <string>

#include "crypto/bech32m.h"
#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;

std::string lower_case(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

void check_text(std::string_view text) {
  const auto decoded = crypto::bech32m_decode(text);
  if (!decoded) {
    PEERPAY_CHECK(!crypto::sentence(decoded.error()).empty(), "it says why");
    return;
  }
  PEERPAY_CHECK(crypto::bech32m_encode(decoded->hrp, decoded->groups) == lower_case(text),
                "a content has one text");
  if (const auto bytes = crypto::from_groups(decoded->groups)) {
    PEERPAY_CHECK(crypto::to_groups(*bytes) == decoded->groups, "bytes have one form as groups");
  }
}

// BIP-350 promises that up to four wrong characters are found.
void check_finds_errors(fuzz::Draw& draw) {
  const auto payload = draw.bytes(40);
  const auto groups = crypto::to_groups(payload);
  const auto text = crypto::bech32m_encode("tpeer", groups);
  const auto decoded = crypto::bech32m_decode(text);
  PEERPAY_CHECK(decoded && decoded->groups == groups, "every content comes back");
  PEERPAY_CHECK(crypto::from_groups(groups) == base::Bytes(payload.begin(), payload.end()),
                "every byte string comes back");

  constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  std::string wrong = text;
  for (auto changes = 1 + draw.below(4); changes > 0; --changes) {
    wrong[6 + draw.below(text.size() - 6)] = kAlphabet[draw.below(kAlphabet.size())];
  }
  PEERPAY_CHECK(wrong == text || !crypto::bech32m_decode(wrong), "up to four errors are found");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_text(fuzz::as_text({data, size}));
  fuzz::Draw draw{{data, size}};
  check_finds_errors(draw);
  return 0;
}
