#include "wallet/base58.h"

#include <algorithm>
#include <string_view>

#include "base/check.h"
#include "crypto/hash.h"
#include "wallet/secret.h"

namespace peerpay::wallet {
namespace {

constexpr std::string_view kAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::size_t kBase = 58;
constexpr std::size_t kPayloadBytesMax = 128;
constexpr std::size_t kChecksumBytes = 4;

// Base-58 digits of the number that `bytes` is, least significant first, without leading zeros.
crypto::SecretBytes digits_of(base::ByteView bytes) {
  base::Bytes digits;
  digits.reserve(bytes.size() * 138 / 100 + 1);  // log(256) / log(58) is below 1.38
  for (const auto byte : bytes) {
    std::size_t carry = byte;
    for (auto& digit : digits) {
      carry += std::size_t{digit} * 256;
      digit = static_cast<std::uint8_t>(carry % kBase);
      carry /= kBase;
    }
    for (; carry != 0; carry /= kBase) digits.push_back(static_cast<std::uint8_t>(carry % kBase));
  }
  return crypto::SecretBytes{std::move(digits)};
}

}  // namespace

crypto::SecretBytes base58check_encode(base::ByteView payload) {
  PEERPAY_CHECK(payload.size() <= kPayloadBytesMax, "Base58Check is for short payloads");
  const auto checksum = crypto::sha256(crypto::sha256(payload).view());
  const auto whole = secret_concat({payload, checksum.view().first(kChecksumBytes)});
  const auto digits = digits_of(whole.view());

  base::Bytes out;
  out.reserve(whole.view().size() + digits.view().size());
  for (const auto byte : whole.view()) {  // each leading zero byte is one "1"
    if (byte != 0) break;
    out.push_back(static_cast<std::uint8_t>(kAlphabet[0]));
  }
  std::for_each(digits.view().rbegin(), digits.view().rend(), [&out](std::uint8_t digit) {
    out.push_back(static_cast<std::uint8_t>(kAlphabet[digit]));
  });
  return crypto::SecretBytes{std::move(out)};
}

}  // namespace peerpay::wallet
