// peerpay send, resume and outbox.
#include <array>

#include "base/os/entropy.h"
#include "ledger/address.h"
#include "ledger/limits.h"
#include "wallet/cli/commands.h"
#include "wallet/cli/outbox.h"
#include "wallet/cli/payment_sender.h"
#include "wallet/cli/private_file.h"
#include "wallet/confirmation.h"
#include "wallet/text.h"

namespace peerpay::wallet::cli {
namespace {

// What a send works with once the arguments make sense.
struct Parsed {
  PublicAccount from;
  PaymentOrder order;
};

Result<base::Bytes> bounded(std::string_view option, const std::string& text,
                            std::size_t size_max) {
  if (text.size() <= size_max) return base::Bytes(text.begin(), text.end());
  return fail(ExitCode::kUsage, "text_too_long",
              std::string{option} + " takes at most " + std::to_string(size_max) + " bytes, not " +
                  std::to_string(text.size()) + ".");
}

std::string asset_codes(const ledger::Genesis& genesis) {
  std::string out;
  for (const auto& asset : genesis.assets) out += (out.empty() ? "" : ", ") + asset.code;
  return out;
}

Result<ledger::AssetId> parse_asset(const ledger::Genesis& genesis, const std::string& code) {
  const auto asset = genesis.asset_by_code(code);
  if (asset) return *asset;
  return fail(ExitCode::kUsage, "asset_unknown",
              "This network has no asset \"" + code + "\"; it has " + asset_codes(genesis) + ".");
}

Result<ledger::Amount> parse_units(const ledger::Genesis& genesis, ledger::AssetId asset,
                                   const std::string& text) {
  const auto scale = genesis.asset(asset)->scale;
  const auto amount = ledger::parse_amount(text, scale);
  if (amount && !amount->is_zero()) return *amount;
  return fail(ExitCode::kUsage, "amount_malformed",
              "\"" + text + "\" is not an amount above zero with at most " + std::to_string(scale) +
                  " digits after the point.");
}

Result<Parsed> parse(const Context& context, const Network& network,
                     const SendArguments& arguments) {
  auto from = context.home.account(arguments.from);
  if (!from) return base::Unexpected{from.error()};
  const auto payee = ledger::parse_address(network.genesis.kind, arguments.to);
  if (!payee) return fail(ExitCode::kUsage, "address_malformed", payee.error());
  const auto asset = parse_asset(network.genesis, arguments.asset);
  if (!asset) return base::Unexpected{asset.error()};
  const auto amount = parse_units(network.genesis, *asset, arguments.amount);
  if (!amount) return base::Unexpected{amount.error()};
  auto reference = bounded("--ref", arguments.reference, ledger::kReferenceBytesMax);
  if (!reference) return base::Unexpected{reference.error()};
  auto memo = bounded("--memo", arguments.memo, ledger::kMemoBytesMax);
  if (!memo) return base::Unexpected{memo.error()};
  const auto sender = from->id;
  return Parsed{*std::move(from), PaymentOrder{.sender = sender,
                                               .payee = *payee,
                                               .asset = *asset,
                                               .amount = *amount,
                                               .reference = *std::move(reference),
                                               .memo = *std::move(memo)}};
}

Json paid_json(const Network& network, const SettledPayment& paid, const PaymentOrder& order) {
  return Json::Object{
      {"id", base::to_hex(paid.transaction.id.view())},
      {"state", "final"},
      {"payment", order_json(network, order)},
      {"fee", amount_json(network, paid.finality.fee_asset, paid.finality.fee_charged)},
      {"height", paid.finality.height.value},
      {"index", std::uint64_t{paid.finality.index}},
      {"block_timestamp_ms", paid.finality.block_timestamp.value},
      {"took_ms", static_cast<std::uint64_t>(paid.took.milliseconds())}};
}

// How long a resumed payment took is not known: an earlier command sent it.
std::string paid_text(const Network& network, const SettledPayment& paid, const PaymentOrder& order,
                      PaymentSender::Attempt attempt) {
  const bool is_first = attempt == PaymentSender::Attempt::kFirst;
  return "paid " + amount_text(network.genesis, order.asset, order.amount) + " to " +
         ledger::format_address(network.genesis.kind, order.payee) + " · id " +
         base::to_hex(paid.transaction.id.view()) + " · final" +
         (is_first ? " in " + format_duration(paid.took) : "") + " · block " +
         std::to_string(paid.finality.height.value) + "\n";
}

CommandResult finish(PaymentSender& sender, const Network& network, const OutboxEntry& entry,
                     PaymentSender::Attempt attempt, base::Duration wait) {
  const auto paid = sender.finish(entry, attempt, wait);
  if (!paid) return base::Unexpected{paid.error()};
  return Report{.json = paid_json(network, *paid, entry.order),
                .text = paid_text(network, *paid, entry.order, attempt),
                .next = "peerpay receipt get " + base::to_hex(paid->transaction.id.view())};
}

// From here on an interruption leaves a payment that may be on its way.
void advise_pending(const Context& context, const OutboxEntry& entry) {
  context.interruption.set_advice(
      {.exit = ExitCode::kInterrupted,
       .code = "interrupted",
       .message = "Interrupted. Payment " + base::to_hex(entry.transaction.id.view()) +
                  " may have been sent.",
       .next = "repeat the same command, or: peerpay resume (neither can pay twice)"});
}

Result<ConfirmationFacts> facts_for(const Outbox& outbox, const Parsed& parsed,
                                    const PreparedPayment& prepared) {
  const auto has_paid = outbox.has_paid(parsed.order.payee.account);
  if (!has_paid) return base::Unexpected{has_paid.error()};
  return ConfirmationFacts{.from_name = parsed.from.name,
                           .is_first_payment = !*has_paid,
                           .balance = prepared.balance,
                           .now = real_pace().now().wall};
}

Result<void> confirm(const Context& context, const std::string& text) {
  if (context.flags.is_assumed_yes) return {};
  if (!context.console.is_interactive()) {
    return fail(ExitCode::kUsage, "confirmation_missing", "There is no terminal to confirm on.",
                "add --yes");
  }
  context.console.message(text);
  const auto agreed = context.console.confirm("Pay?");
  if (!agreed) return base::Unexpected{agreed.error()};
  if (*agreed) return {};
  return fail(ExitCode::kError, "declined", "Nothing was signed.");
}

Result<ledger::SealedTransaction> sign(const Context& context, const Network& network,
                                       const Parsed& parsed, const PreparedPayment& prepared) {
  const auto passphrase = existing_passphrase(context.console, context.flags.passphrase);
  if (!passphrase) return base::Unexpected{passphrase.error()};
  const auto keystore = context.home.open_keystore(*passphrase);
  if (!keystore) return base::Unexpected{keystore.error()};
  const auto* entry = keystore->content.entry(parsed.from.name);
  const auto key = entry == nullptr ? std::nullopt : entry_key(keystore->content, *entry);
  if (!key || ledger::account_of(key->public_key()) != parsed.from.id) {
    return fail(ExitCode::kError, "accounts_damaged",
                "accounts.json does not agree with the keystore.", "peerpay keys repair");
  }
  crypto::SecretBytes random{std::size_t{32}};
  if (const auto filled = os::fill_with_entropy(random.mutable_view()); !filled) {
    return io_failed(filled.error());
  }
  return sign_payment(network.chain, prepared.transaction, *key, random.view());
}

CommandResult report_dry_run(const Network& network, const Parsed& parsed,
                             const PreparedPayment& prepared, std::string text) {
  const auto& body = prepared.transaction;
  return Report{
      .json = Json::Object{{"state", "dry_run"},
                           {"payment", order_json(network, parsed.order)},
                           {"fee_max", amount_json(network, body.fee.asset, body.fee.max)},
                           {"valid_until_ms", body.valid_until.value}},
      .text = std::move(text),
      .next = "nothing was signed; leave --dry-run away to pay"};
}

CommandResult send_new(const Context& context, const SendArguments& arguments,
                       const Network& network, const Outbox& outbox, const Parsed& parsed) {
  const auto node = connect_to(context, network);
  if (!node) return base::Unexpected{node.error()};
  PaymentSender sender(**node, outbox, network, real_pace());
  const auto prepared = sender.prepare(parsed.order, arguments.valid_for);
  if (!prepared) return base::Unexpected{prepared.error()};
  const auto facts = facts_for(outbox, parsed, *prepared);
  if (!facts) return base::Unexpected{facts.error()};
  auto text = confirmation_text(network.genesis, prepared->transaction, *facts);
  if (arguments.is_dry_run) return report_dry_run(network, parsed, *prepared, std::move(text));
  if (const auto agreed = confirm(context, text); !agreed) return base::Unexpected{agreed.error()};

  auto signed_payment = sign(context, network, parsed, *prepared);
  if (!signed_payment) return base::Unexpected{signed_payment.error()};
  const auto entry = sender.record(*prepared, *std::move(signed_payment));
  if (!entry) return base::Unexpected{entry.error()};
  advise_pending(context, *entry);
  return finish(sender, network, *entry, PaymentSender::Attempt::kFirst, arguments.wait);
}

// No passphrase is needed: what is sent again was signed before.
CommandResult resume_one(const Context& context, const Network& network, const Outbox& outbox,
                         const OutboxEntry& entry, base::Duration wait) {
  context.console.message("resuming payment " + base::to_hex(entry.transaction.id.view()) + " (" +
                          amount_text(network.genesis, entry.order.asset, entry.order.amount) +
                          " to " + ledger::format_address(network.genesis.kind, entry.order.payee) +
                          ")");
  advise_pending(context, entry);
  const auto node = connect_to(context, network);
  if (!node) {
    auto failure = node.error();
    if (failure.exit == ExitCode::kNetwork) failure.exit = ExitCode::kPending;
    return base::Unexpected{failure};
  }
  PaymentSender sender(**node, outbox, network, real_pace());
  return finish(sender, network, entry, PaymentSender::Attempt::kResumed, wait);
}

Json entry_json(const Network& network, const OutboxEntry& entry) {
  return Json::Object{{"id", base::to_hex(entry.transaction.id.view())},
                      {"state", entry.refused_code ? "refused_for_now" : "pending"},
                      {"code", entry.refused_code.value_or(std::string{})},
                      {"payment", order_json(network, entry.order)},
                      {"valid_until_ms", entry.transaction.transaction.body.valid_until.value}};
}

std::string entry_text(const Network& network, const OutboxEntry& entry) {
  return base::to_hex(entry.transaction.id.view()) + "  " +
         (entry.refused_code ? "refused for now (" + *entry.refused_code + ")" : "pending") + "  " +
         amount_text(network.genesis, entry.order.asset, entry.order.amount) + " to " +
         ledger::format_address(network.genesis.kind, entry.order.payee) + ", until " +
         format_utc(entry.transaction.transaction.body.valid_until) + "\n";
}

// What a resume of several payments found: each one's end, and the first failure that still is
// open.
struct ResumeTally {
  Json::Array results;
  std::string text;
  std::optional<Failure> open;
};

void resume_refused(PaymentSender& sender, const OutboxEntry& entry, ResumeTally& tally) {
  const auto end = sender.review(entry);
  const auto id = base::to_hex(entry.transaction.id.view());
  const std::string state{end && *end ? name(**end) : "refused_for_now"};
  tally.results.push_back(Json::Object{{"id", id}, {"state", state}});
  tally.text += id + "  " + state + "\n";
}

void resume_pending(const Context& context, const Network& network, const Outbox& outbox,
                    const OutboxEntry& entry, base::Duration wait, ResumeTally& tally) {
  const auto one = resume_one(context, network, outbox, entry, wait);
  if (one) {
    tally.results.push_back(one->json);
    tally.text += one->text;
    return;
  }
  const auto id = base::to_hex(entry.transaction.id.view());
  const auto& failure = one.error();
  tally.results.push_back(
      Json::Object{{"id", id}, {"state", failure.code}, {"message", failure.message}});
  tally.text += id + "  " + failure.message + "\n";
  const bool is_end = failure.exit == ExitCode::kExpired || failure.exit == ExitCode::kRefused;
  if (!is_end && !tally.open) tally.open = failure;
}

}  // namespace

CommandResult run_send(const Context& context, const SendArguments& arguments) {
  const auto network = context.home.network();
  if (!network) return base::Unexpected{network.error()};
  const auto parsed = parse(context, *network, arguments);
  if (!parsed) return base::Unexpected{parsed.error()};
  const auto lock = lock_home(context.home);
  if (!lock) return base::Unexpected{lock.error()};
  const Outbox outbox(context.home, network->chain);
  const auto entries = outbox.entries();
  if (!entries) return base::Unexpected{entries.error()};
  const auto* same = find_same(*entries, parsed->order);
  if (same == nullptr) return send_new(context, arguments, *network, outbox, *parsed);
  if (arguments.is_dry_run) {
    return Report{.json = entry_json(*network, *same),
                  .text = entry_text(*network, *same),
                  .next = "this payment is on its way already; leave --dry-run away to finish it"};
  }
  return resume_one(context, *network, outbox, *same, arguments.wait);
}

CommandResult run_resume(const Context& context, const ResumeArguments& arguments) {
  const auto network = context.home.network();
  if (!network) return base::Unexpected{network.error()};
  const auto lock = lock_home(context.home);
  if (!lock) return base::Unexpected{lock.error()};
  const Outbox outbox(context.home, network->chain);
  const auto entries = outbox.entries();
  if (!entries) return base::Unexpected{entries.error()};
  if (entries->empty()) {
    return Report{.json = Json::Object{{"payments", Json::Array{}}},
                  .text = "no payment is pending\n",
                  .next = {}};
  }
  const auto node = connect_to(context, *network);
  if (!node) {
    auto failure = node.error();
    if (failure.exit == ExitCode::kNetwork) failure.exit = ExitCode::kPending;
    return base::Unexpected{failure};
  }
  PaymentSender sender(**node, outbox, *network, real_pace());
  ResumeTally tally;
  for (const auto& entry : *entries) {
    if (entry.refused_code) {
      resume_refused(sender, entry, tally);
    } else {
      resume_pending(context, *network, outbox, entry, arguments.wait, tally);
    }
  }
  if (tally.open) {
    context.console.message(tally.text);
    return base::Unexpected{*tally.open};
  }
  return Report{.json = Json::Object{{"payments", std::move(tally.results)}},
                .text = std::move(tally.text),
                .next = {}};
}

CommandResult run_outbox(const Context& context) {
  const auto network = context.home.network();
  if (!network) return base::Unexpected{network.error()};
  const auto entries = Outbox(context.home, network->chain).entries();
  if (!entries) return base::Unexpected{entries.error()};
  Report out;
  Json::Array list;
  for (const auto& entry : *entries) {
    list.push_back(entry_json(*network, entry));
    out.text += entry_text(*network, entry);
  }
  out.json = Json::Object{{"payments", std::move(list)}};
  if (entries->empty()) {
    out.text = "no payment is pending\n";
  } else {
    out.next = "peerpay resume";
  }
  return out;
}

}  // namespace peerpay::wallet::cli
