#include "crypto/secp_context.h"

#include <openssl/rand.h>
#include <secp256k1.h>

#include <array>

#include "base/check.h"
#include "crypto/keys.h"

namespace peerpay::crypto {
namespace {

// The static context can parse, add and verify; creating public keys and signatures wants one with
// the precomputed tables of secp256k1_context_create.
const secp256k1_context* make_context() {
  secp256k1_context* const made = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  std::array<unsigned char, 32> seed{};
  PEERPAY_CHECK(RAND_priv_bytes(seed.data(), static_cast<int>(seed.size())) == 1,
                "OpenSSL has randomness, or nothing secret is safe");
  PEERPAY_CHECK(secp256k1_context_randomize(made, seed.data()) == 1, "a new context takes a seed");
  wipe(seed.data(), seed.size());
  return made;
}

}  // namespace

const secp256k1_context_struct* secp_context() {
  static const secp256k1_context* const kContext = make_context();
  return kContext;
}

}  // namespace peerpay::crypto
