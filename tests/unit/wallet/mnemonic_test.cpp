#include "wallet/mnemonic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/unit/wallet/bip39_vectors.h"
#include "wallet/derivation.h"
#include "wallet/secret.h"
#include "wallet/word_list.h"

namespace peerpay::wallet {
namespace {

constexpr std::string_view kWords =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";

MnemonicError error_of(std::string_view text) {
  const auto parsed = parse_mnemonic(text);
  EXPECT_FALSE(parsed.has_value()) << text;
  return parsed.has_value() ? MnemonicError{} : parsed.error();
}

TEST(WordList, IsSortedAndToldApartByFourLetters) {
  EXPECT_TRUE(std::is_sorted(kEnglishWords.begin(), kEnglishWords.end()));
  for (std::size_t i = 1; i < kEnglishWords.size(); ++i) {
    EXPECT_NE(kEnglishWords[i - 1].substr(0, 4), kEnglishWords[i].substr(0, 4));
  }
}

TEST(Mnemonic, MatchesThePublishedVectors) {
  ASSERT_EQ(std::size(kBip39Vectors), 24U);
  for (const auto& vector : kBip39Vectors) {
    const auto entropy = base::from_hex(vector.entropy);
    ASSERT_TRUE(entropy.has_value());
    EXPECT_EQ(secret_text(mnemonic_from_entropy(*entropy)), vector.words);

    const auto parsed = parse_mnemonic(vector.words);
    ASSERT_TRUE(parsed.has_value()) << vector.words;
    EXPECT_EQ(secret_text(*parsed), vector.words);

    const auto seed = seed_from_mnemonic(*parsed, "TREZOR");
    EXPECT_EQ(base::to_hex(seed.view()), vector.seed);
    const auto root = master_key(seed.view());
    ASSERT_TRUE(root.has_value());
    EXPECT_EQ(secret_text(xprv(*root)), vector.xprv);
  }
}

TEST(Mnemonic, ReadsWhatPeopleType) {
  const auto parsed = parse_mnemonic(
      "  Legal WINNER thank\tyear\nwave sausage  worth useful legal winner thank yellow\r\n");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(secret_text(*parsed), kWords);
}

TEST(Mnemonic, RefusesAWrongChecksum) {
  const auto error =
      error_of("legal winner thank year wave sausage worth useful legal winner thank thank");
  EXPECT_EQ(error.kind, MnemonicError::Kind::kChecksum);
}

TEST(Mnemonic, RefusesTwoWordsThatChangedPlaces) {
  const auto error =
      error_of("winner legal thank year wave sausage worth useful legal winner thank yellow");
  EXPECT_EQ(error.kind, MnemonicError::Kind::kChecksum);
}

TEST(Mnemonic, NamesTheUnknownWordByItsPlaceAlone) {
  const auto error =
      error_of("legal winner thank yeer wave sausage worth useful legal winner thank yellow");
  EXPECT_EQ(error.kind, MnemonicError::Kind::kWordUnknown);
  EXPECT_EQ(error.number, 4U);
  EXPECT_EQ(error.sentence(), "Word 4 is not in the list of recovery words.");
}

TEST(Mnemonic, RefusesOtherNumbersOfWords) {
  std::string words;
  for (std::size_t count = 0; count <= 30; ++count) {
    const bool is_allowed = count >= 12 && count <= 24 && count % 3 == 0;
    if (!is_allowed) {
      EXPECT_EQ(error_of(words).kind, MnemonicError::Kind::kWordCount) << count;
      EXPECT_EQ(error_of(words).number, count);
    }
    words += "zoo ";
  }
}

TEST(Mnemonic, RefusesTextThatIsTooLongBeforeReadingIt) {
  EXPECT_EQ(error_of(std::string(kMnemonicTextBytesMax + 1, 'a')).kind,
            MnemonicError::Kind::kTooLong);
}

TEST(Mnemonic, GivesSingleWordsForTheBackupQuestion) {
  const auto parsed = parse_mnemonic(kWords);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(mnemonic_word_count(*parsed), 12U);
  EXPECT_EQ(mnemonic_word(*parsed, 1), "legal");
  EXPECT_EQ(mnemonic_word(*parsed, 12), "yellow");
}

}  // namespace
}  // namespace peerpay::wallet
