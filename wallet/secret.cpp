#include "wallet/secret.h"

namespace peerpay::wallet {

std::string_view secret_text(const crypto::SecretBytes& secret) {
  const auto view = secret.view();
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

crypto::SecretBytes secret_concat(std::initializer_list<base::ByteView> parts) {
  std::size_t size = 0;
  for (const auto part : parts) size += part.size();
  base::Bytes out;
  out.reserve(size);  // growing would leave copies behind
  for (const auto part : parts) out.insert(out.end(), part.begin(), part.end());
  return crypto::SecretBytes{std::move(out)};
}

crypto::SecretBytes secret_from(std::string_view text) {
  return secret_concat({base::as_bytes(text)});
}

crypto::SecretBytes secret_hex(base::ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  base::Bytes out;
  out.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    out.push_back(static_cast<std::uint8_t>(kDigits[byte >> 4]));
    out.push_back(static_cast<std::uint8_t>(kDigits[byte & 0x0f]));
  }
  return crypto::SecretBytes{std::move(out)};
}

}  // namespace peerpay::wallet
