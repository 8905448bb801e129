#include "api/core/objects.h"

#include <gtest/gtest.h>

#include "api/core/invoice_rules.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::api {
namespace {

namespace lt = ledger::test;
using ledger::Amount;

// A payment URI that shows what it was made from.
std::string uri_text(const wallet::PaymentRequest& request) {
  return "uri:" + request.amount.value_or("") + ":" + request.asset.value_or("") + ":" +
         request.reference + ":" + request.label + ":" + request.message;
}

class Objects : public testing::Test {
 protected:
  Objects() {
    invoice_.id.bytes.fill(0);
    invoice_.payee = {lt::test_account(1), 7};
    invoice_.asset = lt::kEur;
    invoice_.amount = Amount{1250};
    invoice_.reference = "INV-7";
    invoice_.description = "Two coffees";
    invoice_.metadata = {{"order", "17"}};
    invoice_.created_at = {1'614'265'330'000};
    invoice_.expires_at = {1'614'266'230'000};
  }
  std::string payee() const { return ledger::format_address(genesis_.kind, invoice_.payee); }
  void pay(std::uint64_t units) {
    InvoicePayment payment;
    payment.height = ledger::Height{12};
    payment.timestamp = {1'614'265'340'000};
    payment.payer = lt::test_account(2);
    payment.amount = Amount{units};
    (void)follow_payment(invoice_, payment);
  }

  ledger::Genesis genesis_ = lt::test_genesis();
  ObjectSettings settings_{genesis_, "https://pay.example", "Corner Shop", uri_text};
  Invoice invoice_;
};

TEST_F(Objects, AnOpenInvoiceForItsMerchant) {
  EXPECT_EQ(
      invoice_json(settings_, invoice_).serialized(),
      R"({"object":"invoice","id":"inv_00000000000000000000000000","livemode":false,)"
      R"("status":"open","payee":")" +
          payee() +
          R"(","amount":{"value":"12.50","asset":"EUR"},"received":{"value":"0.00","asset":"EUR"},)"
          R"("reference":"INV-7","description":"Two coffees","metadata":{"order":"17"},)"
          R"("created_at":"2021-02-25T15:02:10.000Z","expires_at":"2021-02-25T15:17:10.000Z",)"
          R"("ended_at":null,"payments":[],)"
          R"("payment_uri":"uri:12.50:EUR:INV-7:Corner Shop:Two coffees",)"
          R"("links":{"self":"/v1/invoices/inv_00000000000000000000000000",)"
          R"("checkout":"https://pay.example/c/inv_00000000000000000000000000"}})");
}

TEST_F(Objects, APaidInvoiceShowsItsPaymentAndInvitesNobody) {
  pay(1250);
  const auto json = invoice_json(settings_, invoice_);
  EXPECT_EQ(json.member_text("status"), "paid");
  EXPECT_EQ(json.member_text("ended_at"), "2021-02-25T15:02:20.000Z");
  EXPECT_EQ(json.member("payment_uri")->serialized(), "null");
  const auto payment = json.member("payments")->array()->at(0).serialized();
  EXPECT_EQ(payment, R"({"transaction":")" + std::string(64, '0') + R"(","payer":")" +
                         ledger::format_address(genesis_.kind, {lt::test_account(2), {}}) +
                         R"(","amount":{"value":"12.50","asset":"EUR"},"height":12,)"
                         R"("paid_at":"2021-02-25T15:02:20.000Z"})");
}

TEST_F(Objects, APartPaidInvoiceAsksForTheRest) {
  pay(250);
  EXPECT_EQ(payment_request(settings_, invoice_).amount, "10.00");
  EXPECT_EQ(payment_request(settings_, invoice_).expires_at, invoice_.expires_at);
  EXPECT_EQ(payment_request(settings_, invoice_).payee, invoice_.payee);
}

TEST_F(Objects, APayerSeesNothingOfTheMerchantsOwn) {
  pay(250);
  const auto json = checkout_json(settings_, invoice_, Sight::kUpToDate);
  EXPECT_EQ(json.serialized(),
            R"({"object":"checkout","id":"inv_00000000000000000000000000","status":"open",)"
            R"("payee":")" +
                payee() +
                R"(","amount":{"value":"12.50","asset":"EUR"},)"
                R"("received":{"value":"2.50","asset":"EUR"},"reference":"INV-7",)"
                R"("description":"Two coffees","expires_at":"2021-02-25T15:17:10.000Z",)"
                R"("payment_uri":"uri:10.00:EUR:INV-7:Corner Shop:Two coffees",)"
                R"("is_up_to_date":true,"label":"Corner Shop"})");
}

TEST_F(Objects, AnEventIsItsWebhookWithANameOfItsKind) {
  Event event;
  event.type = EventType::kInvoiceOpened;
  event.timestamp = invoice_.created_at;
  event.cursor = {ledger::Height{12}, 3};
  event.payload = webhook_payload(settings_, event, invoice_);
  EXPECT_EQ(event.payload,
            R"({"type":"invoice.opened","timestamp":"2021-02-25T15:02:10.000Z","data":)" +
                invoice_json(settings_, invoice_).serialized() +
                R"(,"id":"evt_00000000000000000000000000","cursor":"12-3"})");
  EXPECT_EQ(event_json(event).serialized(), R"({"object":"event",)" + event.payload.substr(1));
}

// Standard Webhooks: a payload shall be smaller than 20 KB.
TEST_F(Objects, TheLargestEventStaysBelowTwentyKilobytes) {
  settings_.format_payment_uri = [](const wallet::PaymentRequest&) {
    return std::string(wallet::kPaymentUriBytesMax, 'u');
  };
  settings_.base_url = "https://" + std::string(253, 'h');
  invoice_.asset = lt::kXau;
  invoice_.amount = Amount{UINT64_MAX};
  invoice_.reference = std::string(kReferenceBytesMax, '"');
  invoice_.description = std::string(kDescriptionBytesMax, '\\');
  invoice_.metadata.clear();
  for (int i = 100; i < 150; ++i) {
    invoice_.metadata.emplace_back(std::to_string(i), std::string(132, 'v'));
  }
  ASSERT_TRUE(is_valid_metadata(invoice_.metadata));
  ASSERT_GT(metadata_json(invoice_.metadata).serialized().size(), kMetadataBytesMax - 150);
  for (std::size_t i = 0; i < kInvoicePaymentsKept; ++i) pay(UINT64_MAX / 64);
  ASSERT_EQ(invoice_.status, InvoiceStatus::kOpen) << "so that it has its payment URI";
  Event event;
  event.type = EventType::kInvoicePaymentUnexpected;
  event.cursor = {ledger::Height{UINT64_MAX}, UINT32_MAX};
  EXPECT_LT(webhook_payload(settings_, event, invoice_).size(), 20'000U);
}

}  // namespace
}  // namespace peerpay::api
