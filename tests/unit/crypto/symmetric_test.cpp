#include "crypto/symmetric.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/hex.h"

namespace peerpay::crypto {
namespace {

using base::as_bytes;
using base::Bytes;
using test::from_hex;

constexpr std::uint64_t kMemoryMax = std::uint64_t{64} << 20;  // for scrypt

// `count` bytes: first, first + 1, ...
Bytes counting(std::uint8_t first, std::size_t count) {
  Bytes out(count);
  std::iota(out.begin(), out.end(), first);
  return out;
}

Bytes text(std::string_view content) { return {content.begin(), content.end()}; }

struct HmacRow {
  Bytes key;
  Bytes data;
  const char* sha256;
  const char* sha512;
};

// RFC 4231, test cases 1 to 4, 6 and 7 (5 is about truncation).
TEST(Hmac, MatchesRfc4231) {
  const HmacRow rows[] = {
      {Bytes(20, 0x0b), text("Hi There"),
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
       "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea"
       "3f4e4be9d914eeb61f1702e696c203a126854"},
      {text("Jefe"), text("what do ya want for nothing?"),
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
       "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f"
       "0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
      {Bytes(20, 0xaa), Bytes(50, 0xdd),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
       "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e6"
       "7c807b946a337bee8942674278859e13292fb"},
      {counting(1, 25), Bytes(50, 0xcd),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
       "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc57"
       "88063a5f19741120c4f2de2adebeb10a298dd"},
      {Bytes(131, 0xaa), text("Test Using Larger Than Block-Size Key - Hash Key First"),
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
       "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6"
       "a1e5295e64f73f63f0aec8b915a985d786598"},
      {Bytes(131, 0xaa),
       text("This is a test using a larger than block-size key and a larger than block-size data. "
            "The key needs to be hashed before being used by the HMAC algorithm."),
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
       "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e"
       "4de15134676fb6de0446065c97440fa8c6a58"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(base::to_hex(hmac_sha256(row.key, row.data)), row.sha256);
    EXPECT_EQ(base::to_hex(hmac_sha512(row.key, row.data).view()), row.sha512);
  }
}

// Absent parts are empty parts, whatever address an empty view has.
TEST(Derivation, TakesEmptyInputs) {
  EXPECT_EQ(base::to_hex(hmac_sha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  EXPECT_EQ(base::to_hex(hmac_sha512({}, {}).view()),
            "b936cee86c9f87aa5d3c6f2e84cb5a4239a5fe50480a6ec66b70ab5b1f4ac6730c6c515421b327ec1d6940"
            "2e53dfb49ad7381eb067b338fd7b0cb22247225d47");
  EXPECT_EQ(base::to_hex(pbkdf2_sha512({}, {}, 1, 32).view()),
            "6d2ecbbbfb2e6dcd7056faf9af6aa06eae594391db983279a6bf27e0eb228614");
  EXPECT_EQ(base::to_hex(hkdf_sha256({}, {}, {}, 32).view()),
            "eb70f01dede9afafa449eee1b1286504e1f62388b3f7dd4f956697b0e828fe18");
  const auto derived = scrypt({}, {}, {.log2_n = 4, .r = 1, .p = 1}, 8, kMemoryMax);
  ASSERT_TRUE(derived);
  EXPECT_EQ(base::to_hex(derived->view()), "77d6576238657b20");
}

// The first English vector of BIP-39 (github.com/trezor/python-mnemonic, vectors.json), whose seed
// is PBKDF2 of its mnemonic, and the one-iteration value of RFC 6070's inputs under SHA-512.
TEST(Pbkdf2, MatchesPublishedSeeds) {
  const std::string_view mnemonic =
      "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
      "about";
  EXPECT_EQ(
      base::to_hex(pbkdf2_sha512(as_bytes(mnemonic), as_bytes("mnemonicTREZOR"), 2048, 64).view()),
      "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2c"
      "f141630c7a3c4ab7c81b2f001698e7463b04");
  EXPECT_EQ(base::to_hex(pbkdf2_sha512(as_bytes("password"), as_bytes("salt"), 1, 20).view()),
            "867f70cf1ade02cff3752599a3a53dc4af34c7a6");
}

// RFC 5869, appendix A, the three cases with SHA-256.
TEST(Hkdf, MatchesRfc5869) {
  EXPECT_EQ(
      base::to_hex(hkdf_sha256(Bytes(22, 0x0b), counting(0, 13), counting(0xf0, 10), 42).view()),
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  EXPECT_EQ(
      base::to_hex(hkdf_sha256(counting(0, 80), counting(0x60, 80), counting(0xb0, 80), 82).view()),
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e59"
      "0e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  EXPECT_EQ(base::to_hex(hkdf_sha256(Bytes(22, 0x0b), {}, {}, 42).view()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

std::string scrypt_hex(std::string_view password, std::string_view salt, ScryptCost cost) {
  const auto derived = scrypt(as_bytes(password), as_bytes(salt), cost, 64, kMemoryMax);
  return derived ? base::to_hex(derived->view()) : "refused";
}

// RFC 7914, section 12, without the row that needs 1 GiB.
TEST(Scrypt, MatchesRfc7914) {
  EXPECT_EQ(scrypt_hex("", "", {.log2_n = 4, .r = 1, .p = 1}),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a75"
            "3a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
  EXPECT_EQ(scrypt_hex("password", "NaCl", {.log2_n = 10, .r = 8, .p = 16}),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109"
            "279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
  EXPECT_EQ(scrypt_hex("pleaseletmein", "SodiumChloride", {.log2_n = 14}),
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d497"
            "05242a9af9e61e85dc0d651e40dfcf017b45575887");
}

TEST(Scrypt, RefusesCostsBeyondTheMemoryLimitOrOutOfRange) {
  // 128 * 8 * 2^16 bytes are exactly the limit, and the algorithm needs a little more.
  EXPECT_EQ(scrypt_hex("p", "s", {.log2_n = 16}), "refused");
  EXPECT_EQ(scrypt_hex("p", "s", {.log2_n = 30}), "refused");
  EXPECT_EQ(scrypt_hex("p", "s", {.log2_n = 31}), "refused");
  EXPECT_EQ(scrypt_hex("p", "s", {.log2_n = 0}), "refused");
  EXPECT_EQ(scrypt_hex("p", "s", {.log2_n = 4, .r = 0, .p = 1}), "refused");
  EXPECT_EQ(scrypt_hex("p", "s", {.log2_n = 4, .r = 1, .p = 0}), "refused");
  EXPECT_EQ(scrypt_hex("p", "s", {.log2_n = 4, .r = UINT32_MAX, .p = UINT32_MAX}), "refused");
}

struct SealRow {
  const char* key;
  const char* nonce;
  const char* plaintext;
  const char* sealed;
};

// Wycheproof (github.com/C2SP/wycheproof, chacha20_poly1305_test.json) tcId 2, 4, 12, 22, 28: rows
// with empty associated data.
constexpr SealRow kSealRows[] = {
    {"80ba3192c803ce965ea371d5ff073cf0f43b6a2ab576b208426e11409c09b9b0", "4da5bf8dfd5852c1ea12379d",
     "", "76acb342cf3166a5b63c0c0ea1383c8d"},
    {"cc56b680552eb75008f5484b4cb803fa5063ebd6eab91f6ab6aef4916a766273", "99e23ec48985bccdeeab60f1",
     "2a", "3acac27dec0968801e9f6eded69d807522"},
    {"1a4c4f39abe890e62345c947bcf7de7c2e33bd5ceeda0a0abf0e7ef935ddf3ee", "9447bf85d5b97d8aee0f8e51",
     "c15a593bd0", "f711647ff122b12dc38cb79629f84cdbdc2425c09d"},
    {"4de207a3b70c51e5f23048eed5a5da9bb65e917a69aa93e7c8b4a815cd9724de", "4c15a71dc6791a8c005ad502",
     "f2c54b6b5e490da18659", "700d35adf5100a22a1de102d992ffaff599b5bddddeb2dfb399b"},
    {"faf4bfe8019a891c74901b17f4f48cee5cd065d55fdea60118aaf6c4319a0ea5", "b776c3fddba7c81362ce6e1b",
     "8dadff8d60c8e88f604f274833", "e6b33a74a4ac443bd93f9c1b940c115172bdb02bbad3130fff22790d60"},
};

TEST(ChaCha20Poly1305, MatchesWycheproofBothWays) {
  for (const auto& row : kSealRows) {
    const auto sealed =
        chacha20_poly1305_seal(from_hex(row.key), from_hex(row.nonce), from_hex(row.plaintext));
    EXPECT_EQ(base::to_hex(sealed), row.sealed);
    const auto opened =
        chacha20_poly1305_open(from_hex(row.key), from_hex(row.nonce), from_hex(row.sealed));
    ASSERT_TRUE(opened) << row.sealed;
    EXPECT_EQ(base::to_hex(opened->view()), row.plaintext);
  }
}

// RFC 8439, section 2.8.2. Its tag covers associated data, which we never have; the ciphertext
// before the tag does not depend on them.
TEST(ChaCha20Poly1305, EncryptsAsRfc8439) {
  const std::string_view plaintext =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
      "sunscreen would be it.";
  const auto sealed = chacha20_poly1305_seal(
      counting(0x80, 32), from_hex("070000004041424344454647"), as_bytes(plaintext));
  ASSERT_EQ(sealed.size(), plaintext.size() + 16);
  EXPECT_EQ(base::to_hex(base::ByteView{sealed}.first(plaintext.size())),
            "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb"
            "69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad6"
            "75945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116");
}

TEST(ChaCha20Poly1305, OpensNothingThatWasAltered) {
  const auto& row = kSealRows[4];
  const Bytes key = from_hex(row.key);
  const Bytes nonce = from_hex(row.nonce);
  const Bytes sealed = from_hex(row.sealed);
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes altered = sealed;
    altered[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(chacha20_poly1305_open(key, nonce, altered)) << bit;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(chacha20_poly1305_open(key, nonce, base::ByteView{sealed}.first(size))) << size;
  }
  Bytes other_key = key;
  other_key[0] ^= 1;
  EXPECT_FALSE(chacha20_poly1305_open(other_key, nonce, sealed));
  Bytes other_nonce = nonce;
  other_nonce[11] ^= 1;
  EXPECT_FALSE(chacha20_poly1305_open(key, other_nonce, sealed));
}

TEST(ChaCha20Poly1305DeathTest, KeysAndNoncesHaveTheirSizes) {
  EXPECT_DEATH((void)chacha20_poly1305_seal(Bytes(31), Bytes(12), {}), "ChaCha20-Poly1305 sizes");
  EXPECT_DEATH((void)chacha20_poly1305_open(Bytes(32), Bytes(11), {}), "ChaCha20-Poly1305 sizes");
}

TEST(EqualConstantTime, ComparesLengthAndContent) {
  EXPECT_TRUE(equal_constant_time({}, {}));
  EXPECT_TRUE(equal_constant_time(Bytes{1, 2}, Bytes{1, 2}));
  EXPECT_FALSE(equal_constant_time(Bytes{1, 2}, Bytes{1, 3}));
  EXPECT_FALSE(equal_constant_time(Bytes{1, 2}, Bytes{1, 2, 0}));
}

}  // namespace
}  // namespace peerpay::crypto
