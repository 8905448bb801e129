#include "wallet/age.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/rng.h"
#include "crypto/symmetric.h"
#include "wallet/secret.h"

namespace peerpay::wallet {
namespace {

constexpr AgeWorkFactor kQuick{4};
constexpr std::string_view kPassphrase = "correct horse";

base::Bytes random_bytes(std::uint64_t seed, std::size_t size) {
  base::Rng rng(seed);
  base::Bytes out(size);
  for (auto& byte : out) byte = static_cast<std::uint8_t>(rng.below(256));
  return out;
}

base::Bytes encrypted(base::ByteView plaintext) {
  auto file =
      age_encrypt(plaintext, base::as_bytes(kPassphrase), random_bytes(7, kAgeRandomBytes), kQuick);
  EXPECT_TRUE(file.has_value());
  return *std::move(file);
}

base::Expected<crypto::SecretBytes, AgeError> opened(base::ByteView file,
                                                     std::string_view passphrase = kPassphrase) {
  return age_decrypt(file, base::as_bytes(passphrase));
}

void expect_error(std::string_view file, AgeError error) {
  const auto result = opened(base::as_bytes(file));
  ASSERT_FALSE(result.has_value()) << file;
  EXPECT_EQ(result.error(), error) << file;
}

std::string replaced(base::ByteView file, std::string_view from, std::string_view to) {
  auto text = base::to_text(file);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST(Age, RoundTripsAroundTheChunkSize) {
  constexpr std::size_t kChunk = 64 * 1024;
  for (const auto size : {std::size_t{0}, std::size_t{1}, kChunk - 1, kChunk, kChunk + 1,
                          3 * kChunk, kAgePlaintextBytesMax}) {
    const auto plaintext = random_bytes(size, size);
    const auto back = opened(encrypted(plaintext));
    ASSERT_TRUE(back.has_value()) << size;
    EXPECT_TRUE(std::ranges::equal((*back).view(), plaintext)) << size;
  }
}

TEST(Age, HeaderHasTheDocumentedShape) {
  const auto file = encrypted(base::as_bytes("x"));
  EXPECT_TRUE(base::to_text(file).starts_with("age-encryption.org/v1\n-> scrypt "));
  EXPECT_NE(base::to_text(file).find(" 4\n"), std::string::npos);
  const std::size_t header_lines = 22 + 35 + 44 + 48;  // version, stanza, its body, MAC
  EXPECT_EQ(file.size(), header_lines + 16 + 1 + 16);  // nonce, one chunk of one byte, its tag
}

TEST(Age, TellsAWrongPassphraseFromDamage) {
  const auto file = encrypted(base::as_bytes("secret"));
  const auto wrong = opened(file, "correct house");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error(), AgeError::kPassphraseWrong);

  auto damaged = file;
  damaged.back() ^= 1;
  const auto result = opened(damaged);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(), AgeError::kDamaged);
}

TEST(Age, NoByteCanChange) {
  const auto file = encrypted(base::as_bytes("peerpay-wallet 1\n"));
  for (std::size_t i = 0; i < file.size(); ++i) {
    for (const unsigned flip : {0x01U, 0x20U, 0x80U}) {
      auto changed = file;
      changed[i] = static_cast<std::uint8_t>(changed[i] ^ flip);
      EXPECT_FALSE(opened(changed).has_value()) << "byte " << i << " flip " << flip;
    }
  }
}

TEST(Age, NoByteCanBeCutOrAdded) {
  const auto file = encrypted(base::as_bytes("peerpay-wallet 1\n"));
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(opened(base::ByteView{file}.first(size)).has_value()) << size;
  }
  auto longer = file;
  longer.push_back(0);
  EXPECT_FALSE(opened(longer).has_value());
}

TEST(Age, ChunksCanNotBeDroppedFromTheEnd) {
  constexpr std::size_t kSealedChunk = 64 * 1024 + 16;
  const auto file = encrypted(random_bytes(1, 64 * 1024 + 5));
  const auto result = opened(base::ByteView{file}.first(file.size() - (5 + 16)));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(), AgeError::kDamaged);
  EXPECT_GT(file.size(), kSealedChunk);
}

// Chunk `index` as age.md numbers them, sealed with the keys of encrypted().
base::Bytes sealed_chunk(std::uint8_t index, bool is_final, base::ByteView content) {
  const auto random = random_bytes(7, kAgeRandomBytes);
  const auto file_key = base::ByteView{random}.subspan(16, 16);
  const auto nonce = base::ByteView{random}.last(16);
  const auto key = crypto::hkdf_sha256(file_key, nonce, base::as_bytes("payload"), 32);
  base::Bytes chunk_nonce(12);
  chunk_nonce[10] = index;
  chunk_nonce[11] = is_final ? 1 : 0;
  return crypto::chacha20_poly1305_seal(key.view(), chunk_nonce, content);
}

