// peerpay request: asks for a payment with a payment URI, and waits for it.
#include <array>
#include <utility>

#include "base/check.h"
#include "base/os/entropy.h"
#include "base/qr/qr.h"
#include "base/utf8.h"
#include "ledger/limits.h"
#include "wallet/cli/commands.h"
#include "wallet/cli/order_arguments.h"
#include "wallet/cli/private_file.h"
#include "wallet/cli/request_watch.h"
#include "wallet/confirmation.h"
#include "wallet/payment_uri.h"
#include "wallet/text.h"

namespace peerpay::wallet::cli {
namespace {

constexpr std::uint64_t kMsPerSecond = 1000;

struct Made {
  PublicAccount account;
  WatchedRequest watched;
  PaymentRequest request;
  std::string uri;
};

// "R-" and 60 random bits in Crockford's base 32: nobody guesses it, and no two are the same.
Result<std::string> new_reference() {
  constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::array<std::uint8_t, 12> random{};
  if (const auto filled = os::fill_with_entropy(random); !filled) return io_failed(filled.error());
  std::string out = "R-";
  for (const auto byte : random) out += kCrockford[byte % kCrockford.size()];
  return out;
}

base::UnixMillis whole_second_after(base::UnixMillis now, base::Duration duration) {
  const auto ms = now.value + static_cast<std::uint64_t>(duration.milliseconds());
  return {(ms + kMsPerSecond - 1) / kMsPerSecond * kMsPerSecond};
}

Result<WatchedRequest> watched_for(const Network& network, const PublicAccount& account,
                                   const RequestArguments& arguments) {
  const auto asset = parse_asset(network.genesis, arguments.asset);
  if (!asset) return base::Unexpected{asset.error()};
  const auto amount = parse_units(network.genesis, *asset, arguments.amount);
  if (!amount) return base::Unexpected{amount.error()};
  const auto text = arguments.reference.empty() ? new_reference() : arguments.reference;
  if (!text) return base::Unexpected{text.error()};
  auto reference = bounded_text("--ref", *text, ledger::kReferenceBytesMax);
  if (!reference) return base::Unexpected{reference.error()};
  return WatchedRequest{
      .payee = {account.id, arguments.tag},
      .asset = *asset,
      .amount = *amount,
      .reference = *std::move(reference),
      .expires_at = whole_second_after(real_pace().now().wall, arguments.expires_after)};
}

Result<Made> make(const Context& context, const Network& network,
                  const RequestArguments& arguments) {
  auto account = context.home.account(arguments.account);
  if (!account) return base::Unexpected{account.error()};
  auto watched = watched_for(network, *account, arguments);
  if (!watched) return base::Unexpected{watched.error()};
  const auto* asset = network.genesis.asset(watched->asset);
  PaymentRequest request{.payee = watched->payee,
                         .amount = ledger::format_amount(watched->amount, asset->scale),
                         .asset = asset->code,
                         .reference = base::to_text(watched->reference),
                         .label = arguments.label,
                         .message = arguments.message,
                         .expires_at = watched->expires_at};
  auto uri = format_payment_uri(network.genesis.kind, request);
  const auto read_back = parse_payment_uri(network.genesis.kind, uri);
  if (!read_back) {
    return fail(ExitCode::kUsage, "request_malformed",
                "These texts make no payment URI. " + read_back.error());
  }
  PEERPAY_CHECK(*read_back == request, "a payment URI says what was put into it");
  return Made{*std::move(account), *std::move(watched), std::move(request), std::move(uri)};
}

Json::Object request_json(const Network& network, const Made& made, std::string_view state) {
  return {{"state", state},
          {"uri", made.uri},
          {"account", made.account.name},
          {"address", ledger::format_address(network.genesis.kind, made.watched.payee)},
          {"amount", amount_json(network, made.watched.asset, made.watched.amount)},
          {"reference", base::printable(made.watched.reference)},
          {"label", base::printable(base::as_bytes(made.request.label))},
          {"message", base::printable(base::as_bytes(made.request.message))},
          {"expires_ms", made.watched.expires_at.value}};
}

Json payment_json(const Network& network, const Made& made, const ReceivedPayment& payment) {
  return Json::Object{{"id", base::to_hex(payment.id.view())},
                      {"from", address_of(network.genesis.kind, payment.payer)},
                      {"amount", amount_json(network, made.watched.asset, payment.amount)},
                      {"height", payment.height.value},
                      {"index", std::uint64_t{payment.index}},
                      {"block_timestamp_ms", payment.block_timestamp.value}};
}

void draw_qr(const Context& context, const Made& made, const std::optional<bool>& is_wanted) {
  if (!is_wanted.value_or(context.console.has_screen() && !context.flags.is_json)) return;
  const auto code = qr::encode(payment_uri_for_qr(made.uri));
  PEERPAY_CHECK(code.has_value(), "a payment URI is shorter than what a QR code can hold");
  context.console.draw(qr::terminal_text(*code));
}

std::string repeated_command(const RequestArguments& arguments, const Made& made) {
  return "peerpay request " + arguments.amount + " " + arguments.asset + " --ref '" +
         base::printable(made.watched.reference) + "' --wait";
}

void advise_waiting(const Context& context, const RequestArguments& arguments, const Made& made) {
  context.interruption.set_advice({.exit = ExitCode::kInterrupted,
                                   .code = "interrupted",
                                   .message = "Interrupted. The request is open until " +
                                              format_utc(made.watched.expires_at) + ".",
                                   .next = repeated_command(arguments, made)});
}

// People need the URI before it is paid; programs get one object at the end (spec: wallet W16).
Result<void> hand_out(const Context& context, const Made& made) {
  if (context.flags.is_json) {
    context.console.message("waiting for: " + made.uri);
    return {};
  }
  if (context.console.data(made.uri + "\n")) return {};
  return fail(ExitCode::kError, "output_failed", "The URI can't be written to stdout.");
}

Report paid_report(const Network& network, const Made& made, const ReceivedPayment& payment) {
  auto json = request_json(network, made, "paid");
  json.emplace_back("payment", payment_json(network, made, payment));
  const auto id = base::to_hex(payment.id.view());
  return {.json = std::move(json),
          .text = "paid " + amount_text(network.genesis, made.watched.asset, payment.amount) +
                  " by " + address_of(network.genesis.kind, payment.payer) + " · id " + id +
                  " · block " + std::to_string(payment.height.value) + ", " +
                  format_utc(payment.block_timestamp) + "\n",
          .next = "peerpay receipt get " + id};
}

CommandResult wait_for_payment(const Context& context, const Network& network, const Made& made,
                               const RequestArguments& arguments) {
  const auto node = connect_to(context, network);
  if (!node) return base::Unexpected{node.error()};
  advise_waiting(context, arguments, made);
  if (const auto out = hand_out(context, made); !out) return base::Unexpected{out.error()};
  draw_qr(context, made, arguments.has_qr);
  RequestWatch watch(**node, network, made.watched, real_pace());
  const auto payment = watch.await(arguments.wait);
  if (payment) return paid_report(network, made, *payment);
  const bool is_expired = payment.error().exit == ExitCode::kExpired;
  auto json = request_json(network, made, is_expired ? "expired" : "open");
  json.emplace_back("error", error_json(payment.error()));
  return Report{.json = std::move(json), .text = {}, .next = {}, .failure = payment.error()};
}

}  // namespace

CommandResult run_request(const Context& context, const RequestArguments& arguments) {
  const auto network = pinned_network(context);
  if (!network) return base::Unexpected{network.error()};
  const auto made = make(context, *network, arguments);
  if (!made) return base::Unexpected{made.error()};
  if (arguments.is_waiting) return wait_for_payment(context, *network, *made, arguments);
  draw_qr(context, *made, arguments.has_qr);
  return Report{.json = request_json(*network, *made, "open"),
                .text = made->uri + "\n",
                .next = "to wait for it: " + repeated_command(arguments, *made)};
}

}  // namespace peerpay::wallet::cli
