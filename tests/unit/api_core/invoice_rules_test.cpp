#include "api/core/invoice_rules.h"

#include <gtest/gtest.h>

#include "tests/support/ledger/ledger_world.h"
#include "wallet/payment_uri.h"

namespace peerpay::api {
namespace {

using base::UnixMillis;
using ledger::Amount;
using enum EventType;
using Types = std::vector<EventType>;

Invoice open_invoice(std::uint64_t units) {
  Invoice invoice;
  invoice.amount = Amount{units};
  invoice.created_at = {1000};
  invoice.expires_at = {2000};
  return invoice;
}

InvoicePayment payment(std::uint64_t units, std::uint64_t at) {
  InvoicePayment out;
  out.amount = Amount{units};
  out.timestamp = {at};
  return out;
}

TEST(InvoiceRules, OnePaymentOfTheAmountPaysIt) {
  auto invoice = open_invoice(100);
  EXPECT_EQ(follow_payment(invoice, payment(100, 1500)), Types{kInvoicePaid});
  EXPECT_EQ(invoice.status, InvoiceStatus::kPaid);
  EXPECT_EQ(invoice.ended_at, UnixMillis{1500});
  EXPECT_EQ(invoice.received, Amount{100});
  EXPECT_EQ(invoice.payments.size(), 1U);
}

TEST(InvoiceRules, PaymentsAddUpAndMayExceed) {
  auto invoice = open_invoice(100);
  EXPECT_EQ(follow_payment(invoice, payment(60, 1100)), Types{kInvoicePaymentReceived});
  EXPECT_EQ(follow_payment(invoice, payment(39, 1200)), Types{kInvoicePaymentReceived});
  EXPECT_EQ(invoice.status, InvoiceStatus::kOpen);
  EXPECT_EQ(follow_payment(invoice, payment(60, 2000)), Types{kInvoicePaid}) << "just in time";
  EXPECT_EQ(invoice.received, Amount{159});
}

TEST(InvoiceRules, TheEndIsForEver) {
  for (const auto status : {InvoiceStatus::kPaid, InvoiceStatus::kExpired, InvoiceStatus::kVoid}) {
    auto invoice = open_invoice(100);
    invoice.status = status;
    invoice.ended_at = UnixMillis{1200};
    EXPECT_EQ(follow_payment(invoice, payment(100, 1500)), Types{kInvoicePaymentUnexpected});
    EXPECT_FALSE(follow_time(invoice, {9999}).has_value());
    EXPECT_FALSE(void_invoice(invoice, {9999}).has_value());
    EXPECT_EQ(invoice.status, status);
    EXPECT_EQ(invoice.ended_at, UnixMillis{1200});
    EXPECT_EQ(invoice.received, Amount{100}) << "money that came is counted";
  }
}

TEST(InvoiceRules, ExpiresAfterItsTimeAndNotAtIt) {
  auto invoice = open_invoice(100);
  EXPECT_FALSE(follow_time(invoice, {2000}).has_value());
  EXPECT_EQ(follow_time(invoice, {2001}), kInvoiceExpired);
  EXPECT_EQ(invoice.status, InvoiceStatus::kExpired);
  EXPECT_EQ(invoice.ended_at, UnixMillis{2001});
}

TEST(InvoiceRules, ALatePaymentFindsItExpired) {
  auto invoice = open_invoice(100);
  EXPECT_EQ(follow_payment(invoice, payment(100, 2001)),
            (Types{kInvoiceExpired, kInvoicePaymentUnexpected}));
  EXPECT_EQ(invoice.status, InvoiceStatus::kExpired);
}

TEST(InvoiceRules, VoidingIsByTheClockOfTheMerchant) {
  auto invoice = open_invoice(100);
  EXPECT_EQ(void_invoice(invoice, {1700}), kInvoiceVoided);
  EXPECT_EQ(invoice.status, InvoiceStatus::kVoid);
  EXPECT_EQ(invoice.ended_at, UnixMillis{1700});
}

TEST(InvoiceRules, CountsAllPaymentsAndKeepsTheFirst) {
  auto invoice = open_invoice(1000);
  for (std::uint64_t i = 0; i < kInvoicePaymentsKept + 5; ++i) {
    (void)follow_payment(invoice, payment(1, 1100 + i));
  }
  EXPECT_EQ(invoice.payments.size(), kInvoicePaymentsKept);
  EXPECT_EQ(invoice.payments.back().timestamp, UnixMillis{1100 + kInvoicePaymentsKept - 1});
  EXPECT_EQ(invoice.received, Amount{kInvoicePaymentsKept + 5});
  (void)follow_payment(invoice, payment(UINT64_MAX, 1500));
  EXPECT_EQ(invoice.received, Amount{UINT64_MAX}) << "no wrap";
}

TEST(InvoiceRules, DustIsCountedAndNotToldForEver) {
  auto invoice = open_invoice(1000);
  for (std::uint64_t i = 0; i < kInvoicePaymentsKept; ++i) {
    EXPECT_EQ(follow_payment(invoice, payment(1, 1100)), Types{kInvoicePaymentReceived});
  }
  EXPECT_EQ(follow_payment(invoice, payment(1, 1100)), Types{});
  auto late = invoice;
  EXPECT_EQ(follow_payment(late, payment(1, 2001)), Types{kInvoiceExpired});
  EXPECT_EQ(follow_payment(late, payment(1, 2001)), Types{});
  EXPECT_EQ(late.received, Amount{kInvoicePaymentsKept + 3});
  EXPECT_EQ(follow_payment(invoice, payment(1000, 1200)), Types{kInvoicePaid});
}

// Every character of the first planes' beginning, and bytes that are none.
std::vector<std::string> strange_texts() {
  std::vector<std::string> out = {"caf\xc3\xa9", "a&b=c%20#?", "\xe2\x80\xae", "\xff", "\xc2"};
  for (unsigned c = 0; c < 0x80; ++c) out.emplace_back(1, static_cast<char>(c));
  for (unsigned c = 0x80; c < 0xc0; ++c) out.push_back({'\xc2', static_cast<char>(c)});
  return out;
}

// An invoice is of no use when no wallet reads its payment URI.
TEST(InvoiceForm, WalletsReadWhatIsTaken) {
  const auto kind = ledger::NetworkKind::kTest;
  int taken = 0;
  auto texts = strange_texts();
  texts.emplace_back(32, '"');
  for (const auto& text : texts) {
    if (!is_valid_reference(text) || !is_valid_description(text)) continue;
    ++taken;
    const wallet::PaymentRequest request{.payee = {ledger::test::test_account(1), UINT64_MAX},
                                         .amount = "18446744073709551.615",
                                         .asset = "ABCDEFGHIJKL",
                                         .reference = text,
                                         .label = std::string(64, '"'),
                                         .message = text + std::string(500 - text.size(), '"'),
                                         .expires_at = base::UnixMillis{253'402'300'799'000}};
    const auto read = wallet::parse_payment_uri(kind, wallet::format_payment_uri(kind, request));
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(*read, request) << text;
  }
  EXPECT_GT(taken, 95);
}

TEST(InvoiceForm, References) {
  EXPECT_TRUE(is_valid_reference("INV-1"));
  EXPECT_TRUE(is_valid_reference("caf\xc3\xa9 7"));
  EXPECT_TRUE(is_valid_reference(std::string(32, 'r')));
  for (const auto& text : {std::string{}, std::string(33, 'r'), std::string{"a\nb"},
                           std::string{"a\0b", 3}, std::string{"\xff"}, std::string{"a\x7f"}}) {
    EXPECT_FALSE(is_valid_reference(text)) << text;
  }
}

TEST(InvoiceForm, Descriptions) {
  EXPECT_TRUE(is_valid_description(""));
  EXPECT_TRUE(is_valid_description(std::string(500, 'd')));
  EXPECT_FALSE(is_valid_description(std::string(501, 'd')));
  EXPECT_FALSE(is_valid_description("\x1b[2J"));
}

TEST(InvoiceForm, MetadataIsBounded) {
  EXPECT_TRUE(is_valid_metadata({}));
  EXPECT_TRUE(is_valid_metadata({{"a", ""}, {"b", std::string(500, 'v')}}));
  EXPECT_FALSE(is_valid_metadata({{"b", ""}, {"a", ""}})) << "not sorted";
  EXPECT_FALSE(is_valid_metadata({{"a", ""}, {"a", ""}})) << "twice";
  EXPECT_FALSE(is_valid_metadata({{"", "v"}}));
  EXPECT_FALSE(is_valid_metadata({{std::string(41, 'k'), "v"}}));
  EXPECT_FALSE(is_valid_metadata({{"k", std::string(501, 'v')}}));
  EXPECT_FALSE(is_valid_metadata({{"k", "\x01"}}));
  Metadata many;
  for (int i = 100; i < 150; ++i) many.emplace_back(std::to_string(i), std::string(130, 'v'));
  EXPECT_TRUE(is_valid_metadata(many));
  for (auto& [key, value] : many) value = std::string(80, '"');
  EXPECT_FALSE(is_valid_metadata(many)) << "quotes take two bytes each";
  many.emplace_back("150", "");
  for (auto& [key, value] : many) value.clear();
  EXPECT_FALSE(is_valid_metadata(many)) << "51 keys";
}

TEST(MadeReference, IsReadableAndUsesSixtyBits) {
  EXPECT_EQ(made_reference(0), "INV-000000000000");
  EXPECT_EQ(made_reference(UINT64_MAX), "INV-ZZZZZZZZZZZZ");
  EXPECT_EQ(made_reference(std::uint64_t{1} << 59), "INV-00000000000G");
  EXPECT_TRUE(is_valid_reference(made_reference(123'456'789)));
}

}  // namespace
}  // namespace peerpay::api
