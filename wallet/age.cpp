#include "wallet/age.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/base64.h"
#include "base/check.h"
#include "crypto/symmetric.h"
#include "wallet/secret.h"

namespace peerpay::wallet {
namespace {

constexpr std::string_view kVersionLine = "age-encryption.org/v1";
constexpr std::string_view kVersionPrefix = "age-encryption.org/";
constexpr std::string_view kStanzaMark = "-> ";
constexpr std::string_view kScryptMark = "-> scrypt ";
constexpr std::string_view kMacMark = "---";
constexpr std::string_view kSaltLabel = "age-encryption.org/v1/scrypt";
constexpr std::string_view kArmorBegin = "-----BEGIN AGE ENCRYPTED FILE-----";
constexpr std::string_view kArmorEnd = "-----END AGE ENCRYPTED FILE-----";

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kFileKeyBytes = 16;
constexpr std::size_t kNonceBytes = 16;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kMacBytes = 32;
constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr std::size_t kArmorColumns = 64;
constexpr std::array<std::uint8_t, 12> kZeroNonce{};

base::Unexpected<AgeError> refuse(AgeError error) { return base::Unexpected{error}; }

// The header of a file with one scrypt stanza, and what follows it.
struct Parsed {
  base::Bytes salt;
  std::uint32_t log2_n = 0;
  base::Bytes wrapped_key;
  std::string_view mac_input;  // up to and including "---"
  base::Bytes mac;
  base::ByteView nonce;
  base::ByteView payload;
};

// Takes the next line, without its line feed. Empty when there is none.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

std::optional<base::Bytes> base64_of_size(std::string_view text, std::size_t size) {
  auto bytes = base::base64_decode(text, base::Base64Padding::kNone);
  if (!bytes || bytes->size() != size) return std::nullopt;
  return bytes;
}

// "[1-9][0-9]*", at most 2 digits: more is above every limit.
base::Expected<std::uint32_t, AgeError> parse_work_factor(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || text[0] == '0' || !std::all_of(text.begin(), text.end(), is_digit)) {
    return refuse(AgeError::kDamaged);
  }
  if (text.size() > 2) return refuse(AgeError::kWorkFactorTooHigh);
  std::uint32_t value = 0;
  for (const char c : text) value = value * 10 + static_cast<std::uint32_t>(c - '0');
  return value;
}

// "-> scrypt SALT WORKFACTOR"
base::Expected<void, AgeError> parse_stanza(std::string_view line, Parsed& out) {
  const auto arguments = line.substr(kScryptMark.size());
  const auto space = arguments.find(' ');
  if (space == std::string_view::npos) return refuse(AgeError::kDamaged);
  auto salt = base64_of_size(arguments.substr(0, space), kSaltBytes);
  const auto work_factor = parse_work_factor(arguments.substr(space + 1));
  if (!salt) return refuse(AgeError::kDamaged);
  if (!work_factor) return refuse(work_factor.error());
  out.salt = *std::move(salt);
  out.log2_n = *work_factor;
  return {};
}

base::Expected<void, AgeError> check_version(std::string_view file) {
  if (!file.starts_with(kVersionPrefix)) return refuse(AgeError::kNotAge);
  const auto line = file.substr(0, std::min(file.find('\n'), file.size()));
  if (line != kVersionLine) return refuse(AgeError::kVersionUnknown);
  return {};
}

base::Expected<Parsed, AgeError> parse(base::ByteView file) {
  const std::string_view text{reinterpret_cast<const char*>(file.data()), file.size()};
  if (const auto version = check_version(text); !version) return refuse(version.error());
  auto rest = text;
  (void)take_line(rest);
  const auto stanza = take_line(rest);
  if (!stanza || !stanza->starts_with(kStanzaMark)) return refuse(AgeError::kDamaged);
  if (!stanza->starts_with(kScryptMark)) return refuse(AgeError::kNotPassphrase);
  Parsed out;
  if (const auto parsed = parse_stanza(*stanza, out); !parsed) return refuse(parsed.error());

  const auto body = take_line(rest);
  auto wrapped = body ? base64_of_size(*body, kFileKeyBytes + kTagBytes) : std::nullopt;
  if (!wrapped) return refuse(AgeError::kDamaged);
  out.wrapped_key = *std::move(wrapped);

  if (rest.starts_with(kStanzaMark)) return refuse(AgeError::kNotPassphrase);
  out.mac_input = text.substr(0, text.size() - rest.size() + kMacMark.size());
  const auto mac_line = take_line(rest);
  if (!mac_line || !mac_line->starts_with("--- ")) return refuse(AgeError::kDamaged);
  auto mac = base64_of_size(mac_line->substr(4), kMacBytes);
  if (!mac || rest.size() < kNonceBytes) return refuse(AgeError::kDamaged);
  out.mac = *std::move(mac);
  const auto body_bytes = file.last(rest.size());
  out.nonce = body_bytes.first(kNonceBytes);
  out.payload = body_bytes.subspan(kNonceBytes);
  return out;
}

// Strict armor (RFC 7468, figure 3): full lines of 64 characters, then one of 1 to 64; LF or CRLF;
// white space only before and after.
base::Expected<base::Bytes, AgeError> dearmor(std::string_view text) {
  const auto begin = text.find(kArmorBegin);
  const auto end = text.rfind(kArmorEnd);
  const auto is_blank = [](std::string_view part) {
    return part.find_first_not_of(" \t\r\n") == std::string_view::npos;
  };
  if (end == std::string_view::npos || end < begin + kArmorBegin.size()) {
    return refuse(AgeError::kDamaged);
  }
  if (!is_blank(text.substr(0, begin)) || !is_blank(text.substr(end + kArmorEnd.size()))) {
    return refuse(AgeError::kDamaged);
  }
  const auto inside_begin = begin + kArmorBegin.size();
  auto inside = text.substr(inside_begin, end - inside_begin);
  const auto first = take_line(inside);
  if (!first || !(first->empty() || *first == "\r")) return refuse(AgeError::kDamaged);
  std::string digits;
  bool is_last_line = false;
  while (!inside.empty()) {
    auto line = take_line(inside);
    if (!line || is_last_line) return refuse(AgeError::kDamaged);
    if (line->ends_with('\r')) line->remove_suffix(1);
    if (line->empty() || line->size() > kArmorColumns) return refuse(AgeError::kDamaged);
    is_last_line = line->size() < kArmorColumns;
    digits += *line;
  }
  auto bytes = base::base64_decode(digits, base::Base64Padding::kRequired);
  if (!bytes) return refuse(AgeError::kDamaged);
  return *std::move(bytes);
}

bool is_armored(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text.substr(first).starts_with(kArmorBegin);
}

base::Expected<base::Bytes, AgeError> to_binary(base::ByteView file) {
  if (file.size() > kAgeFileBytesMax) return refuse(AgeError::kTooLong);
  const std::string_view text{reinterpret_cast<const char*>(file.data()), file.size()};
  if (is_armored(text)) return dearmor(text);
  return base::Bytes(file.begin(), file.end());
}

std::optional<crypto::SecretBytes> wrap_key(base::ByteView passphrase, base::ByteView salt,
                                            std::uint32_t log2_n) {
  const auto labelled = secret_concat({base::as_bytes(kSaltLabel), salt});
  // scrypt's table is 128 * r * N bytes; its blocks beside it are small.
  const auto memory_max = (std::uint64_t{1024} << log2_n) + (std::uint64_t{1} << 20);
  return crypto::scrypt(passphrase, labelled.view(), {.log2_n = log2_n}, kKeyBytes, memory_max);
}

base::Bytes header_mac(base::ByteView file_key, std::string_view mac_input) {
  const auto key = crypto::hkdf_sha256(file_key, {}, base::as_bytes("header"), kKeyBytes);
  return crypto::hmac_sha256(key.view(), base::as_bytes(mac_input));
}

crypto::SecretBytes payload_key(base::ByteView file_key, base::ByteView nonce) {
  return crypto::hkdf_sha256(file_key, nonce, base::as_bytes("payload"), kKeyBytes);
}

// 11 bytes of big-endian chunk number, then 1 for the final chunk and 0 for the others.
std::array<std::uint8_t, 12> chunk_nonce(std::size_t index, bool is_final) {
  std::array<std::uint8_t, 12> out{};
  for (std::size_t i = 0; i < sizeof index; ++i) {
    out[10 - i] = static_cast<std::uint8_t>(index >> (8 * i));
  }
  out[11] = is_final ? 1 : 0;
  return out;
}

void seal_payload(base::ByteView key, base::ByteView plaintext, base::Bytes& out) {
  for (std::size_t index = 0; index == 0 || !plaintext.empty(); ++index) {
    const auto chunk = plaintext.first(std::min(plaintext.size(), kChunkBytes));
    plaintext = plaintext.subspan(chunk.size());
    const auto sealed =
        crypto::chacha20_poly1305_seal(key, chunk_nonce(index, plaintext.empty()), chunk);
    out.insert(out.end(), sealed.begin(), sealed.end());
  }
}

base::Expected<crypto::SecretBytes, AgeError> open_payload(base::ByteView key,
                                                           base::ByteView sealed) {
  base::Bytes out;
  out.reserve(sealed.size());  // growing would leave copies of the secret behind
  for (std::size_t index = 0; index == 0 || !sealed.empty(); ++index) {
    const auto chunk = sealed.first(std::min(sealed.size(), kChunkBytes + kTagBytes));
    sealed = sealed.subspan(chunk.size());
    const auto opened =
        crypto::chacha20_poly1305_open(key, chunk_nonce(index, sealed.empty()), chunk);
    const bool is_needless = opened && opened->view().empty() && index > 0;
    if (!opened || is_needless) {
      crypto::wipe(out.data(), out.size());
      return refuse(AgeError::kDamaged);
    }
    out.insert(out.end(), opened->view().begin(), opened->view().end());
  }
  return crypto::SecretBytes{std::move(out)};
}

base::Expected<crypto::SecretBytes, AgeError> decrypt_binary(base::ByteView file,
                                                             base::ByteView passphrase,
                                                             AgeWorkFactor work_factor_max) {
  const auto parsed = parse(file);
  if (!parsed) return refuse(parsed.error());
  if (parsed->log2_n > work_factor_max.log2_n) return refuse(AgeError::kWorkFactorTooHigh);
  const auto& header = *parsed;
  const auto wrapping = wrap_key(passphrase, header.salt, header.log2_n);
  if (!wrapping) return refuse(AgeError::kMemory);
  const auto file_key =
      crypto::chacha20_poly1305_open(wrapping->view(), kZeroNonce, header.wrapped_key);
  if (!file_key) return refuse(AgeError::kPassphraseWrong);
  const auto mac = header_mac(file_key->view(), header.mac_input);
  if (!crypto::equal_constant_time(mac, header.mac)) return refuse(AgeError::kDamaged);
  const auto key = payload_key(file_key->view(), header.nonce);
  return open_payload(key.view(), header.payload);
}

}  // namespace

