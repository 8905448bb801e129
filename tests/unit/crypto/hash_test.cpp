#include "crypto/hash.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

namespace peerpay::crypto {
namespace {

base::Bytes concatenated(std::initializer_list<base::ByteView> parts) {
  base::Bytes out;
  for (const auto part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

// The definition of BIP-340, section "Tagged Hashes", from plain SHA-256 alone.
Hash tagged_hash_by_definition(Tag tag, base::ByteView data) {
  const Hash tag_hash = sha256(base::as_bytes(tag_text(tag)));
  return sha256(concatenated({tag_hash.view(), tag_hash.view(), data}));
}

// FIPS 180-4 examples (NIST, "SHA256.pdf") and the long-message example of the first edition.
TEST(Sha256, MatchesTheNistExamples) {
  const std::pair<std::string, const char*> rows[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const auto& [message, digest] : rows) {
    EXPECT_EQ(base::to_hex(sha256(base::as_bytes(message)).view()), digest) << message.size();
  }
}

TEST(TaggedHash, FollowsItsDefinitionForEveryTag) {
  for (const auto tag : kAllTags) {
    // Lengths around the 64-byte block, where padding changes.
    for (const std::size_t size : {0U, 1U, 32U, 55U, 56U, 63U, 64U, 65U, 200U}) {
      const base::Bytes data(size, 0x5a);
      EXPECT_EQ(tagged_hash(tag, data), tagged_hash_by_definition(tag, data))
          << tag_text(tag) << size;
    }
  }
}

TEST(TaggedHash, OfPartsIsTheHashOfTheirConcatenation) {
  const base::Bytes first = {1, 2, 3};
  const base::Bytes second = {4};
  const base::Bytes third = {5, 6};
  const Tag tag = Tag::kTransaction;
  EXPECT_EQ(tagged_hash(tag, first, second),
            tagged_hash_by_definition(tag, concatenated({first, second})));
  EXPECT_EQ(tagged_hash(tag, first, second, third),
            tagged_hash_by_definition(tag, concatenated({first, second, third})));
  EXPECT_EQ(tagged_hash(tag, first, {}, third), tagged_hash(tag, first, third));
}

TEST(TaggedHash, TakesTheTypeOfItsMeaning) {
  using BlockHash = base::FixedBytes<struct BlockHashTag, 32>;
  const base::Bytes data = {7};
  EXPECT_EQ(tagged_hash_as<BlockHash>(Tag::kBlock, data).bytes,
            tagged_hash(Tag::kBlock, data).bytes);
}

TEST(Tag, TextsAreDistinctAndListedInOrder) {
  std::set<std::string_view> texts;
  for (std::size_t i = 0; i < std::size(kAllTags); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kAllTags[i]), i);
    EXPECT_TRUE(texts.insert(tag_text(kAllTags[i])).second) << tag_text(kAllTags[i]);
    EXPECT_TRUE(tag_text(kAllTags[i]).starts_with("peerpay/")) << tag_text(kAllTags[i]);
  }
}

// Each tagged preimage starts with its own 64-byte block, so none is a prefix of, or equal to,
// another's.
TEST(Tag, FirstBlocksAreDistinct) {
  std::set<Hash> blocks;
  for (const auto tag : kAllTags) {
    EXPECT_TRUE(blocks.insert(sha256(base::as_bytes(tag_text(tag)))).second) << tag_text(tag);
  }
}

}  // namespace
}  // namespace peerpay::crypto
