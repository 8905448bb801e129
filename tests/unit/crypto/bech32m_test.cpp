#include "crypto/bech32m.h"

#include <gtest/gtest.h>

#include <set>

#include "base/rng.h"
#include "tests/support/hex.h"

namespace peerpay::crypto {
namespace {

std::string lower_case(std::string_view text) {
  std::string out{text};
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// BIP-350, section "Test vectors for Bech32m", the valid strings.
TEST(Bip350, ValidStringsDecodeAndEncodeToThemselvesInLowerCase) {
  for (
      const std::string_view text :
      {"A1LQFN3A", "a1lqfn3a",
       "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
       "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
       "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
       "split1checkupstagehandshakeupstreamerranterredcaperredlc445v", "?1v759aa"}) {
    const auto decoded = bech32m_decode(text);
    ASSERT_TRUE(decoded) << text;
    EXPECT_EQ(bech32m_encode(decoded->hrp, decoded->groups), lower_case(text));
  }
}

struct InvalidRow {
  std::string_view text;
  Bech32Error error;
};

// The invalid strings of the same section, with the reason that BIP-350 gives as our error.
TEST(Bip350, InvalidStringsAreRefusedForTheirReason) {
  const InvalidRow rows[] = {
      {"\x20"
       "1xj0phk",
       Bech32Error::kCharacter},
      {"\x7f"
       "1g6xzxy",
       Bech32Error::kCharacter},
      {"\x80"
       "1vctc34",
       Bech32Error::kCharacter},
      {"an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts"
       "4",
       Bech32Error::kLength},
      {"qyrz8wqd2c9m", Bech32Error::kSeparator},
      {"1qyrz8wqd2c9m", Bech32Error::kSeparator},
      {"y1b0jsk6g", Bech32Error::kCharacter},
      {"lt1igcx5c0", Bech32Error::kCharacter},
      {"in1muywd", Bech32Error::kLength},
      {"mm1crxm3i", Bech32Error::kCharacter},
      {"au1s5cgom", Bech32Error::kCharacter},
      {"M1VUXWEZ", Bech32Error::kChecksum},
      {"16plkw9", Bech32Error::kLength},
      {"1p2gdwpf", Bech32Error::kSeparator},
  };
  for (const auto& [text, error] : rows) {
    const auto decoded = bech32m_decode(text);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error(), error) << text;
  }
}

// BIP-350, "Test vectors for v0-v16 native segregated witness addresses": version 1, 32-byte
// program.
TEST(Bip350, SegregatedWitnessAddressRoundTrips) {
  const std::string_view address = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0";
  const auto program =
      test::from_hex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
  const auto decoded = bech32m_decode(address);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->hrp, "bc");
  EXPECT_EQ(decoded->groups.front(), 1);
  EXPECT_EQ(from_groups(base::ByteView{decoded->groups}.subspan(1)), program);

  base::Bytes groups = {1};
  const auto data = to_groups(program);
  groups.insert(groups.end(), data.begin(), data.end());
  EXPECT_EQ(bech32m_encode("bc", groups), address);
}

TEST(Bech32m, RefusesTheOlderChecksum) {
  // BIP-173's own first vector: the same text with the checksum constant 1.
  const auto decoded = bech32m_decode("A12UEL5L");
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error(), Bech32Error::kChecksum);
}

TEST(Bech32m, RefusesMixedCase) {
  const auto decoded = bech32m_decode("A1lqfn3a");
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error(), Bech32Error::kMixedCase);
}

TEST(Bech32m, FindsEveryMistypedCharacterAndEverySwap) {
  const std::string good = bech32m_encode("peer", to_groups(base::Bytes(33, 0x5a)));
  ASSERT_TRUE(bech32m_decode(good));
  for (std::size_t i = 5; i < good.size(); ++i) {
    for (const char typed : std::string_view{"qpzry9x8gf2tvdw0s3jn54khce6mua7l"}) {
      std::string wrong = good;
      wrong[i] = typed;
      EXPECT_EQ(bech32m_decode(wrong).has_value(), wrong == good) << wrong;
    }
    if (i + 1 == good.size()) break;
    std::string swapped = good;
    std::swap(swapped[i], swapped[i + 1]);
    EXPECT_EQ(bech32m_decode(swapped).has_value(), swapped == good) << swapped;
  }
}

TEST(Groups, RoundTripEveryLength) {
  base::Rng rng{1};
  for (std::size_t size = 0; size <= 40; ++size) {
    base::Bytes bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
    const base::Bytes groups = to_groups(bytes);
    EXPECT_EQ(groups.size(), (size * 8 + 4) / 5);
    for (const auto group : groups) EXPECT_LT(group, 32);
    EXPECT_EQ(from_groups(groups), bytes);
  }
}

TEST(Groups, AreTakenFromTheHighBitsFirst) {
  EXPECT_EQ(to_groups(base::Bytes{0xff}), (base::Bytes{31, 28}));
  EXPECT_EQ(to_groups(base::Bytes{0x08, 0x42}), (base::Bytes{1, 1, 1, 0}));
}

TEST(Groups, RefusePaddingThatIsNotZeroOrTooLong) {
  EXPECT_TRUE(from_groups(base::Bytes{31, 28}));
  EXPECT_FALSE(from_groups(base::Bytes{31, 29})) << "a padding bit is set";
  EXPECT_FALSE(from_groups(base::Bytes{31, 28, 0})) << "a whole group of padding";
  EXPECT_FALSE(from_groups(base::Bytes{0})) << "five bits are no byte";
}

TEST(Bech32Error, HasADistinctSentence) {
  std::set<std::string_view> sentences;
  for (int value = 0; value <= static_cast<int>(Bech32Error::kPadding); ++value) {
    const auto text = sentence(static_cast<Bech32Error>(value));
    EXPECT_TRUE(sentences.insert(text).second && text.ends_with('.')) << text;
  }
}

TEST(Bech32mDeathTest, EncodeChecksWhatItRequires) {
  EXPECT_DEATH((void)bech32m_encode("", {}), "bech32m text has at most 90 characters");
  EXPECT_DEATH((void)bech32m_encode("peer", base::Bytes(80)),
               "bech32m text has at most 90 characters");
  EXPECT_DEATH((void)bech32m_encode("peer", base::Bytes{32}), "a group has 5 bits");
}

}  // namespace
}  // namespace peerpay::crypto
