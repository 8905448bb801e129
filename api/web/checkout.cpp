#include "api/web/checkout.h"

#include <algorithm>

#include "api/web/html.h"
#include "api/web/static_files.h"

namespace peerpay::api {
namespace {

// The four faces are made of these; partly paid is an open one with money received.
struct Face {
  std::string_view name;  // for the style sheet and the script
  std::string_view title;
  std::string_view icon;  // one path in a box of 24 by 24
};

constexpr std::string_view kIconClock = "M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0";
constexpr std::string_view kIconPart = "M12 3a9 9 0 1 0 9 9h-9zM16 3.9A9 9 0 0 1 20.1 8H16z";
constexpr std::string_view kIconTick = "M8 12.5l2.7 2.7L16 9.5M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0";
constexpr std::string_view kIconStop = "M8 12h8M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0";

bool is_partly_received(const CheckoutView& view) {
  return view.status == CheckoutStatus::kOpen && !view.received.empty();
}

Face face_of(const CheckoutView& view) {
  switch (view.status) {
    case CheckoutStatus::kOpen:
      return is_partly_received(view) ? Face{"part", "Partly received", kIconPart}
                                      : Face{"open", "Waiting for payment", kIconClock};
    case CheckoutStatus::kPaid: return {"paid", "Paid", kIconTick};
    case CheckoutStatus::kExpired: return {"expired", "Expired", kIconStop};
    case CheckoutStatus::kVoid: return {"void", "Cancelled", kIconStop};
  }
  return {};
}

std::string money(std::string_view value, std::string_view asset) {
  return concatenated(
      {"<span class=\"money\">", html_text(value), " ", html_text(asset), "</span>"});
}

std::string isolated(std::string_view text) {
  return concatenated({"<bdi>", html_text(text), "</bdi>"});
}

std::string shop(const CheckoutView& view) {
  return view.label.empty() ? "the shop" : isolated(view.label);
}

std::string icon_svg(std::string_view path) {
  return concatenated(
      {"<svg class=\"icon\" viewBox=\"0 0 24 24\" fill=\"none\" "
       "stroke=\"currentColor\" stroke-width=\"2\" stroke-linecap=\"round\" "
       "stroke-linejoin=\"round\" aria-hidden=\"true\"><path d=\"",
       path, "\"/></svg>"});
}

// `refresh`: for browsers without script, while something may still change.
std::string head(std::string_view title, bool refresh) {
  return concatenated(
      {"<!doctype html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n<title>",
       html_text(title),
       "</title>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
       "<meta name=\"color-scheme\" content=\"light dark\">\n"
       "<meta name=\"robots\" content=\"noindex\">\n"
       "<link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"",
       checkout_css_path(), "\">\n<script defer src=\"", checkout_js_path(), "\"></script>\n",
       refresh ? "<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>\n" : "",
       "</head>\n<body>\n"});
}

constexpr std::string_view kFoot =
    "<footer><p>A <b>peerpay</b> payment page. Your own wallet signs and pays; this page never "
    "asks "
    "for keys, words or passwords.</p></footer>\n</body>\n</html>\n";

// Of one size with the text; the script shows the button, which can do nothing without it.
std::string copyable(std::string_view id, std::string_view text, std::string_view what) {
  return concatenated({"<span class=\"copyable\"><code id=\"", id, "\">", html_text(text),
                       "</code><button type=\"button\" class=\"copy\" data-copy=\"", id,
                       "\" aria-label=\"Copy ", what, "\" hidden>Copy</button></span>"});
}

std::string row(std::string_view term, std::string_view html) {
  return concatenated({"<div><dt>", term, "</dt><dd>", html, "</dd></div>\n"});
}

std::string payment_rows(const CheckoutView& view) {
  std::string rows;
  std::size_t number = 0;
  for (const auto& payment : view.payments) {
    const auto id = "transaction-" + std::to_string(++number);
    rows +=
        row("Payment",
            concatenated({money(payment.amount, view.asset), " on ", html_time(payment.paid_at)}));
    rows += row("Transaction", copyable(id, payment.transaction, "transaction id"));
  }
  return rows;
}

std::string details(const CheckoutView& view) {
  return concatenated({"<dl>\n", row("Payee", copyable("payee", view.payee, "address")),
                       row("Reference", copyable("reference", view.reference, "reference")),
                       payment_rows(view), "</dl>\n"});
}

std::string part_box(const CheckoutView& view) {
  return concatenated({"<div class=\"note\"><p>", money(view.received, view.asset),
                       " has arrived. <strong>", money(view.remaining, view.asset),
                       " is still to be paid.</strong> The code and the link are for the rest.</p>"
                       "</div>\n"});
}

// The big words on top: who asks, how much, what for, how it stands.
std::string summary(const CheckoutView& view, const Face& face) {
  const auto who = view.label.empty()
                       ? std::string{}
                       : concatenated({"<p class=\"shop\">", isolated(view.label), "</p>\n"});
  const auto what = view.description.empty()
                        ? std::string{}
                        : concatenated({"<p class=\"description\" dir=\"auto\">",
                                        html_text(view.description), "</p>\n"});
  return concatenated({"<section class=\"summary\" aria-labelledby=\"amount\">\n", who,
                       "<h1 id=\"amount\" tabindex=\"-1\"><span class=\"value\">",
                       html_text(view.amount), "</span> <span class=\"asset\">",
                       html_text(view.asset), "</span></h1>\n", what, "<p class=\"status\">",
                       icon_svg(face.icon), "<span>", face.title, "</span></p>\n",
                       is_partly_received(view) ? part_box(view) : "", "</section>\n"});
}

// Time left, in words for those without script; the script counts in its place.
std::string time_left(const CheckoutView& view) {
  return concatenated(
      {"<p class=\"time-left\"><span id=\"countdown\" role=\"timer\" "
       "aria-live=\"off\" hidden></span><span>Pay before ",
       html_time(view.expires_at),
       "</span></p>\n"
       "<p id=\"late\" class=\"hint\" hidden>Time is up. If you have just paid, wait: "
       "the ledger has the last word.</p>\n"});
}

// A shell takes what stands between the quotes as it is.
std::string quoted_for_shell(std::string_view uri) {
  std::string out = "peerpay pay '";
  for (const char c : uri) out += c == '\'' ? std::string{"%27"} : std::string(1, c);
  return out + "'";
}

std::string payment_box(const CheckoutView& view) {
  const auto uri = html_text(view.payment_uri);
  return concatenated(
      {"<section class=\"pay\" aria-labelledby=\"how\">\n<h2 id=\"how\">Scan with your "
       "wallet</h2>\n"
       "<div class=\"qr\" role=\"img\" aria-label=\"QR code of the payment request\">",
       view.qr_svg, "</div>\n<p class=\"actions\"><a class=\"button\" rel=\"noreferrer\" href=\"",
       uri,
       "\">Open in wallet</a><button type=\"button\" class=\"button quiet\" data-copy=\"uri\" "
       "hidden>Copy payment link</button></p>\n",
       time_left(view),
       "<details open><summary>Payment link as text</summary>\n<p><code id=\"uri\" "
       "class=\"block\">",
       uri, "</code></p>\n<p>In a terminal:</p>\n<p><code class=\"block\">",
       html_text(quoted_for_shell(view.payment_uri)), "</code></p>\n</details>\n</section>\n"});
}

std::string paid_box(const CheckoutView& view, const Face& face) {
  std::string paid = concatenated({"<section class=\"outcome\" aria-labelledby=\"outcome\">\n",
                                   icon_svg(face.icon), "<h2 id=\"outcome\">Thank you</h2>\n<p>",
                                   money(view.received, view.asset), " has arrived at ", shop(view),
                                   ". The payment is final.</p>\n"});
  if (!view.payments.empty()) {
    paid +=
        concatenated({"<p>Your wallet has a receipt that anybody can check:</p>\n"
                      "<p><code class=\"block\">peerpay receipt get ",
                      html_text(view.payments.front().transaction),
                      " <span class=\"whole\">-o paid.receipt</span></code></p>\n"});
  }
  return paid + "</section>\n";
}

std::string ended_box(const CheckoutView& view, const Face& face, std::string_view sentence) {
  const auto arrived =
      view.received.empty()
          ? std::string{}
          : concatenated({"<div class=\"note\"><p><strong>", money(view.received, view.asset),
                          " has arrived</strong>, and does not settle this request.</p></div>\n"});
  return concatenated(
      {"<section class=\"outcome\" aria-labelledby=\"outcome\">\n", icon_svg(face.icon),
       "<h2 id=\"outcome\">Please don’t pay "
       "this any more</h2>\n<p>",
       sentence, "</p>\n", arrived,
       "<h3>If you paid anyway</h3>\n<p>Your money is not lost. It is on the account of ",
       shop(view),
       ", which is told about every late payment. Ask for a refund, or for the goods, and name the "
       "reference",
       view.payments.empty() ? " and your wallet’s transaction id.</p>\n"
                             : " and the transaction id that you see here.</p>\n",
       "</section>\n"});
}

std::string outcome(const CheckoutView& view, const Face& face) {
  switch (view.status) {
    case CheckoutStatus::kOpen: return payment_box(view);
    case CheckoutStatus::kPaid: return paid_box(view, face);
    case CheckoutStatus::kExpired:
      return ended_box(
          view, face,
          concatenated({"The time for this payment ended on ", html_time(view.expires_at),
                        ". Ask for a new link if you still want to pay."}));
    case CheckoutStatus::kVoid:
      return ended_box(view, face,
                       concatenated({"This request was taken back by ", shop(view), "."}));
  }
  return {};
}

std::string title_of(const CheckoutView& view, const Face& face) {
  auto title = concatenated({face.title, ": ", view.amount, " ", view.asset});
  if (!view.label.empty()) title += " – " + view.label;
  return title;
}

}  // namespace

std::string checkout_page(const CheckoutView& view) {
  const auto face = face_of(view);
  const bool is_open = view.status == CheckoutStatus::kOpen;
  const auto test_notice =
      view.is_test_network ? "<header class=\"test\">Test network: no real money</header>\n" : "";
  return concatenated({head(title_of(view, face), is_open), test_notice, "<main class=\"card ",
                       face.name, "\" data-status=\"", face.name, "\" data-received=\"",
                       html_text(view.received), "\" data-now=\"", std::to_string(view.now.value),
                       "\" data-expires=\"", std::to_string(view.expires_at.value), "\">\n",
                       summary(view, face), outcome(view, face), details(view),
                       "</main>\n<p id=\"news\" class=\"unseen\" role=\"status\" "
                       "aria-live=\"polite\"></p>\n",
                       kFoot});
}

std::string checkout_problem_page(std::string_view title, std::string_view sentence) {
  return concatenated({head(title, false), "<main class=\"card problem\">\n<section><h1>",
                       html_text(title), "</h1>\n<p>", html_text(sentence),
                       "</p></section>\n</main>\n", kFoot});
}

}  // namespace peerpay::api
