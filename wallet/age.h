#pragma once
// age files protected by a passphrase: the format that Debian's `age -p` writes and `age -d` reads,
// so that a wallet can be recovered without peerpay. Source: github.com/C2SP/C2SP, age.md (v1);
// only its scrypt recipient. Reads binary and ASCII-armored files, writes binary ones.

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/expected.h"
#include "crypto/keys.h"

namespace peerpay::wallet {

inline constexpr std::size_t kAgePlaintextBytesMax = 1024 * 1024;
inline constexpr std::size_t kAgeFileBytesMax =
    2 * kAgePlaintextBytesMax;  // armor and headers included
// salt 16, file key 16, payload nonce 16
inline constexpr std::size_t kAgeRandomBytes = 48;

// scrypt runs with N = 2^log2_n, r = 8, p = 1 and needs 2^log2_n KiB of memory: 256 MiB and about a
// second at 18, which is also what the age tool takes.
struct AgeWorkFactor {
  std::uint32_t log2_n = 18;
};
inline constexpr AgeWorkFactor kAgeWorkFactorDefault{18};
inline constexpr AgeWorkFactor kAgeWorkFactorMax{22};

enum class AgeError : std::uint8_t {
  kNotAge,             // no age file at all
  kVersionUnknown,     // a later version of the format
  kNotPassphrase,      // encrypted to other recipients than one passphrase
  kWorkFactorTooHigh,  // above the reader's limit
  kMemory,             // scrypt could not get its memory
  kPassphraseWrong,
  kDamaged,  // broken structure, or the content does not match its authentication
  kTooLong,
};
[[nodiscard]] std::string_view sentence(AgeError error);

// REQUIRES: kAgeRandomBytes of fresh secret randomness; at most kAgePlaintextBytesMax of plaintext;
// a work factor of 1 to kAgeWorkFactorMax. Fails with kMemory only.
[[nodiscard]] base::Expected<base::Bytes, AgeError> age_encrypt(base::ByteView plaintext,
                                                                base::ByteView passphrase,
                                                                base::ByteView random,
                                                                AgeWorkFactor work_factor);

// A damaged salt or wrapped key can't be told from a wrong passphrase; every other change is
// kDamaged.
[[nodiscard]] base::Expected<crypto::SecretBytes, AgeError> age_decrypt(
    base::ByteView file, base::ByteView passphrase,
    AgeWorkFactor work_factor_max = kAgeWorkFactorMax);

// What the header of a readable file asks for; kAgeWorkFactorDefault for anything else.
[[nodiscard]] AgeWorkFactor age_work_factor(base::ByteView file);

}  // namespace peerpay::wallet
