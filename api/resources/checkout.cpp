// The page behind an invoice's link. No key: who knows the link may see it, and nothing but what a
// payer needs.
#include <memory>
#include <utility>

#include "api/core/objects.h"
#include "api/resources/merchant_resources.h"
#include "api/resources/qr_cache.h"
#include "api/web/checkout.h"
#include "ledger/address.h"

namespace peerpay::api {
namespace {

using http::Call;
using http::Response;

constexpr base::Duration kSignOfLife = base::seconds(15);
constexpr base::Duration kStreamLife = base::seconds(600);  // browsers connect again
constexpr std::string_view kRetrySeconds = "30";

CheckoutStatus status_of(InvoiceStatus status) {
  switch (status) {
    case InvoiceStatus::kOpen: return CheckoutStatus::kOpen;
    case InvoiceStatus::kPaid: return CheckoutStatus::kPaid;
    case InvoiceStatus::kExpired: return CheckoutStatus::kExpired;
    case InvoiceStatus::kVoid: return CheckoutStatus::kVoid;
  }
  return CheckoutStatus::kVoid;
}

bool wants_json(const http::Request& request) {
  return accepts_rather(request, "application/json", "text/html");
}

Response page(unsigned status, std::string html) {
  Response out;
  out.status = status;
  out.set("Content-Type", "text/html; charset=utf-8");
  for (const auto& [name, value] : kCheckoutHeaders) out.set(std::string{name}, std::string{value});
  out.body = std::move(html);
  return out;
}

Response json_answer(const Json& json) {
  Response out;
  out.set("Content-Type", "application/json");
  out.set("Cache-Control", "no-store");
  out.set("Vary", "Accept");
  out.set("Access-Control-Allow-Origin", "*");
  out.body = json.serialized();
  return out;
}

// What is to be said of an invoice, each time that it changes, or that the gateway can or can't see
// payments any more; ends with the invoice, or when it has lived long enough.
class StatusFeed final : public http::EventSource {
 public:
  StatusFeed(Services& services, const InvoiceId& id, std::unique_ptr<InvoiceFeed::Watch> watch)
      : services_{services}, id_{id}, watch_{std::move(watch)}, began_at_{services.now()} {}

  Task<std::optional<std::string>> next() override {
    if (has_ended() || services_.feed.is_closed()) co_return std::nullopt;
    if (sent_ > 0) {
      const bool has_changed = co_await watch_->changed(kSignOfLife);
      if (!has_changed && !has_sight_changed()) co_return "";
    }
    said_ = news();
    if (!said_) co_return std::nullopt;
    std::string out = sent_ == 0 ? "retry: 2000\n\n" : "";
    out += "id: " + std::to_string(++sent_) + said_->text;
    co_return out;
  }

 private:
  bool has_ended() const {
    const auto life = static_cast<std::uint64_t>(kStreamLife.milliseconds());
    return (said_ && said_->is_last) || services_.now().value >= began_at_.value + life;
  }
  bool sees() const { return services_.sight() == Sight::kUpToDate; }
  bool has_sight_changed() const { return said_->is_up_to_date != sees(); }

  // Made once for all who watch. Null when the invoice can't be read.
  std::shared_ptr<const InvoiceFeed::News> news() {
    if (auto kept = watch_->news(); kept && kept->is_up_to_date == sees()) return kept;
    const auto invoice = services_.store.invoice(id_);
    if (!invoice || !*invoice) return nullptr;
    const auto json = checkout_json(services_.objects, **invoice, services_.sight());
    auto made = std::make_shared<const InvoiceFeed::News>(
        InvoiceFeed::News{.text = "\nevent: status\ndata: " + json.serialized() + "\n\n",
                          .is_last = (*invoice)->status != InvoiceStatus::kOpen,
                          .is_up_to_date = sees()});
    watch_->keep(made);
    return made;
  }

  Services& services_;
  InvoiceId id_;
  std::unique_ptr<InvoiceFeed::Watch> watch_;
  base::UnixMillis began_at_;
  std::shared_ptr<const InvoiceFeed::News> said_;
  std::uint64_t sent_ = 0;
};

class CheckoutResource {
 public:
  explicit CheckoutResource(Services& services) : services_{services} {}

  Task<Response> show(Call call) const {
    const auto invoice = find(call);
    if (!invoice) co_return missing(call, invoice.error());
    if (wants_json(call.request)) {
      co_return json_answer(checkout_json(services_.objects, *invoice, services_.sight()));
    }
    co_return page(200, checkout_page(view_of(*invoice)));
  }

