#include "crypto/keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <type_traits>

#include "tests/support/hex.h"

namespace peerpay::crypto {
namespace {

static_assert(!std::is_copy_constructible_v<SecretKey> && !std::is_copy_assignable_v<SecretKey>);
static_assert(std::is_nothrow_move_constructible_v<SecretKey>);
static_assert(std::is_nothrow_move_assignable_v<SecretKey>);
static_assert(!std::is_default_constructible_v<SecretKey>, "no key without a valid scalar");
static_assert(!std::is_copy_constructible_v<SecretBytes> &&
              !std::is_copy_assignable_v<SecretBytes>);

// The order of secp256k1 and its neighbours (SEC 2, section 2.4.1).
constexpr std::string_view kZero =
    "0000000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view kOne =
    "0000000000000000000000000000000000000000000000000000000000000001";
constexpr std::string_view kTwo =
    "0000000000000000000000000000000000000000000000000000000000000002";
constexpr std::string_view kOrder =
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
constexpr std::string_view kOrderLess1 =
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";
constexpr std::string_view kOrderLess2 =
    "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd036413f";
constexpr std::string_view kAllOnes =
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";
// x of the generator, and of twice it.
constexpr std::string_view kGeneratorX =
    "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
constexpr std::string_view kTwiceGeneratorX =
    "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5";

std::optional<SecretKey> key_of(std::string_view hex) {
  return SecretKey::from_bytes(test::from_hex(hex));
}

std::string revealed(const SecretKey& key) { return base::to_hex(key.reveal()); }

bool all_zero(base::ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == 0; });
}

TEST(SecretKey, IsAScalarFromOneToTheOrderLessOne) {
  EXPECT_TRUE(key_of(kOne));
  EXPECT_TRUE(key_of(kOrderLess1));
  EXPECT_FALSE(key_of(kZero));
  EXPECT_FALSE(key_of(kOrder));
  EXPECT_FALSE(key_of(kAllOnes));
}

TEST(SecretKey, HasExactly32Bytes) {
  EXPECT_FALSE(SecretKey::from_bytes({}));
  EXPECT_FALSE(SecretKey::from_bytes(base::Bytes(31, 1)));
  EXPECT_FALSE(SecretKey::from_bytes(base::Bytes(33, 1)));
}

TEST(SecretKey, GivesThePublicKeyOfItsPoint) {
  EXPECT_EQ(base::to_hex(key_of(kOne)->public_key().view()), kGeneratorX);
  EXPECT_EQ(base::to_hex(key_of(kTwo)->public_key().view()), kTwiceGeneratorX);
  // n - 1 is the negated generator: the same x, the other y.
  EXPECT_EQ(base::to_hex(key_of(kOrderLess1)->public_key().view()), kGeneratorX);
}

TEST(SecretKey, CompressedPublicKeyTellsTheParityOfY) {
  EXPECT_EQ(base::to_hex(key_of(kOne)->compressed_public_key()), "02" + std::string{kGeneratorX});
  EXPECT_EQ(base::to_hex(key_of(kOrderLess1)->compressed_public_key()),
            "03" + std::string{kGeneratorX});
}

TEST(SecretKey, MovingWipesTheSource) {
  auto source = key_of(kTwo);
  const SecretKey taken{*std::move(source)};
  EXPECT_EQ(revealed(taken), kTwo);
  EXPECT_TRUE(all_zero(source->reveal()));  // NOLINT(bugprone-use-after-move): that is the point

  auto assigned = key_of(kOne);
  auto other = key_of(kTwo);
  *assigned = *std::move(other);
  EXPECT_EQ(revealed(*assigned), kTwo);
  EXPECT_TRUE(all_zero(other->reveal()));  // NOLINT(bugprone-use-after-move)
}

TEST(SecretKey, MovingOntoItselfKeepsTheKey) {
  auto key = key_of(kTwo);
  SecretKey& same = *key;
  *key = std::move(same);
  EXPECT_EQ(revealed(*key), kTwo);
}

TEST(SecretKey, DyingWipesItsMemory) {
  alignas(SecretKey) std::array<std::uint8_t, sizeof(SecretKey)> memory{};
  auto* const key = new (memory.data()) SecretKey{*key_of(kOrderLess1)};
  EXPECT_FALSE(all_zero(memory));
  std::destroy_at(key);
  EXPECT_TRUE(all_zero(memory));
}

TEST(SecretKey, PlusTweakAddsModuloTheOrder) {
  EXPECT_EQ(revealed(*key_of(kOne)->plus_tweak(test::from_hex(kOne))), kTwo);
  EXPECT_EQ(revealed(*key_of(kTwo)->plus_tweak(test::from_hex(kOrderLess1))), kOne);
  EXPECT_EQ(revealed(*key_of(kOrderLess1)->plus_tweak(test::from_hex(kOrderLess1))), kOrderLess2);
}

TEST(SecretKey, PlusZeroIsTheSameKey) {
  EXPECT_EQ(revealed(*key_of(kTwo)->plus_tweak(test::from_hex(kZero))), kTwo);
}

TEST(SecretKey, PlusTweakRefusesASumOfZeroAndTweaksOutOfRange) {
  EXPECT_FALSE(key_of(kOne)->plus_tweak(test::from_hex(kOrderLess1)));
  EXPECT_FALSE(key_of(kOne)->plus_tweak(test::from_hex(kOrder)));
  EXPECT_FALSE(key_of(kOne)->plus_tweak(test::from_hex(kAllOnes)));
  EXPECT_FALSE(key_of(kOne)->plus_tweak(base::Bytes(31, 1)));
  EXPECT_FALSE(key_of(kOne)->plus_tweak(base::Bytes(33, 1)));
}

TEST(SecretKey, PlusTweakLeavesTheKeyAsItWas) {
  const auto key = key_of(kOne);
  (void)key->plus_tweak(test::from_hex(kOrderLess1));
  EXPECT_EQ(revealed(*key), kOne);
}

TEST(PublicKey, IsValidExactlyForXCoordinatesOfPoints) {
  EXPECT_TRUE(is_valid(test::fixed_from_hex<PublicKey>(kGeneratorX)));
  EXPECT_FALSE(is_valid(PublicKey{}));
  // BIP-340 vectors 5 (no point has this x) and 14 (not below the field size).
  EXPECT_FALSE(is_valid(test::fixed_from_hex<PublicKey>(
      "eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34")));
  EXPECT_FALSE(is_valid(test::fixed_from_hex<PublicKey>(
      "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30")));
}

TEST(SecretBytes, MovesLeaveTheSourceEmpty) {
  SecretBytes source{base::Bytes{1, 2, 3}};
  SecretBytes taken{std::move(source)};
  EXPECT_EQ(base::to_hex(taken.view()), "010203");
  EXPECT_TRUE(source.view().empty());  // NOLINT(bugprone-use-after-move)
  SecretBytes assigned{std::size_t{2}};
  assigned.mutable_view()[1] = 9;
  EXPECT_EQ(base::to_hex(assigned.view()), "0009");
  assigned = std::move(taken);
  EXPECT_EQ(base::to_hex(assigned.view()), "010203");
  EXPECT_TRUE(taken.view().empty());  // NOLINT(bugprone-use-after-move)
}

TEST(Wipe, OverwritesEveryByte) {
  base::Bytes memory(100, 0xaa);
  wipe(memory.data(), memory.size());
  EXPECT_TRUE(all_zero(memory));
}

}  // namespace
}  // namespace peerpay::crypto
