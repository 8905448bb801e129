#include "crypto/signature.h"

#include <secp256k1.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_schnorrsig.h>

#include <cstring>

#include "base/check.h"
#include "crypto/secp_context.h"

namespace peerpay::crypto {
namespace {

Signature sign_with(const SecretKey& key, const Hash& message, const std::uint8_t* aux32) {
  secp256k1_keypair pair;
  PEERPAY_CHECK(secp256k1_keypair_create(secp_context(), &pair, key.reveal().data()) == 1,
                "a SecretKey always holds a valid scalar");
  Signature out;
  const int made = secp256k1_schnorrsig_sign32(secp_context(), out.bytes.data(),
                                               message.bytes.data(), &pair, aux32);
  wipe(&pair, sizeof pair);
  PEERPAY_CHECK(made == 1, "signing a hash with a valid key can't fail");
  return out;
}

}  // namespace

Signature sign(const SecretKey& key, const Hash& message) {
  return sign_with(key, message, nullptr);
}

Signature sign(const SecretKey& key, const Hash& message, base::ByteView aux32) {
  PEERPAY_CHECK(aux32.size() == 32, "auxiliary randomness is 32 bytes");
  return sign_with(key, message, aux32.data());
}

std::optional<VerifyKey> VerifyKey::from(const PublicKey& key) {
  secp256k1_xonly_pubkey parsed;
  if (secp256k1_xonly_pubkey_parse(secp_context(), &parsed, key.bytes.data()) != 1)
    return std::nullopt;
  VerifyKey out;
  static_assert(sizeof parsed.data == sizeof out.opaque_);
  std::memcpy(out.opaque_.data(), parsed.data, sizeof parsed.data);
  return out;
}

bool verify_with(const VerifyKey& key, const Hash& message, const Signature& signature) {
  secp256k1_xonly_pubkey parsed;
  std::memcpy(parsed.data, key.opaque().data(), sizeof parsed.data);
  return secp256k1_schnorrsig_verify(secp_context(), signature.bytes.data(), message.bytes.data(),
                                     message.bytes.size(), &parsed) == 1;
}

bool verify(const PublicKey& key, const Hash& message, const Signature& signature) {
  return verify_message(key, message.view(), signature);
}

bool verify_message(const PublicKey& key, base::ByteView message, const Signature& signature) {
  secp256k1_xonly_pubkey parsed;
  if (secp256k1_xonly_pubkey_parse(secp_context(), &parsed, key.bytes.data()) != 1) return false;
  return secp256k1_schnorrsig_verify(secp_context(), signature.bytes.data(), message.data(),
                                     message.size(), &parsed) == 1;
}

}  // namespace peerpay::crypto