std::string_view sentence(AgeError error) {
  switch (error) {
    case AgeError::kNotAge: return "This is not an age file.";
    case AgeError::kVersionUnknown:
      return "This age file has a later format than this program knows.";
    case AgeError::kNotPassphrase: return "This age file is not encrypted with a passphrase.";
    case AgeError::kWorkFactorTooHigh: return "The scrypt work factor of this file is above 22.";
    case AgeError::kMemory: return "There is not enough memory to check the passphrase.";
    case AgeError::kPassphraseWrong: return "The passphrase does not open this file.";
    case AgeError::kDamaged:
      return "The file is damaged: its content does not match its checksums.";
    case AgeError::kTooLong: return "The file is longer than 2 MiB.";
  }
  PEERPAY_UNREACHABLE("every AgeError has a sentence");
}

base::Expected<base::Bytes, AgeError> age_encrypt(base::ByteView plaintext,
                                                  base::ByteView passphrase, base::ByteView random,
                                                  AgeWorkFactor work_factor) {
  PEERPAY_CHECK(random.size() == kAgeRandomBytes, "salt, file key and nonce are the caller's");
  PEERPAY_CHECK(plaintext.size() <= kAgePlaintextBytesMax, "wallet files are small");
  PEERPAY_CHECK(work_factor.log2_n >= 1 && work_factor.log2_n <= kAgeWorkFactorMax.log2_n,
                "what we write we must be able to read");
  const auto salt = random.first(kSaltBytes);
  const auto file_key = random.subspan(kSaltBytes, kFileKeyBytes);
  const auto nonce = random.last(kNonceBytes);
  const auto wrapping = wrap_key(passphrase, salt, work_factor.log2_n);
  if (!wrapping) return refuse(AgeError::kMemory);
  const auto wrapped = crypto::chacha20_poly1305_seal(wrapping->view(), kZeroNonce, file_key);

  std::string header{kVersionLine};
  header += "\n" + std::string{kScryptMark} +
            base::base64_encode(salt, base::Base64Padding::kNone) + " " +
            std::to_string(work_factor.log2_n) + "\n" +
            base::base64_encode(wrapped, base::Base64Padding::kNone) + "\n";
  header += kMacMark;
  header +=
      " " + base::base64_encode(header_mac(file_key, header), base::Base64Padding::kNone) + "\n";

  base::Bytes out(header.begin(), header.end());
  out.insert(out.end(), nonce.begin(), nonce.end());
  seal_payload(payload_key(file_key, nonce).view(), plaintext, out);
  return out;
}

base::Expected<crypto::SecretBytes, AgeError> age_decrypt(base::ByteView file,
                                                          base::ByteView passphrase,
                                                          AgeWorkFactor work_factor_max) {
  const auto binary = to_binary(file);
  if (!binary) return refuse(binary.error());
  return decrypt_binary(*binary, passphrase, work_factor_max);
}

AgeWorkFactor age_work_factor(base::ByteView file) {
  const auto binary = to_binary(file);
  if (!binary) return kAgeWorkFactorDefault;
  const auto header = parse(*binary);
  return header ? AgeWorkFactor{header->log2_n} : kAgeWorkFactorDefault;
}

}  // namespace peerpay::wallet
