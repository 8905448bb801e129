#include "wallet/payment_uri.h"

#include <gtest/gtest.h>

#include <array>

#include "base/rng.h"

namespace peerpay::wallet {
namespace {

using ledger::NetworkKind;

ledger::Address payee(std::optional<std::uint64_t> tag = {}) {
  ledger::AccountId account{};
  for (std::size_t i = 0; i < account.bytes.size(); ++i) {
    account.bytes[i] = static_cast<std::uint8_t>(i);
  }
  return {account, tag};
}

std::string address() { return ledger::format_address(NetworkKind::kTest, payee()); }

PaymentRequest bare_request() {
  return {.payee = payee(),
          .amount = {},
          .asset = {},
          .reference = {},
          .label = {},
          .message = {},
          .expires_at = {}};
}

PaymentRequest full_request() {
  auto out = bare_request();
  out.payee = payee(42);
  out.amount = "12.50";
  out.asset = "USD";
  out.reference = "INV-7K3M";
  out.label = "Corner Shop";
  out.message = "2 caf\u00e9s & 100 %";
  out.expires_at = base::UnixMillis{1'790'000'000'000};
  return out;
}

std::optional<PaymentRequest> parse(std::string_view text) {
  auto parsed = parse_payment_uri(NetworkKind::kTest, text);
  if (!parsed) return std::nullopt;
  return *std::move(parsed);
}

std::string refusal(std::string_view text) {
  const auto parsed = parse_payment_uri(NetworkKind::kTest, text);
  return parsed ? "accepted" : parsed.error();
}

std::string with(std::string_view query) {
  return "peerpay:" + address() + "?" + std::string{query};
}

TEST(PaymentUri, IsWrittenInOneWay) {
  EXPECT_EQ(format_payment_uri(NetworkKind::kTest, bare_request()), "peerpay:" + address());
  EXPECT_EQ(format_payment_uri(NetworkKind::kTest, full_request()),
            "peerpay:" + ledger::format_address(NetworkKind::kTest, payee(42)) +
                "?amount=12.50&asset=USD&ref=INV-7K3M&label=Corner%20Shop"
                "&message=2%20caf%C3%A9s%20%26%20100%20%25&exp=1790000000");
}

TEST(PaymentUri, ParsingGivesBackWhatWasFormatted) {
  for (const auto& request : {bare_request(), full_request()}) {
    EXPECT_EQ(parse(format_payment_uri(NetworkKind::kTest, request)), request);
  }
}

TEST(PaymentUri, SchemeAndKeysInAnyCase) {
  EXPECT_EQ(parse("PeerPay:" + address()), bare_request());
  EXPECT_EQ(parse("web+peerpay:" + address()), bare_request());
  EXPECT_EQ(parse("WEB+PEERPAY:" + address()), bare_request());
  EXPECT_EQ(parse(with("AMOUNT=1&aSSet=usd"))->amount, "1");
  EXPECT_EQ(parse(with("AMOUNT=1&aSSet=usd"))->asset, "USD");
}

TEST(PaymentUri, MayBeUpperCaseAsAWhole) {
  auto request = full_request();
  request.label = "CORNER SHOP";
  request.message = "";
  auto uri = format_payment_uri(NetworkKind::kTest, request);
  for (auto& c : uri) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  EXPECT_EQ(parse(uri), request);
}

TEST(PaymentUri, TheFormForQrCodesMeansTheSame) {
  const auto uri = format_payment_uri(NetworkKind::kTest, full_request());
  const auto for_qr = payment_uri_for_qr(uri);
  EXPECT_TRUE(for_qr.starts_with("PEERPAY:TPEER1")) << for_qr;
  EXPECT_TRUE(for_qr.ends_with("&exp=1790000000")) << for_qr;
  EXPECT_EQ(parse(for_qr), full_request());
  EXPECT_EQ(parse(payment_uri_for_qr("peerpay:" + address())), bare_request());
}

TEST(PaymentUri, UnknownKeysAreIgnoredAndRequiredOnesNot) {
  EXPECT_EQ(parse(with("color=blue&flag&x.y-z=%00")), bare_request());
  EXPECT_EQ(refusal(with("req-escrow=1")),
            "It asks for \"req-escrow\", which this program does not know.");
  EXPECT_EQ(refusal(with("REQ-amount=1")),
            "It asks for \"req-amount\", which this program does not know.");
}

TEST(PaymentUri, NoKeyTwice) {
  EXPECT_EQ(refusal(with("amount=1&amount=1")), "It has the key \"amount\" twice.");
  EXPECT_EQ(refusal(with("amount=1&Amount=2")), "It has the key \"amount\" twice.");
  EXPECT_EQ(refusal(with("color=1&color=2")), "It has the key \"color\" twice.");
}

TEST(PaymentUri, AmountsAreDigitsAndAtMostOnePeriod) {
  for (const auto* good : {"0", "1", "007", "12.5", "0.00000001"}) {
    EXPECT_EQ(parse(with("amount=" + std::string{good}))->amount, good);
  }
  for (const auto* bad : {"", ".", "1.", ".5", "1.2.3", "1,5", "-1", "+1", "1e3", "0x1", "%201",
                          "1%00", "11111111111111111111111111111111111111111"}) {
    EXPECT_NE(refusal(with("amount=" + std::string{bad})), "accepted") << bad;
  }
}

TEST(PaymentUri, TheOtherValuesKeepTheirBounds) {
  EXPECT_NE(refusal(with("asset=")), "accepted");
  EXPECT_NE(refusal(with("asset=1USD")), "accepted");
  EXPECT_NE(refusal(with("asset=US-D")), "accepted");
  EXPECT_EQ(refusal(with("asset=ABCDEFGHIJKL")), "accepted");
  EXPECT_NE(refusal(with("asset=ABCDEFGHIJKLM")), "accepted");
  EXPECT_EQ(refusal(with("ref=" + std::string(32, 'r'))), "accepted");
  EXPECT_NE(refusal(with("ref=" + std::string(33, 'r'))), "accepted");
  EXPECT_EQ(refusal(with("exp=253402300799")), "accepted");
  for (const auto* bad : {"", "-1", "1.5", "soon", "253402300800", "99999999999999999999999"}) {
    EXPECT_NE(refusal(with("exp=" + std::string{bad})), "accepted") << bad;
  }
}

TEST(PaymentUri, ValuesAreStrictlyPercentEncodedUtf8) {
  EXPECT_EQ(parse(with("label=a%20b+c%2fd%2Fe=f?g/h"))->label, "a b+c/d/e=f?g/h");
  for (const auto* bad : {"%",   "%4",  "%4g", "%%41", "a b",    "caf\xc3\xa9", "a\"b",
                          "a#b", "<b>", "%FF", "%C3",  "%C0%80", "%ED%A0%80",   "%00",
                          "%0A", "%1B", "%1F", "%7F",  "%C2%80", "%C2%9F"}) {
    EXPECT_NE(refusal(with("label=" + std::string{bad})), "accepted") << bad;
  }
  EXPECT_EQ(parse(with("label=%C2%A0"))->label, "\u00a0");
}

TEST(PaymentUri, KeysArePlain) {
  for (const auto* bad : {"=1", "&a=1", "a=1&&b=2", "%61mount=1", "a%20=1", "a b=1", "+=1"}) {
    EXPECT_NE(refusal(with(bad)), "accepted") << bad;
  }
  EXPECT_EQ(parse(with("")), bare_request());
  EXPECT_EQ(parse(with("amount=1&"))->amount, "1");
}

TEST(PaymentUri, OtherTextsAreNone) {
  for (const auto* text : {"", "peerpay", "peerpay:", "peerpay:?amount=1", "bitcoin:1abc",
                           "https://shop.example/c/inv_1", "web+other:x"}) {
    EXPECT_NE(refusal(text), "accepted") << text;
  }
  EXPECT_NE(refusal(address()), "accepted");
  EXPECT_NE(refusal("peerpay://" + address()), "accepted");
  EXPECT_NE(refusal(" peerpay:" + address()), "accepted");
  EXPECT_NE(refusal("peerpay:" + address() + "#x"), "accepted");
  EXPECT_NE(refusal(with("amount=1#x")), "accepted");
  const auto other_network = ledger::format_address(NetworkKind::kMain, payee());
  EXPECT_NE(refusal("peerpay:" + other_network), "accepted");
}

TEST(PaymentUri, HasABound) {
  const auto room = kPaymentUriBytesMax - with("label=").size();
  EXPECT_EQ(refusal(with("label=" + std::string(room, 'x'))), "accepted");
  EXPECT_EQ(refusal(with("label=" + std::string(room + 1, 'x'))), "It has more than 2048 bytes.");
}

TEST(PaymentUri, HasTheSameBoundWhenItIsWrittenAnew) {
  const auto room = (kPaymentUriBytesMax - with("label=").size()) / 3;
  EXPECT_EQ(refusal(with("label=" + std::string(room, '?'))), "accepted");
  EXPECT_EQ(refusal(with("label=" + std::string(room + 1, '?'))),
            "With all that this program percent-encodes it has more than 2048 bytes.");
}

std::string random_text(base::Rng& rng, std::size_t length_max) {
  constexpr std::array<std::string_view, 10> kPieces{"a", "Z", "7",      " ",      "&",
                                                     "%", "=", "\u00e9", "\u20ac", "\U0001f600"};
  std::string out;
  while (true) {
    const auto piece = kPieces[rng.below(kPieces.size())];
    if (out.size() + piece.size() > length_max || rng.chance(1, 12)) return out;
    out += piece;
  }
}

TEST(PaymentUri, AnyRequestComesBack) {
  base::Rng rng{1};
  for (int round = 0; round < 2000; ++round) {
    auto request = bare_request();
    if (rng.chance(1, 2)) request.payee = payee(rng.next());
    if (rng.chance(1, 2))
      request.amount = std::to_string(rng.next()) + "." + std::to_string(rng.below(100));
    if (rng.chance(1, 2)) request.asset = "EUR";
    request.reference = random_text(rng, 32);
    request.label = random_text(rng, 60);
    request.message = random_text(rng, 60);
    if (rng.chance(1, 2)) request.expires_at = base::UnixMillis{rng.below(1ULL << 32) * 1000};
    const auto uri = format_payment_uri(NetworkKind::kTest, request);
    EXPECT_EQ(parse(uri), request) << uri;
    EXPECT_EQ(parse(payment_uri_for_qr(uri)), request) << uri;
  }
}

// What is accepted after any damage is a request that keeps the rules: it can be written again.
TEST(PaymentUri, DamagedTextIsRefusedOrMeansSomething) {
  base::Rng rng{2};
  const auto original = format_payment_uri(NetworkKind::kTest, full_request());
  std::size_t accepted = 0;
  for (int round = 0; round < 5000; ++round) {
    auto text = original;
    for (auto changes = rng.between(1, 3); changes > 0; --changes) {
      const auto at = rng.below(text.size());
      if (rng.chance(1, 2)) {
        text[at] = static_cast<char>(rng.below(256));
      } else {
        text.erase(at, rng.between(1, 8));
      }
    }
    const auto parsed = parse(text);
    if (!parsed) continue;
    ++accepted;
    EXPECT_EQ(parse(format_payment_uri(NetworkKind::kTest, *parsed)), *parsed) << text;
  }
  EXPECT_GT(accepted, 100U);
}

}  // namespace
}  // namespace peerpay::wallet
