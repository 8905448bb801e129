#include "api/web/checkout.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "api/web/static_files.h"

namespace peerpay::api {
namespace {

const std::string kPayee = "tpeer1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqc7u7vv";
const std::string kUri = "peerpay:" + kPayee + "?amount=12.50&asset=USD&ref=INV-7K3M9Q2XW4RT";
const std::string kTransaction(64, 'a');

CheckoutView open_view() {
  CheckoutView view;
  view.label = "Corner Shop";
  view.payee = kPayee;
  view.asset = "USD";
  view.amount = "12.50";
  view.reference = "INV-7K3M9Q2XW4RT";
  view.description = "Two coffees";
  view.expires_at = {1'795'342'500'000};
  view.now = {1'795'341'600'000};
  view.payment_uri = kUri;
  view.qr_svg = "<svg viewBox=\"0 0 1 1\"></svg>";
  return view;
}

CheckoutView partly_received() {
  auto view = open_view();
  view.received = "5.00";
  view.remaining = "7.50";
  view.payments = {{kTransaction, "5.00", {1'795'341'761'900}}};
  return view;
}

CheckoutView ended(CheckoutStatus status) {
  auto view = open_view();
  view.status = status;
  return view;
}

CheckoutView paid() {
  auto view = ended(CheckoutStatus::kPaid);
  view.received = "12.50";
  view.payments = {{kTransaction, "12.50", {1'795'341'787'412}}};
  return view;
}

bool has(const std::string& page, std::string_view text) {
  return page.find(text) != std::string::npos;
}

std::size_t count(const std::string& page, std::string_view text) {
  std::size_t found = 0;
  for (auto at = page.find(text); at != std::string::npos; at = page.find(text, at + 1)) ++found;
  return found;
}

TEST(Checkout, ShowsWhatIsToBePaid) {
  const auto page = checkout_page(open_view());
  EXPECT_TRUE(page.starts_with("<!doctype html>\n<html lang=\"en\" dir=\"ltr\">"));
  EXPECT_TRUE(has(page, "<title>Waiting for payment: 12.50 USD – Corner Shop</title>"));
  EXPECT_TRUE(has(page, "<span class=\"value\">12.50</span> <span class=\"asset\">USD</span>"));
  for (const auto* text : {"Corner Shop", "Two coffees", "INV-7K3M9Q2XW4RT", kPayee.c_str(),
                           "22 November 2026, 10:15:00 UTC", "Waiting for payment",
                           "<svg viewBox=\"0 0 1 1\"></svg>"}) {
    EXPECT_TRUE(has(page, text)) << text;
  }
  EXPECT_FALSE(has(page, "Test network"));
}

TEST(Checkout, GivesThePaymentUriAsLinkAndAsText) {
  const auto page = checkout_page(open_view());
  const auto uri = "peerpay:" + kPayee + "?amount=12.50&amp;asset=USD&amp;ref=INV-7K3M9Q2XW4RT";
  EXPECT_TRUE(has(page, "href=\"" + uri + "\">Open in wallet</a>"));
  EXPECT_TRUE(has(page, "<code id=\"uri\" class=\"block\">" + uri + "</code>"));
  EXPECT_TRUE(has(page, "peerpay pay &#39;" + uri + "&#39;"));
}

TEST(Checkout, AQuoteInTheUriCannotLeaveTheShellsQuotes) {
  auto view = open_view();
  view.payment_uri = "peerpay:x?message=a';rm -rf ~;'";
  EXPECT_TRUE(
      has(checkout_page(view), "peerpay pay &#39;peerpay:x?message=a%27;rm -rf ~;%27&#39;"));
}

TEST(Checkout, IsAskedForAgainWithoutScriptWhileItIsOpen) {
  const std::string_view refresh =
      "<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>";
  EXPECT_TRUE(has(checkout_page(open_view()), refresh));
  EXPECT_TRUE(has(checkout_page(partly_received()), refresh));
  for (const auto status :
       {CheckoutStatus::kPaid, CheckoutStatus::kExpired, CheckoutStatus::kVoid}) {
    EXPECT_FALSE(has(checkout_page(ended(status)), "http-equiv"));
  }
}

TEST(Checkout, AsksForTheRestOfAPartlyPaidInvoice) {
  const auto page = checkout_page(partly_received());
  EXPECT_TRUE(has(page, "data-status=\"part\" data-received=\"5.00\""));
  EXPECT_TRUE(has(page, "Partly received"));
  EXPECT_TRUE(has(page, "<span class=\"money\">7.50 USD</span> is still to be paid."));
  EXPECT_TRUE(has(page, kTransaction));
  EXPECT_TRUE(has(page, "Open in wallet"));
  EXPECT_TRUE(has(page, "peerpay pay --again &#39;peerpay:"));
}

TEST(Checkout, InvitesNobodyWhenTheTimeIsUp) {
  for (auto view : {open_view(), partly_received()}) {
    view.now = view.expires_at;
    EXPECT_TRUE(has(checkout_page(view), "Open in wallet"));
    view.now.value += 1;
    const auto page = checkout_page(view);
    EXPECT_TRUE(has(page, "data-status=\"late\" data-received=\"" + view.received + "\""));
    EXPECT_TRUE(has(page, "wait here: the ledger has the last word"));
    EXPECT_TRUE(has(page, "http-equiv=\"refresh\""));
    EXPECT_FALSE(has(page, "peerpay:"));
    EXPECT_FALSE(has(page, "still to be paid"));
  }
}

TEST(Checkout, InvitesNobodyWhilePaymentsCannotBeSeen) {
  for (auto view : {open_view(), partly_received()}) {
    view.is_up_to_date = false;
    for (const auto now : {view.expires_at.value, view.expires_at.value + 1}) {
      view.now.value = now;
      const auto page = checkout_page(view);
      EXPECT_TRUE(has(page, "data-status=\"blind\" data-received=\"" + view.received + "\""));
      EXPECT_TRUE(has(page,
                      "Payments can’t be seen at the moment. If you have paid already, wait: this "
                      "page will show it."));
      EXPECT_TRUE(has(page, "http-equiv=\"refresh\""));
      for (const auto* text : {"peerpay:", "<svg viewBox=\"0 0 1 1\">", "countdown",
                               "still to be paid", "Open in wallet"}) {
        EXPECT_FALSE(has(page, text)) << text;
      }
    }
  }
  auto view = paid();
  view.is_up_to_date = false;
  EXPECT_TRUE(has(checkout_page(view), "The payment is final")) << "an end is for ever";
}

TEST(Checkout, SaysWhatWasPaidAndWhen) {
  const auto page = checkout_page(paid());
  for (const auto* text : {"<title>Paid: 12.50 USD", "Thank you", "The payment is final",
                           "22 November 2026, 10:03:07 UTC", kTransaction.c_str()}) {
    EXPECT_TRUE(has(page, text)) << text;
  }
}

TEST(Checkout, NothingCanBePaidThatHasEnded) {
  for (const auto status :
       {CheckoutStatus::kPaid, CheckoutStatus::kExpired, CheckoutStatus::kVoid}) {
    const auto page = checkout_page(ended(status));
    EXPECT_FALSE(has(page, "peerpay:"));
    EXPECT_FALSE(has(page, "class=\"qr\""));
    EXPECT_FALSE(has(page, "countdown"));
  }
}

TEST(Checkout, TellsThoseWhoPaidTooLateWhatToDo) {
  const auto expired = checkout_page(ended(CheckoutStatus::kExpired));
  EXPECT_TRUE(has(expired, "Please don’t pay this any more"));
  EXPECT_TRUE(has(expired, "If you paid anyway"));
  EXPECT_FALSE(has(expired, "has arrived"));
  auto late = paid();
  late.status = CheckoutStatus::kExpired;
  EXPECT_TRUE(has(checkout_page(late), "12.50 USD</span> has arrived</strong>"));
  EXPECT_TRUE(has(checkout_page(late), kTransaction));
  EXPECT_TRUE(has(checkout_page(ended(CheckoutStatus::kVoid)), "taken back by <bdi>Corner Shop"));
}

TEST(Checkout, SaysThatATestIsOne) {
  auto view = open_view();
  view.is_test_network = true;
  EXPECT_TRUE(has(checkout_page(view), "Test network: no real money"));
}

TEST(Checkout, DoesWithoutLabelAndDescription) {
  auto view = open_view();
  view.label = "";
  view.description = "";
  const auto page = checkout_page(view);
  EXPECT_TRUE(has(page, "<title>Waiting for payment: 12.50 USD</title>"));
  EXPECT_FALSE(has(page, "class=\"shop\""));
  EXPECT_FALSE(has(page, "class=\"description\""));
}

// Every text of a view, hostile in every way, in every state.
CheckoutView hostile(CheckoutStatus status, const std::string& text) {
  auto view = ended(status);
  for (auto* member : {&view.label, &view.payee, &view.asset, &view.amount, &view.received,
                       &view.remaining, &view.reference, &view.description}) {
    *member = text;
  }
  view.payment_uri = "peerpay:" + text;
  view.payments = {{text, text, {0}}};
  return view;
}

TEST(Checkout, NoTextBecomesMarkup) {
  const auto harmless = "x";
  const auto attack = "\"'><script>alert(1)</script><img src=x onerror=alert(1)><!--</title>";
  for (const auto status : {CheckoutStatus::kOpen, CheckoutStatus::kPaid, CheckoutStatus::kExpired,
                            CheckoutStatus::kVoid}) {
    const auto page = checkout_page(hostile(status, attack));
    const auto reference = checkout_page(hostile(status, harmless));
    for (const auto* mark : {"<", ">", "\"", "'", "<script", "<img", "<!--", "</title"}) {
      EXPECT_EQ(count(page, mark), count(reference, mark)) << mark;
    }
    EXPECT_TRUE(has(page, "&lt;script&gt;"));
  }
}

TEST(Checkout, NoTextTurnsThePageAround) {
  for (const std::string mark : {"\xe2\x80\xae", "\xe2\x81\xa7", "\xe2\x80\x8f", "\x1b"}) {
    for (const auto status : {CheckoutStatus::kOpen, CheckoutStatus::kPaid}) {
      const auto page = checkout_page(hostile(status, "12" + mark + "34"));
      EXPECT_FALSE(has(page, mark));
      EXPECT_TRUE(has(page,
                      "12\xef\xbf\xbd"
                      "34"));
    }
  }
}

TEST(Checkout, KeepsItsOwnPolicy) {
  for (const auto& page : {checkout_page(open_view()), checkout_page(partly_received()),
                           checkout_page(paid()), checkout_page(ended(CheckoutStatus::kExpired))}) {
    EXPECT_EQ(count(page, "<script"), 1U);
    EXPECT_TRUE(
        has(page, "<script defer src=\"" + std::string{checkout_js_path()} + "\"></script>"));
    EXPECT_TRUE(has(page, "href=\"" + std::string{checkout_css_path()} + "\""));
    for (const auto* forbidden :
         {" style=", "<style", " onclick", "javascript:", "http:", "https:"}) {
      EXPECT_FALSE(has(page, forbidden)) << forbidden;
    }
  }
  EXPECT_EQ(kCheckoutContentSecurityPolicy.find("unsafe"), std::string_view::npos);
  EXPECT_EQ(kCheckoutHeaders.front().second, kCheckoutContentSecurityPolicy);
}

// Everything as long as an invoice can make it; 24 KiB hold the QR code of a URI of 600 bytes.
TEST(Checkout, FitsItsBudgetOf60Kilobytes) {
  auto view = partly_received();
  view.description = std::string(500, '"');
  view.payment_uri = "peerpay:" + std::string(592, 'u');
  view.qr_svg = std::string(24 * 1024, 'q');
  view.payments.assign(32, view.payments.front());
  const auto total = checkout_page(view).size() + static_file(checkout_css_path())->body.size() +
                     static_file(checkout_js_path())->body.size();
  EXPECT_LT(total, 60U * 1000);
}

TEST(Checkout, AProblemHasTheSameFace) {
  const auto page = checkout_problem_page("There is no <b>such</b> payment", "Ask \"the\" shop.");
  EXPECT_TRUE(has(page, "There is no &lt;b&gt;such&lt;/b&gt; payment"));
  EXPECT_TRUE(has(page, "Ask &quot;the&quot; shop."));
  EXPECT_FALSE(has(page, "http-equiv"));
  EXPECT_FALSE(has(page, "data-status"));
}

}  // namespace
}  // namespace peerpay::api
