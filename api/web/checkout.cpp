#include "api/web/checkout.h"

#include <algorithm>

#include "api/web/html.h"
#include "api/web/static_files.h"

namespace peerpay::api {
namespace {

// An open invoice has four of them: nothing received, a part, too late to begin, and nobody knows,
// since payments can't be seen.
struct Face {
  std::string_view name;  // for the style sheet and the script
  std::string_view title;
  std::string_view icon;  // one path in a box of 24 by 24
};

constexpr std::string_view kIconClock = "M12 7v5l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0";
constexpr std::string_view kIconPart = "M12 3a9 9 0 1 0 9 9h-9zM16 3.9A9 9 0 0 1 20.1 8H16z";
constexpr std::string_view kIconTick = "M8 12.5l2.7 2.7L16 9.5M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0";
constexpr std::string_view kIconStop = "M8 12h8M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0";

bool is_blind(const CheckoutView& view) {
  return view.status == CheckoutStatus::kOpen && !view.is_up_to_date;
}

// The ledger's clock decides, and has not yet said so.
bool is_late(const CheckoutView& view) {
  return view.status == CheckoutStatus::kOpen && view.now > view.expires_at;
}

bool is_partly_received(const CheckoutView& view) {
  return view.status == CheckoutStatus::kOpen && !is_blind(view) && !is_late(view) &&
         !view.received.empty();
}

Face face_of(const CheckoutView& view) {
  switch (view.status) {
    case CheckoutStatus::kOpen:
      if (is_blind(view)) return {"blind", "Please wait", kIconClock};
      if (is_late(view)) return {"late", "Time is up", kIconClock};
      return is_partly_received(view) ? Face{"part", "Partly received", kIconPart}
                                      : Face{"open", "Waiting for payment", kIconClock};
    case CheckoutStatus::kPaid: return {"paid", "Paid", kIconTick};
    case CheckoutStatus::kExpired: return {"expired", "Expired", kIconStop};
    case CheckoutStatus::kVoid: return {"void", "Cancelled", kIconStop};
  }
  return {};
}

std::string money(std::string_view value, std::string_view asset) {
  return filled("<span class=\"money\">{} {}</span>", {html_text(value), html_text(asset)});
}

std::string isolated(std::string_view text) { return filled("<bdi>{}</bdi>", {html_text(text)}); }

std::string shop(const CheckoutView& view) {
  return view.label.empty() ? "the shop" : isolated(view.label);
}

std::string icon_svg(std::string_view path) {
  return filled(
      "<svg class=\"icon\" viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" "
      "stroke-width=\"2\" stroke-linecap=\"round\" stroke-linejoin=\"round\" aria-hidden=\"true\">"
      "<path d=\"{}\"/></svg>",
      {path});
}

enum class Refresh : std::uint8_t { kNever, kWithoutScript };

std::string head(std::string_view title, Refresh refresh) {
  return filled(
      "<!doctype html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<title>{}</title>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta name=\"robots\" content=\"noindex\">\n<link rel=\"icon\" href=\"data:,\">\n"
      "<link rel=\"stylesheet\" href=\"{}\">\n<script defer src=\"{}\"></script>\n{}"
      "</head>\n<body>\n",
      {html_text(title), checkout_css_path(), checkout_js_path(),
       refresh == Refresh::kNever
           ? ""
           : "<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>\n"});
}

constexpr std::string_view kFoot =
    "<footer><p>A <b>peerpay</b> payment page. Your own wallet signs and pays; this page never "
    "asks "
    "for keys, words or passwords.</p></footer>\n</body>\n</html>\n";

// The script shows the button, which can do nothing without it.
std::string copyable(std::string_view id, std::string_view text, std::string_view what) {
  return filled(
      "<span class=\"copyable\"><code id=\"{}\">{}</code><button type=\"button\" class=\"copy\" "
      "data-copy=\"{}\" aria-label=\"Copy {}\" hidden>Copy</button></span>",
      {id, html_text(text), id, what});
}

std::string row(std::string_view term, std::string_view html) {
  return filled("<div><dt>{}</dt><dd>{}</dd></div>\n", {term, html});
}

std::string payment_rows(const CheckoutView& view) {
  std::string rows;
  std::size_t number = 0;
  for (const auto& payment : view.payments) {
    const auto id = "transaction-" + std::to_string(++number);
    rows += row("Payment", filled("{} on {}",
                                  {money(payment.amount, view.asset), html_time(payment.paid_at)}));
    rows += row("Transaction", copyable(id, payment.transaction, "transaction id"));
  }
  return rows;
}

std::string details(const CheckoutView& view) {
  return filled(
      "<dl>\n{}{}{}</dl>\n",
      {row("Payee", copyable("payee", view.payee, "address")),
       row("Reference", copyable("reference", view.reference, "reference")), payment_rows(view)});
}

std::string part_box(const CheckoutView& view) {
  return filled(
      "<div class=\"note\"><p>{} has arrived. <strong>{} is still to be paid.</strong> The code "
      "and "
      "the link are for the rest.</p></div>\n",
      {money(view.received, view.asset), money(view.remaining, view.asset)});
}

// `pattern` around the text, or nothing when there is none.
std::string if_any(std::string_view text, std::string_view pattern) {
  return text.empty() ? std::string{} : filled(pattern, {html_text(text)});
}

// The big words on top: who asks, how much, what for, how it stands.
std::string summary(const CheckoutView& view, const Face& face) {
  return filled(
      "<section class=\"summary\" aria-labelledby=\"amount\">\n{}"
      "<h1 id=\"amount\" tabindex=\"-1\"><span class=\"value\">{}</span> "
      "<span class=\"asset\">{}</span></h1>\n{}<p class=\"status\">{}<span>{}</span></p>\n{}"
      "</section>\n",
      {if_any(view.label, "<p class=\"shop\"><bdi>{}</bdi></p>\n"), html_text(view.amount),
       html_text(view.asset),
       if_any(view.description, "<p class=\"description\" dir=\"auto\">{}</p>\n"),
       icon_svg(face.icon), face.title, is_partly_received(view) ? part_box(view) : ""});
}

// Time left, in words for those without script; the script counts above it.
std::string time_left(const CheckoutView& view) {
  return filled(
      "<p class=\"time-left\"><span id=\"countdown\" role=\"timer\" aria-live=\"off\" "
      "hidden></span>"
      "<span>Pay before {}</span></p>\n",
      {html_time(view.expires_at)});
}

// A shell takes what stands between the quotes as it is. A wallet that has paid a part is told that
// it is to pay this reference once more.
std::string command_of(const CheckoutView& view) {
  std::string out = is_partly_received(view) ? "peerpay pay --again '" : "peerpay pay '";
  for (const char c : view.payment_uri) out += c == '\'' ? std::string{"%27"} : std::string(1, c);
  return out + "'";
}

std::string payment_box(const CheckoutView& view) {
  const auto uri = html_text(view.payment_uri);
  return filled(
      "<section class=\"pay\" aria-labelledby=\"how\">\n<h2 id=\"how\">Scan with your wallet</h2>\n"
      "<div class=\"qr\" role=\"img\" aria-label=\"QR code of the payment request\">{}</div>\n"
      "<p class=\"actions\"><a class=\"button\" rel=\"noreferrer\" href=\"{}\">Open in wallet</a>"
      "<button type=\"button\" class=\"button quiet\" data-copy=\"uri\" hidden>Copy payment link"
      "</button></p>\n{}<details open><summary>Payment link as text</summary>\n"
      "<p><code id=\"uri\" class=\"block\">{}</code></p>\n<p>In a terminal:</p>\n"
      "<p><code class=\"block\">{}</code></p>\n</details>\n</section>\n",
      {view.qr_svg, uri, time_left(view), uri, html_text(command_of(view))});
}

std::string receipt_hint(const CheckoutView& view) {
  if (view.payments.empty()) return {};
  return filled(
      "<p>Your wallet has a receipt that anybody can check:</p>\n<p><code class=\"block\">peerpay "
      "receipt get {} <span class=\"whole\">-o paid.receipt</span></code></p>\n",
      {html_text(view.payments.front().transaction)});
}

std::string outcome_section(const Face& face, std::string_view title, std::string_view html) {
  return filled(
      "<section class=\"outcome\" aria-labelledby=\"outcome\">\n{}<h2 id=\"outcome\">{}</h2>\n{}"
      "</section>\n",
      {icon_svg(face.icon), title, html});
}

std::string blind_box(const Face& face) {
  return outcome_section(face, "Please don’t pay now",
                         "<p>Payments can’t be seen at the moment. If you have paid already, wait: "
                         "this page will show it.</p>\n");
}

std::string late_box(const CheckoutView& view, const Face& face) {
  return outcome_section(
      face, "Please don’t pay any more",
      filled(
          "<p>The time for this payment ended on {}.</p>\n<p>If you have just paid, wait here: the "
          "ledger has the last word, and says it within a minute.</p>\n",
          {html_time(view.expires_at)}));
}

std::string paid_box(const CheckoutView& view, const Face& face) {
  const auto html = filled("<p>{} has arrived at {}. The payment is final.</p>\n{}",
                           {money(view.received, view.asset), shop(view), receipt_hint(view)});
  return outcome_section(face, "Thank you", html);
}

std::string arrived_note(const CheckoutView& view) {
  if (view.received.empty()) return {};
  return filled(
      "<div class=\"note\"><p><strong>{} has arrived</strong>, and does not settle this "
      "request.</p>"
      "</div>\n",
      {money(view.received, view.asset)});
}

std::string ended_box(const CheckoutView& view, const Face& face, std::string_view sentence) {
  const std::string_view which = view.payments.empty() ? "your wallet’s transaction id"
                                                       : "the transaction id that you see here";
  const auto html = filled(
      "<p>{}</p>\n{}<h3>If you paid anyway</h3>\n<p>Your money is not lost. It is on the account "
      "of "
      "{}, which is told about late payments. Ask for a refund, or for the goods, and name "
      "the "
      "reference and {}.</p>\n",
      {sentence, arrived_note(view), shop(view), which});
  return outcome_section(face, "Please don’t pay this any more", html);
}

std::string open_box(const CheckoutView& view, const Face& face) {
  if (is_blind(view)) return blind_box(face);
  return is_late(view) ? late_box(view, face) : payment_box(view);
}

std::string outcome(const CheckoutView& view, const Face& face) {
  switch (view.status) {
    case CheckoutStatus::kOpen: return open_box(view, face);
    case CheckoutStatus::kPaid: return paid_box(view, face);
    case CheckoutStatus::kExpired:
      return ended_box(view, face,
                       filled("The time for this payment ended on {}. Ask for a new link if you "
                              "still want to pay.",
                              {html_time(view.expires_at)}));
    case CheckoutStatus::kVoid:
      return ended_box(view, face, filled("This request was taken back by {}.", {shop(view)}));
  }
  return {};
}

std::string title_of(const CheckoutView& view, const Face& face) {
  const auto title = filled("{}: {} {}", {face.title, view.amount, view.asset});
  return view.label.empty() ? title : title + " – " + view.label;
}

}  // namespace

std::string checkout_page(const CheckoutView& view) {
  const auto face = face_of(view);
  const bool is_open = view.status == CheckoutStatus::kOpen;
  return filled(
      "{}{}<main class=\"card {}\" data-status=\"{}\" data-received=\"{}\" data-now=\"{}\" "
      "data-expires=\"{}\">\n{}{}{}</main>\n"
      "<p id=\"news\" class=\"unseen\" role=\"status\" aria-live=\"polite\"></p>\n{}",
      {head(title_of(view, face), is_open ? Refresh::kWithoutScript : Refresh::kNever),
       view.is_test_network ? "<header class=\"test\">Test network: no real money</header>\n" : "",
       face.name, face.name, html_text(view.received), std::to_string(view.now.value),
       std::to_string(view.expires_at.value), summary(view, face), outcome(view, face),
       details(view), kFoot});
}

std::string checkout_problem_page(std::string_view title, std::string_view sentence) {
  return filled(
      "{}<main class=\"card problem\">\n<section><h1>{}</h1>\n<p>{}</p></section>\n</main>\n{}",
      {head(title, Refresh::kNever), html_text(title), html_text(sentence), kFoot});
}

}  // namespace peerpay::api
