#include "ledger/address.h"

#include <gtest/gtest.h>

#include "crypto/bech32m.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::ledger {
namespace {

// Key number 0 is the generator point, whose x coordinate is known to everyone (SEC 2,
// section 2.4.1).
const Address kPlain{test::test_account(0), std::nullopt};
const Address kTagged{test::test_account(0), 0x0102030405060708};

TEST(Address, HasAFixedText) {
  EXPECT_EQ(base::to_hex(kPlain.account.view()),
            "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
  EXPECT_EQ(format_address(NetworkKind::kMain, kPlain),
            "peer1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq8lgat8");
  EXPECT_EQ(format_address(NetworkKind::kTest, kPlain),
            "tpeer1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqc7u7vv");
  EXPECT_EQ(format_address(NetworkKind::kTest, kTagged),
            "tpeer1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzqsrqszsvpcgtu274e");
}

TEST(Address, ReadsWhatItPrints) {
  for (const auto kind : {NetworkKind::kMain, NetworkKind::kTest}) {
    for (const auto& address : {kPlain, kTagged}) {
      const auto parsed = parse_address(kind, format_address(kind, address));
      ASSERT_TRUE(parsed) << parsed.error();
      EXPECT_EQ(*parsed, address);
    }
  }
}

TEST(Address, ReadsCapitals) {
  std::string text = format_address(NetworkKind::kTest, kTagged);
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  const auto parsed = parse_address(NetworkKind::kTest, text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, kTagged);
}

TEST(Address, FindsEveryTypingErrorOfOneCharacter) {
  const std::string text = format_address(NetworkKind::kMain, kPlain);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : std::string_view{"qpzry9x8gf2tvdw0s3jn54khce6mua7l1b"}) {
      if (c == text[i]) continue;
      std::string wrong = text;
      wrong[i] = c;
      EXPECT_FALSE(parse_address(NetworkKind::kMain, wrong)) << wrong;
    }
  }
}

std::string refusal(NetworkKind kind, std::string_view text) {
  const auto parsed = parse_address(kind, text);
  return parsed ? "" : parsed.error();
}

TEST(Address, SaysThatTheNetworkIsWrong) {
  const auto main_text = format_address(NetworkKind::kMain, kPlain);
  const auto test_text = format_address(NetworkKind::kTest, kPlain);
  EXPECT_EQ(refusal(NetworkKind::kTest, main_text),
            "This address is for the main network, not for a test network.");
  EXPECT_EQ(refusal(NetworkKind::kMain, test_text),
            "This address is for a test network, not for the main network.");
  EXPECT_NE(
      refusal(NetworkKind::kMain, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0")
          .find("not a peerpay address"),
      std::string::npos);
}

std::string text_of(std::uint8_t version, std::size_t payload_size) {
  base::Bytes groups{version};
  const auto payload = crypto::to_groups(base::Bytes(payload_size, 1));
  groups.insert(groups.end(), payload.begin(), payload.end());
  return crypto::bech32m_encode("tpeer", groups);
}

TEST(Address, SaysThatVersionOrLengthIsWrong) {
  const auto kind = NetworkKind::kTest;
  EXPECT_EQ(refusal(kind, text_of(2, 32)), "This version of addresses is not known.");
  for (const auto size : {0UL, 31UL, 33UL, 40UL}) {
    EXPECT_EQ(refusal(kind, text_of(0, size)), "The address has the wrong length.");
  }
  for (const auto size : {32UL, 39UL, 41UL}) {
    EXPECT_EQ(refusal(kind, text_of(1, size)), "The address has the wrong length.");
  }
  EXPECT_EQ(refusal(kind, crypto::bech32m_encode("tpeer", {})), "The address is empty.");
  EXPECT_NE(refusal(kind, "tpeer1qqqq"), "");
  EXPECT_NE(refusal(kind, ""), "");
}

}  // namespace
}  // namespace peerpay::ledger
