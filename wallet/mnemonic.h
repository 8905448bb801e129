#pragma once
// Recovery words (BIP-39, English). The words carry the entropy of a wallet and a checksum; the
// seed that keys are derived from comes from the words, so any BIP-39 tool can recover a wallet.
// Source: github.com/bitcoin/bips, bip-0039.mediawiki.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/expected.h"
#include "crypto/keys.h"

namespace peerpay::wallet {

inline constexpr std::size_t kWordsPerWallet = 24;  // 256 bits of entropy
inline constexpr std::size_t kEntropyBytesPerWallet = 32;
inline constexpr std::size_t kWordsMax = 24;
inline constexpr std::size_t kMnemonicTextBytesMax = 1024;  // typed or pasted, spaces included

struct MnemonicError {
  enum class Kind : std::uint8_t { kTooLong, kWordCount, kWordUnknown, kChecksum };
  Kind kind = Kind::kTooLong;
  // kWordUnknown: which word, from 1. kWordCount: how many there were. Never the word itself: an
  // error message may end up in a log.
  std::size_t number = 0;
  [[nodiscard]] std::string sentence() const;
};

// The words of `entropy`, in lower case with one space between. REQUIRES: 16, 20, 24, 28 or 32
// bytes.
[[nodiscard]] crypto::SecretBytes mnemonic_from_entropy(base::ByteView entropy);

// The same words in canonical form (lower case, one space between). Accepts any letter case and any
// ASCII white space; refuses wrong counts, unknown words and a wrong checksum.
[[nodiscard]] base::Expected<crypto::SecretBytes, MnemonicError> parse_mnemonic(
    std::string_view text);

// 64 bytes. REQUIRES: `canonical` came from one of the functions above; `passphrase` is ASCII, so
// that BIP-39's NFKD normalisation changes nothing. peerpay's own wallets use the empty passphrase.
[[nodiscard]] crypto::SecretBytes seed_from_mnemonic(const crypto::SecretBytes& canonical,
                                                     std::string_view passphrase = "");

// Word number `number`, from 1. REQUIRES: `canonical` as above, 1 <= number <= number of its words.
[[nodiscard]] std::string_view mnemonic_word(const crypto::SecretBytes& canonical,
                                             std::size_t number);
[[nodiscard]] std::size_t mnemonic_word_count(const crypto::SecretBytes& canonical);

}  // namespace peerpay::wallet
