#include "wallet/mnemonic.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/check.h"
#include "crypto/hash.h"
#include "crypto/symmetric.h"
#include "wallet/secret.h"
#include "wallet/word_list.h"

namespace peerpay::wallet {
namespace {

constexpr std::size_t kBitsPerWord = 11;
constexpr std::size_t kEntropyBytesMin = 16;
constexpr std::size_t kEntropyBytesMax = 32;
constexpr std::size_t kWordLengthMax = 8;
constexpr std::uint32_t kSeedIterations = 2048;
constexpr std::size_t kSeedBytes = 64;

bool is_entropy_size(std::size_t size) {
  return size >= kEntropyBytesMin && size <= kEntropyBytesMax && size % 4 == 0;
}

// Entropy followed by its checksum byte: BIP-39 takes one checksum bit for each 32 bits of entropy.
crypto::SecretBytes with_checksum(base::ByteView entropy) {
  crypto::SecretBytes out{entropy.size() + 1};
  std::copy(entropy.begin(), entropy.end(), out.mutable_view().begin());
  out.mutable_view().back() = crypto::sha256(entropy).bytes[0];
  return out;
}

std::size_t word_count_for(std::size_t entropy_bytes) { return entropy_bytes * 3 / 4; }
std::size_t entropy_bytes_for(std::size_t word_count) { return word_count * 4 / 3; }

std::size_t bits_at(base::ByteView bytes, std::size_t first_bit) {
  std::size_t value = 0;
  for (std::size_t bit = first_bit; bit < first_bit + kBitsPerWord; ++bit) {
    value = value << 1 | ((bytes[bit / 8] >> (7 - bit % 8)) & 1U);
  }
  return value;
}

void put_bits(std::span<std::uint8_t> bytes, std::size_t first_bit, std::size_t value) {
  for (std::size_t i = 0; i < kBitsPerWord; ++i) {
    const auto bit = first_bit + i;
    const auto one = (value >> (kBitsPerWord - 1 - i)) & 1U;
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] | one << (7 - bit % 8));
  }
}

std::optional<std::size_t> index_of(std::string_view word) {
  const auto found = std::lower_bound(kEnglishWords.begin(), kEnglishWords.end(), word);
  if (found == kEnglishWords.end() || *found != word) return std::nullopt;
  return static_cast<std::size_t>(found - kEnglishWords.begin());
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Lower case and one space between words, in memory that is wiped.
crypto::SecretBytes normalized(std::string_view text) {
  base::Bytes out;
  out.reserve(text.size());  // growing would leave copies of the words behind
  for (const char c : text) {
    if (!is_space(c)) {
      out.push_back(static_cast<std::uint8_t>(lower(c)));
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return crypto::SecretBytes{std::move(out)};
}

std::vector<std::string_view> split(const crypto::SecretBytes& canonical) {
  std::vector<std::string_view> out;
  auto rest = secret_text(canonical);
  while (!rest.empty()) {
    const auto end = std::min(rest.find(' '), rest.size());
    out.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

base::Unexpected<MnemonicError> refuse(MnemonicError::Kind kind, std::size_t number = 0) {
  return base::Unexpected{MnemonicError{kind, number}};
}

}  // namespace

std::string MnemonicError::sentence() const {
  switch (kind) {
    case Kind::kTooLong: return "This is too long to be recovery words.";
    case Kind::kWordCount:
      return "Recovery words are 12, 15, 18, 21 or 24 words, not " + std::to_string(number) + ".";
    case Kind::kWordUnknown:
      return "Word " + std::to_string(number) + " is not in the list of recovery words.";
    case Kind::kChecksum:
      return "The words do not belong together: one is wrong, or two have changed places.";
  }
  PEERPAY_UNREACHABLE("every kind of MnemonicError has a sentence");
}

crypto::SecretBytes mnemonic_from_entropy(base::ByteView entropy) {
  PEERPAY_CHECK(is_entropy_size(entropy.size()), "BIP-39 entropy is 16, 20, 24, 28 or 32 bytes");
  const auto bits = with_checksum(entropy);
  const auto word_count = word_count_for(entropy.size());
  base::Bytes out;
  out.reserve(word_count * (kWordLengthMax + 1));
  for (std::size_t i = 0; i < word_count; ++i) {
    const auto word = kEnglishWords[bits_at(bits.view(), i * kBitsPerWord)];
    if (i != 0) out.push_back(' ');
    out.insert(out.end(), word.begin(), word.end());
  }
  return crypto::SecretBytes{std::move(out)};
}

base::Expected<crypto::SecretBytes, MnemonicError> parse_mnemonic(std::string_view text) {
  using Kind = MnemonicError::Kind;
  if (text.size() > kMnemonicTextBytesMax) return refuse(Kind::kTooLong);
  auto canonical = normalized(text);
  const auto words = split(canonical);
  const auto entropy_size = entropy_bytes_for(words.size());
  if (words.size() % 3 != 0 || !is_entropy_size(entropy_size)) {
    return refuse(Kind::kWordCount, words.size());
  }
  crypto::SecretBytes bits{entropy_size + 1};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto index = index_of(words[i]);
    if (!index) return refuse(Kind::kWordUnknown, i + 1);
    put_bits(bits.mutable_view(), i * kBitsPerWord, *index);
  }
  const auto checksum_bits = entropy_size / 4;
  const auto wanted = crypto::sha256(bits.view().first(entropy_size)).bytes[0];
  if ((wanted ^ bits.view().back()) >> (8 - checksum_bits) != 0) return refuse(Kind::kChecksum);
  return canonical;
}

crypto::SecretBytes seed_from_mnemonic(const crypto::SecretBytes& canonical,
                                       std::string_view passphrase) {
  const auto salt = secret_concat({base::as_bytes("mnemonic"), base::as_bytes(passphrase)});
  return crypto::pbkdf2_sha512(canonical.view(), salt.view(), kSeedIterations, kSeedBytes);
}

std::string_view mnemonic_word(const crypto::SecretBytes& canonical, std::size_t number) {
  const auto words = split(canonical);
  PEERPAY_CHECK(number >= 1 && number <= words.size(), "a word of the mnemonic");
  return words[number - 1];
}

std::size_t mnemonic_word_count(const crypto::SecretBytes& canonical) {
  return split(canonical).size();
}

}  // namespace peerpay::wallet