TEST(Age, AnEmptyLastChunkIsAllowedInEmptyFilesOnly) {
  const auto empty = encrypted({});
  const base::Bytes file(empty.begin(), empty.end() - 16);  // up to the payload
  const auto with = [&file](const std::vector<base::Bytes>& chunks) {
    auto out = file;
    for (const auto& chunk : chunks) out.insert(out.end(), chunk.begin(), chunk.end());
    return out;
  };
  const base::Bytes full(64 * 1024, 'x');
  EXPECT_TRUE(opened(with({sealed_chunk(0, true, {})})).has_value());
  EXPECT_TRUE(opened(with({sealed_chunk(0, true, full)})).has_value());
  EXPECT_TRUE(
      opened(with({sealed_chunk(0, false, full), sealed_chunk(1, true, base::as_bytes("x"))}))
          .has_value());
  EXPECT_FALSE(opened(with({sealed_chunk(0, false, full), sealed_chunk(1, true, {})})).has_value());
  EXPECT_FALSE(opened(with({sealed_chunk(0, false, full)})).has_value());
}

TEST(Age, SaysWhyItDoesNotReadAFile) {
  const auto file = encrypted(base::as_bytes("x"));
  expect_error("", AgeError::kNotAge);
  expect_error("peerpay-wallet 1\n", AgeError::kNotAge);
  expect_error("age-encryption.org/v2\n", AgeError::kVersionUnknown);
  expect_error(replaced(file, "-> scrypt", "-> X25519"), AgeError::kNotPassphrase);
  expect_error(replaced(file, " 4\n", " 23\n"), AgeError::kWorkFactorTooHigh);
  expect_error(replaced(file, " 4\n", " 4000000000\n"), AgeError::kWorkFactorTooHigh);
  expect_error(replaced(file, " 4\n", " 04\n"), AgeError::kDamaged);
  expect_error(replaced(file, " 4\n", " 4 4\n"), AgeError::kDamaged);
  expect_error(replaced(file, "--- ", "-> scrypt "), AgeError::kNotPassphrase);
  expect_error(std::string(kAgeFileBytesMax + 1, 'a'), AgeError::kTooLong);
}

TEST(Age, WorkFactorIsPartOfWhatIsAuthenticated) {
  const auto changed = replaced(encrypted(base::as_bytes("x")), " 4\n", " 5\n");
  expect_error(changed, AgeError::kPassphraseWrong);
}

TEST(Age, LimitOfTheWorkFactorIsTheCallers) {
  const auto file = encrypted(base::as_bytes("x"));
  const auto result = age_decrypt(file, base::as_bytes(kPassphrase), AgeWorkFactor{3});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(), AgeError::kWorkFactorTooHigh);
}

std::string armored(base::ByteView file, std::string_view line_end) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string digits;
  for (std::size_t i = 0; i < file.size(); i += 3) {
    const auto left = std::min<std::size_t>(3, file.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = group << 8 | (j < left ? file[i + j] : 0U);
    for (std::size_t j = 0; j < 4; ++j) {
      digits += j <= left ? kDigits[group >> (18 - 6 * j) & 0x3f] : '=';
    }
  }
  std::string out = "-----BEGIN AGE ENCRYPTED FILE-----" + std::string{line_end};
  for (std::size_t i = 0; i < digits.size(); i += 64) {
    out += digits.substr(i, 64) + std::string{line_end};
  }
  return out + "-----END AGE ENCRYPTED FILE-----" + std::string{line_end};
}

TEST(Age, ReadsArmoredFiles) {
  for (std::size_t size = 0; size < 60; ++size) {  // every length of the last line
    const auto plaintext = random_bytes(size, size);
    const auto file = encrypted(plaintext);
    for (const auto* line_end : {"\n", "\r\n"}) {
      const auto back = opened(base::as_bytes("\n " + armored(file, line_end) + " \n"));
      ASSERT_TRUE(back.has_value()) << size << ' ' << sentence(back.error());
      EXPECT_TRUE(std::ranges::equal((*back).view(), plaintext));
    }
  }
}

TEST(Age, RefusesLooseArmor) {
  const auto good = armored(encrypted(base::as_bytes("x")), "\n");
  expect_error("text\n" + good, AgeError::kNotAge);
  expect_error(good + "text", AgeError::kDamaged);
  expect_error(good.substr(0, good.size() - 10), AgeError::kDamaged);
  expect_error(replaced(base::as_bytes(good), "FILE-----\n", "FILE-----\n\n"), AgeError::kDamaged);
  const auto second_line = good.find('\n') + 1;
  auto short_line = good;
  short_line.insert(second_line + 10, "\n");
  expect_error(short_line, AgeError::kDamaged);
}

}  // namespace
}  // namespace peerpay::wallet
