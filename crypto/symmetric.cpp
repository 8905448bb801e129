#include "crypto/symmetric.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>

#include "base/check.h"

namespace peerpay::crypto {
namespace {

constexpr std::size_t kTagSize = 16;
constexpr std::size_t kKeySize = 32;
constexpr std::size_t kNonceSize = 12;

struct CipherFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherFree>;

// OpenSSL takes a null address for a missing argument and fails; an empty view may have one and is
// valid.
const std::uint8_t* address_of(base::ByteView bytes) {
  static const std::uint8_t kNothing = 0;
  return bytes.empty() ? &kNothing : bytes.data();
}

template <class Out>
void hmac_into(const EVP_MD* digest, base::ByteView key, base::ByteView data, Out* out) {
  unsigned int size = 0;
  const auto* made = HMAC(digest, address_of(key), static_cast<int>(key.size()), address_of(data),
                          data.size(), out, &size);
  PEERPAY_CHECK(made != nullptr, "HMAC over memory can't fail");
}

}  // namespace

SecretBytes hmac_sha512(base::ByteView key, base::ByteView data) {
  SecretBytes out{std::size_t{64}};
  hmac_into(EVP_sha512(), key, data, out.mutable_view().data());
  return out;
}

base::Bytes hmac_sha256(base::ByteView key, base::ByteView data) {
  base::Bytes out(32);
  hmac_into(EVP_sha256(), key, data, out.data());
  return out;
}

SecretBytes pbkdf2_sha512(base::ByteView password, base::ByteView salt, std::uint32_t iterations,
                          std::size_t size) {
  SecretBytes out{size};
  const int made = PKCS5_PBKDF2_HMAC(
      reinterpret_cast<const char*>(address_of(password)), static_cast<int>(password.size()),
      address_of(salt), static_cast<int>(salt.size()), static_cast<int>(iterations), EVP_sha512(),
      static_cast<int>(size), out.mutable_view().data());
  PEERPAY_CHECK(made == 1, "PBKDF2 over memory can't fail");
  return out;
}

SecretBytes hkdf_sha256(base::ByteView key, base::ByteView salt, base::ByteView info,
                        std::size_t size) {
  SecretBytes out{size};
  EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  EVP_KDF_CTX* context = EVP_KDF_CTX_new(kdf);
  EVP_KDF_free(kdf);
  const auto octets = [](const char* name, base::ByteView bytes) {
    auto* const address = const_cast<std::uint8_t*>(address_of(bytes));
    return OSSL_PARAM_construct_octet_string(name, address, bytes.size());
  };
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                               octets(OSSL_KDF_PARAM_KEY, key), octets(OSSL_KDF_PARAM_SALT, salt),
                               octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  const int made = EVP_KDF_derive(context, out.mutable_view().data(), size, params);
  EVP_KDF_CTX_free(context);
  PEERPAY_CHECK(made == 1, "HKDF over memory can't fail");
  return out;
}

std::optional<SecretBytes> scrypt(base::ByteView password, base::ByteView salt, ScryptCost cost,
                                  std::size_t size, std::uint64_t memory_max) {
  if (cost.log2_n == 0 || cost.log2_n > 30) return std::nullopt;
  SecretBytes out{size};
  const int made =
      EVP_PBE_scrypt(reinterpret_cast<const char*>(address_of(password)), password.size(),
                     address_of(salt), salt.size(), std::uint64_t{1} << cost.log2_n, cost.r, cost.p,
                     memory_max, out.mutable_view().data(), size);
  if (made != 1) return std::nullopt;
  return out;
}

base::Bytes chacha20_poly1305_seal(base::ByteView key, base::ByteView nonce,
                                   base::ByteView plaintext) {
  PEERPAY_CHECK(key.size() == kKeySize && nonce.size() == kNonceSize, "ChaCha20-Poly1305 sizes");
  const Cipher cipher{EVP_CIPHER_CTX_new()};
  base::Bytes out(plaintext.size() + kTagSize);
  int written = 0;
  int last = 0;
  const bool made =
      EVP_EncryptInit_ex(cipher.get(), EVP_chacha20_poly1305(), nullptr, key.data(),
                         nonce.data()) == 1 &&
      EVP_EncryptUpdate(cipher.get(), out.data(), &written, plaintext.data(),
                        static_cast<int>(plaintext.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), out.data() + written, &last) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagSize),
                          out.data() + plaintext.size()) == 1;
  PEERPAY_CHECK(made, "sealing memory can't fail");
  return out;
}

std::optional<SecretBytes> chacha20_poly1305_open(base::ByteView key, base::ByteView nonce,
                                                  base::ByteView sealed) {
  PEERPAY_CHECK(key.size() == kKeySize && nonce.size() == kNonceSize, "ChaCha20-Poly1305 sizes");
  if (sealed.size() < kTagSize) return std::nullopt;
  const auto text = sealed.first(sealed.size() - kTagSize);
  base::Bytes tag(sealed.end() - kTagSize, sealed.end());
  const Cipher cipher{EVP_CIPHER_CTX_new()};
  SecretBytes out{text.size()};
  int written = 0;
  int last = 0;
  const bool opened =
      EVP_DecryptInit_ex(cipher.get(), EVP_chacha20_poly1305(), nullptr, key.data(),
                         nonce.data()) == 1 &&
      EVP_DecryptUpdate(cipher.get(), out.mutable_view().data(), &written, text.data(),
                        static_cast<int>(text.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTagSize),
                          tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), out.mutable_view().data() + written, &last) == 1;
  if (!opened) return std::nullopt;
  return out;
}

bool equal_constant_time(base::ByteView a, base::ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace peerpay::crypto
