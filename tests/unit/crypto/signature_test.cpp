#include "crypto/signature.h"

#include <gtest/gtest.h>

#include "tests/support/hex.h"
#include "tests/unit/crypto/bip340_vectors.h"

namespace peerpay::crypto {
namespace {

SecretKey key_of(std::string_view hex) { return *SecretKey::from_bytes(test::from_hex(hex)); }

TEST(Bip340, VerifiesAsPublished) {
  for (const auto& row : kBip340Vectors) {
    const bool verified =
        verify_message(test::fixed_from_hex<PublicKey>(row.public_key), test::from_hex(row.message),
                       test::fixed_from_hex<Signature>(row.signature));
    EXPECT_EQ(verified, row.valid) << "vector " << row.index << ": " << row.comment;
  }
}

TEST(Bip340, DerivesThePublicKeysAsPublished) {
  for (const auto& row : kBip340Vectors) {
    if (row.secret_key.empty()) continue;
    EXPECT_EQ(base::to_hex(key_of(row.secret_key).public_key().view()), row.public_key)
        << row.index;
  }
}

TEST(Bip340, Signs32ByteMessagesAsPublished) {
  int signed_count = 0;
  for (const auto& row : kBip340Vectors) {
    if (row.secret_key.empty() || row.message.size() != 64) continue;
    const auto message = test::fixed_from_hex<Hash>(row.message);
    const auto signature = sign(key_of(row.secret_key), message, test::from_hex(row.aux_rand));
    EXPECT_EQ(base::to_hex(signature.view()), row.signature) << row.index;
    ++signed_count;
  }
  EXPECT_EQ(signed_count, 4);
}

class Signing : public testing::Test {
 protected:
  SecretKey key_ = key_of("b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfef");
  Hash message_ = sha256(base::as_bytes("a vote"));
};

TEST_F(Signing, IsDeterministicAndUsesZeroAuxiliaryRandomness) {
  const Signature signature = sign(key_, message_);
  EXPECT_EQ(sign(key_, message_), signature);
  EXPECT_EQ(sign(key_, message_, base::Bytes(32, 0)), signature);
  EXPECT_TRUE(verify(key_.public_key(), message_, signature));
}

TEST_F(Signing, AuxiliaryRandomnessChangesTheBytesAndStillVerifies) {
  const Signature signature = sign(key_, message_, base::Bytes(32, 7));
  EXPECT_NE(signature, sign(key_, message_));
  EXPECT_TRUE(verify(key_.public_key(), message_, signature));
}

TEST_F(Signing, IsRefusedWithOneBitChangedAnywhere) {
  const PublicKey public_key = key_.public_key();
  const Signature signature = sign(key_, message_);
  for (std::size_t bit = 0; bit < 512; bit += 13) {
    Signature altered = signature;
    altered.bytes.at(bit / 8) ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(verify(public_key, message_, altered)) << bit;
  }
  for (std::size_t bit = 0; bit < 256; bit += 13) {
    const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
    Hash other_message = message_;
    other_message.bytes.at(bit / 8) ^= mask;
    EXPECT_FALSE(verify(public_key, other_message, signature)) << bit;
    PublicKey other_key = public_key;
    other_key.bytes.at(bit / 8) ^= mask;
    EXPECT_FALSE(verify(other_key, message_, signature)) << bit;
  }
}

using SigningDeathTest = Signing;

TEST_F(SigningDeathTest, RefusesAuxiliaryRandomnessOfAnotherSize) {
  EXPECT_DEATH((void)sign(key_, message_, base::Bytes(31)), "auxiliary randomness is 32 bytes");
}

}  // namespace
}  // namespace peerpay::crypto