  Task<Response> events(Call call) const {
    const auto invoice = find(call);
    if (!invoice) co_return missing(call, invoice.error());
    Response out;
    // A browser that reconnects after the end is told to stop.
    if ((*invoice).status != InvoiceStatus::kOpen && call.request.header("Last-Event-ID")) {
      out.status = 204;
      co_return out;
    }
    auto watch = services_.feed.watch(invoice->id);
    if (!watch) co_return busy(call);
    out.set("Content-Type", "text/event-stream");
    out.set("Cache-Control", "no-store");
    out.set("X-Accel-Buffering", "no");
    out.set("Access-Control-Allow-Origin", "*");
    out.events = std::make_unique<StatusFeed>(services_, invoice->id, std::move(watch));
    co_return out;
  }

 private:
  base::Expected<Invoice, Problem> find(const Call& call) const {
    const auto id = parse_invoice_id(call.parameter("id"));
    if (!id) return refuse("not_found", "There is no such invoice.");
    auto invoice = services_.store.invoice(*id);
    if (!invoice) return base::Unexpected{store_problem()};
    if (!*invoice) return refuse("not_found", "There is no such invoice.");
    return **std::move(invoice);
  }

  // The page asks for the JSON now and then while it has no stream.
  Response busy(const Call& call) const {
    auto problem = make_problem("gateway_busy", "Too many follow this invoice, or all of them.");
    problem.headers.emplace_back("Retry-After", kRetrySeconds);
    auto out = response_of(problem, services_.objects.base_url, call.request.id);
    out.set("Cache-Control", "no-store");
    out.set("Access-Control-Allow-Origin", "*");
    return out;
  }

  Response missing(const Call& call, const Problem& problem) const {
    if (wants_json(call.request)) {
      return response_of(problem, services_.objects.base_url, call.request.id);
    }
    const bool is_ours = problem.kind->status >= 500;
    return page(problem.kind->status,
                checkout_problem_page(
                    is_ours ? "This page cannot be shown now" : "There is no such invoice",
                    is_ours ? "Please try again in a moment."
                            : "The link is incomplete or wrong. Ask the shop for a new one."));
  }

  std::string amount_text(const Invoice& invoice, ledger::Amount amount) const {
    return ledger::format_amount(amount, services_.network.genesis.asset(invoice.asset)->scale);
  }

  CheckoutView view_of(const Invoice& invoice) const {
    const auto& genesis = services_.network.genesis;
    CheckoutView view;
    view.status = status_of(invoice.status);
    view.is_test_network = genesis.kind == ledger::NetworkKind::kTest;
    view.label = services_.objects.label;
    view.payee = ledger::format_address(genesis.kind, invoice.payee);
    view.asset = genesis.asset(invoice.asset)->code;
    view.amount = amount_text(invoice, invoice.amount);
    view.reference = invoice.reference;
    view.description = invoice.description;
    view.expires_at = invoice.expires_at;
    view.now = services_.now();
    if (!invoice.received.is_zero()) {
      view.received = amount_text(invoice, invoice.received);
      view.remaining = amount_text(
          invoice, invoice.amount.checked_sub(invoice.received).value_or(ledger::Amount{}));
    }
    for (const auto& payment : invoice.payments) {
      view.payments.push_back({base::to_hex(payment.transaction.view()),
                               amount_text(invoice, payment.amount), payment.timestamp});
    }
    view.is_up_to_date = services_.sight() == Sight::kUpToDate;
    if (view.status == CheckoutStatus::kOpen && view.is_up_to_date) add_payment(invoice, view);
    return view;
  }

  void add_payment(const Invoice& invoice, CheckoutView& view) const {
    auto request = payment_request(services_.objects, invoice);
    view.payment_uri = services_.objects.format_payment_uri(request);
    request.message.clear();  // cameras read a small code better, and the page says what it is for
    view.qr_svg = *codes_->svg_of(services_.objects.format_payment_uri(request));
  }

  Services& services_;
  std::shared_ptr<QrCache> codes_ = std::make_shared<QrCache>(QrCache::Limits{});
};

}  // namespace

void add_checkout(Operations& operations) {
  const CheckoutResource resource{operations.services()};
  operations.plain(http::Method::kGet, "/c/{id}",
                   [resource](Call call) { return resource.show(std::move(call)); });
  operations.plain(http::Method::kGet, "/c/{id}/events",
                   [resource](Call call) { return resource.events(std::move(call)); });
}

}  // namespace peerpay::api
