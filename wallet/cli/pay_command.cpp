// peerpay pay: a payment request that somebody else wrote, as a URI or behind a link of a shop.
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "ledger/limits.h"
#include "wallet/cli/checkout_link.h"
#include "wallet/cli/commands.h"
#include "wallet/cli/order_arguments.h"
#include "wallet/cli/paying.h"
#include "wallet/payment_uri.h"

namespace peerpay::wallet::cli {
namespace {

// What was typed, understood.
struct Asked {
  PaymentRequest request;
  std::optional<Checkout> checkout;  // when it was a link
};

// An earlier run of this command may have left the payment of this very link.
Failure while_something_is_pending(const Context& context, const Network& network,
                                   Failure failure) {
  if (failure.exit != ExitCode::kNetwork) return failure;
  const auto entries = Outbox(context.home, network.chain).entries();
  if (entries && entries->empty()) return failure;
  failure.exit = ExitCode::kPending;
  failure.next = "a payment is under way; to finish it without the shop: peerpay resume";
  return failure;
}

Result<Asked> read_link(const Context& context, const Network& network, const std::string& url) {
  auto checkout = read_checkout(context.fetch_page, url);
  if (!checkout) {
    return base::Unexpected{while_something_is_pending(context, network, checkout.error())};
  }
  auto request = parse_payment_uri(network.genesis.kind, checkout->payment_uri);
  if (request) return Asked{*std::move(request), *std::move(checkout)};
  return fail(ExitCode::kError, "checkout_malformed",
              "The shop's payment URI can't be used. " + request.error());
}

Result<Asked> read_target(const Context& context, const Network& network,
                          const std::string& target) {
  if (is_link(target)) return read_link(context, network, target);
  auto request = parse_payment_uri(network.genesis.kind, target);
  if (request) return Asked{*std::move(request), std::nullopt};
  return fail(ExitCode::kUsage, "uri_malformed", "This is no payment URI. " + request.error(),
              "peerpay pay 'peerpay:tpeer1...?amount=12.50&asset=USD', in quotes");
}

// Of what the request says and what was typed, one; both only when they say the same.
Result<std::string> only_one(std::string_view option, const std::optional<std::string>& asked,
                             const std::optional<std::string>& typed) {
  if (asked && typed && *asked != *typed) {
    return fail(ExitCode::kUsage, "request_differs",
                "The request asks for " + *asked + ", not for " +
                    base::printable(base::as_bytes(*typed)) + ".",
                "leave " + std::string{option} + " away");
  }
  if (asked) return *asked;
  if (typed) return *typed;
  return fail(ExitCode::kUsage, "request_incomplete",
              "The request leaves open what to pay: it needs " + std::string{option} + ".",
              "add --amount X or --asset CODE, or both");
}

Result<PaymentPlan> plan_for(const Context& context, const Network& network,
                             const PayArguments& arguments, const PaymentRequest& request) {
  auto from = context.home.account(arguments.from);
  if (!from) return base::Unexpected{from.error()};
  const auto code = only_one("--asset", request.asset, arguments.asset);
  if (!code) return base::Unexpected{code.error()};
  const auto asset = parse_asset(network.genesis, *code);
  if (!asset) return base::Unexpected{asset.error()};
  const auto text = only_one("--amount", request.amount, arguments.amount);
  if (!text) return base::Unexpected{text.error()};
  const auto amount = parse_units(network.genesis, *asset, *text);
  if (!amount) return base::Unexpected{amount.error()};
  const auto sender = from->id;
  return PaymentPlan{
      .from = *std::move(from),
      .order = {.sender = sender,
                .payee = request.payee,
                .asset = *asset,
                .amount = *amount,
                .reference = base::Bytes(request.reference.begin(), request.reference.end()),
                .memo = {}},
      .valid_for = arguments.valid_for,
      .wait = arguments.wait,
      .is_dry_run = arguments.is_dry_run,
      .latest = request.expires_at,
      .claims = {
          .label = request.label, .message = request.message, .open_until = request.expires_at}};
}

bool answers_same_request(const PaymentOrder& a, const PaymentOrder& b) {
  return !a.reference.empty() && a.payee == b.payee && a.asset == b.asset &&
         a.reference == b.reference;
}

// Another amount or another account would pay the same request a second time.
Result<void> check_first(const Outbox& outbox, const std::vector<OutboxEntry>& entries,
                         const PaymentOrder& order) {
  for (const auto& entry : entries) {
    if (entry.order == order || !answers_same_request(entry.order, order)) continue;
    return fail(ExitCode::kPending, "other_payment_pending",
                "Payment " + base::to_hex(entry.transaction.id.view()) +
                    ", which answers the same request, may still be applied.",
                "peerpay resume");
  }
  const auto paid = outbox.paid_reference(order);
  if (!paid) return base::Unexpected{paid.error()};
  if (!*paid) return {};
  const auto id = base::to_hex((*paid)->view());
  return fail(ExitCode::kRefused, "already_paid",
              "Payment " + id + " has paid this request before.",
              "peerpay show " + id + ", or --again to pay once more");
}

}  // namespace

CommandResult run_pay(const Context& context, const PayArguments& arguments) {
  auto network = pinned_network(context);
  if (!network) return base::Unexpected{network.error()};
  const auto asked = read_target(context, *network, arguments.target);
  if (!asked) return base::Unexpected{asked.error()};
  const auto plan = plan_for(context, *network, arguments, asked->request);
  if (!plan) return base::Unexpected{plan.error()};
  const auto guard = [&](const Outbox& outbox,
                         const std::vector<OutboxEntry>& entries) -> Result<void> {
    if (!arguments.is_again) {
      if (const auto first = check_first(outbox, entries, plan->order); !first) return first;
    }
    return asked->checkout ? check_open(*asked->checkout) : Result<void>{};
  };
  return carry_out(context, *std::move(network), *plan, guard);
}

}  // namespace peerpay::wallet::cli
