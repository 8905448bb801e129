// peerpay send, resume and outbox.
#include <array>
#include <memory>
#include <utility>
#include <vector>

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
              "AMOUNT \"" + text + "\" is not above zero, at most " +
                  ledger::format_amount(ledger::Amount{UINT64_MAX}, scale) + ", and with at most " +
                  std::to_string(scale) + " digits after the point.");
}

Result<Parsed> parse(const Context& context, const Network& network,
                     const SendArguments& arguments) {
  auto from = context.home.account(arguments.from);
  if (!from) return base::Unexpected{from.error()};
  const auto payee = ledger::parse_address(network.genesis.kind, arguments.to);
  if (!payee) {
    return fail(ExitCode::kUsage, "address_malformed",
                "TO \"" + arguments.to + "\" is not an address: " + payee.error(),
                "peerpay send TO AMOUNT ASSET, for example: peerpay send tpeer1... 12.50 USD");
  }
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

// One run of a command that sends.
struct Sending {
  Sending(const WalletHome& home, Network network_in, os::DirectoryLock lock_in)
      : network{std::move(network_in)}, lock{std::move(lock_in)}, outbox{home, network.chain} {}

  const Network network;
  const os::DirectoryLock lock;
  const Outbox outbox;
  std::unique_ptr<NodeClient> node;  // once there is one
  std::vector<FinalPayment> finals;  // what the report tells

  PaymentSender sender() const { return {*node, outbox, network, real_pace()}; }
};

Json paid_json(const Network& network, const FinalPayment& paid) {
  return Json::Object{
      {"id", base::to_hex(paid.entry.transaction.id.view())},
      {"state", "final"},
      {"payment", order_json(network, paid.entry.order)},
      {"fee", amount_json(network, paid.finality.fee_asset, paid.finality.fee_charged)},
      {"height", paid.finality.height.value},
      {"index", std::uint64_t{paid.finality.index}},
      {"block_timestamp_ms", paid.finality.block_timestamp.value},
      {"took_ms", static_cast<std::uint64_t>(paid.took.milliseconds())}};
}

// How long a resumed payment took is not known: an earlier command sent it.
std::string paid_text(const Network& network, const FinalPayment& paid,
                      PaymentSender::Attempt attempt) {
  const bool is_first = attempt == PaymentSender::Attempt::kFirst;
  const auto& order = paid.entry.order;
  return "paid " + amount_text(network.genesis, order.asset, order.amount) + " to " +
         ledger::format_address(network.genesis.kind, order.payee) + " · id " +
         base::to_hex(paid.entry.transaction.id.view()) + " · final" +
         (is_first ? " in " + format_duration(paid.took) : "") + " · block " +
         std::to_string(paid.finality.height.value) + "\n";
}

CommandResult finish(PaymentSender& sender, Sending& sending, const OutboxEntry& entry,
                     PaymentSender::Attempt attempt, base::Duration wait) {
  const auto paid = sender.finish(entry, attempt, wait);
  if (!paid) return base::Unexpected{paid.error()};
  sending.finals.push_back(*paid);
  return Report{.json = paid_json(sending.network, *paid),
                .text = paid_text(sending.network, *paid, attempt),
                .next = "peerpay receipt get " + base::to_hex(entry.transaction.id.view())};
}

// Until the answer is out, the payment stays in the outbox and the wallet locked: whoever did not
// get the answer repeats the command and gets it then (spec: wallet W9). No node is asked from then
// on: Ctrl-C is not heard any more.
Report settled_after_output(Report report, const std::shared_ptr<Sending>& sending) {
  report.settle = [sending]() -> Result<void> {
    for (const auto& paid : sending->finals) {
      const EndNote note{.end = PaymentEnd::kFinal, .code = {}, .height = paid.finality.height};
      if (const auto settled = sending->outbox.settle(paid.entry, note); !settled) return settled;
    }
    return {};
  };
  return report;
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

ConfirmationFacts facts_for(const Outbox& outbox, const Parsed& parsed,
                            const PreparedPayment& prepared) {
  return {.from_name = parsed.from.name,
          .is_first_payment = !outbox.has_paid(parsed.order.payee.account),
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

// No passphrase is needed: what is sent again was signed before.
CommandResult resume_one(const Context& context, PaymentSender& sender, Sending& sending,
                         const OutboxEntry& entry, base::Duration wait) {
  const auto& network = sending.network;
  context.console.message("resuming payment " + base::to_hex(entry.transaction.id.view()) + " (" +
                          amount_text(network.genesis, entry.order.asset, entry.order.amount) +
                          " to " + ledger::format_address(network.genesis.kind, entry.order.payee) +
                          ")");
  advise_pending(context, entry);
  return finish(sender, sending, entry, PaymentSender::Attempt::kResumed, wait);
}

// A node to finish payments with: while there is none, they are pending.
Result<std::unique_ptr<NodeClient>> connect_to_resume(const Context& context,
                                                      const Network& network) {
  auto node = connect_to(context, network);
  if (node || node.error().exit != ExitCode::kNetwork) return node;
  auto failure = node.error();
  failure.exit = ExitCode::kPending;
  return base::Unexpected{failure};
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

CommandResult send_same(const Context& context, const SendArguments& arguments, Sending& sending,
                        const OutboxEntry& entry) {
  if (arguments.is_dry_run) {
    return Report{.json = entry_json(sending.network, entry),
                  .text = entry_text(sending.network, entry),
                  .next = "this payment is on its way already; leave --dry-run away to finish it"};
  }
  if (!sending.node) {
    auto node = connect_to_resume(context, sending.network);
    if (!node) return base::Unexpected{node.error()};
    sending.node = *std::move(node);
  }
  auto sender = sending.sender();
  return resume_one(context, sender, sending, entry, arguments.wait);
}

CommandResult send_new(const Context& context, const SendArguments& arguments, Sending& sending,
                       const Parsed& parsed) {
  const auto& network = sending.network;
  auto node = connect_to(context, network);
  if (!node) return base::Unexpected{node.error()};
  sending.node = *std::move(node);
  auto sender = sending.sender();
  const auto applied = sender.applied_before(parsed.order);
  if (!applied) return base::Unexpected{applied.error()};
  if (*applied) return send_same(context, arguments, sending, **applied);
  const auto prepared = sender.prepare(parsed.order, arguments.valid_for);
  if (!prepared) return base::Unexpected{prepared.error()};
  const auto facts = facts_for(sending.outbox, parsed, *prepared);
  auto text = confirmation_text(network.genesis, prepared->transaction, facts);
  if (arguments.is_dry_run) return report_dry_run(network, parsed, *prepared, std::move(text));
  if (const auto agreed = confirm(context, text); !agreed) return base::Unexpected{agreed.error()};

  auto signed_payment = sign(context, network, parsed, *prepared);
  if (!signed_payment) return base::Unexpected{signed_payment.error()};
  const auto entry = sender.record(*std::move(signed_payment));
  if (!entry) return base::Unexpected{entry.error()};
  advise_pending(context, *entry);
  return finish(sender, sending, *entry, PaymentSender::Attempt::kFirst, arguments.wait);
}

// What a resume of several payments found: each one's end, and the worst failure.
struct ResumeTally {
  Json::Array results;
  std::string text;
  std::optional<Failure> worst;
};

// An end that is still open is worse than any that is known.
int badness(ExitCode exit) {
  if (exit == ExitCode::kRefused) return 0;
  return exit == ExitCode::kExpired ? 1 : 2;
}

void add_failure(ResumeTally& tally, const OutboxEntry& entry, std::string_view state,
                 const Failure& failure) {
  const auto id = base::to_hex(entry.transaction.id.view());
  tally.results.push_back(Json::Object{{"id", id}, {"state", state}, {"message", failure.message}});
  tally.text += id + "  " + failure.message + "\n";
  if (!tally.worst || badness(failure.exit) > badness(tally.worst->exit)) tally.worst = failure;
}

Failure closed(const OutboxEntry& entry, PaymentEnd end) {
  const bool is_expired = end == PaymentEnd::kExpired;
  return {.exit = is_expired ? ExitCode::kExpired : ExitCode::kRefused,
          .code = std::string{name(end)},
          .message = "Payment " + base::to_hex(entry.transaction.id.view()) +
                     (is_expired ? " expired: it was never applied, and never can be."
                                 : " was refused, and another payment took its place."),
          .next = {}};
}

Failure refused_before(const OutboxEntry& entry) {
  return {.exit = ExitCode::kRefused,
          .code = "refused_for_now",
          .message = "Payment " + base::to_hex(entry.transaction.id.view()) + " was refused (" +
                     entry.refused_code.value_or(std::string{}) + ").",
          .next = "repeat its command to pay, or leave it: it expires by itself"};
}

void resume_refused(PaymentSender& sender, Sending& sending, const OutboxEntry& entry,
                    ResumeTally& tally) {
  const auto known = sender.review(entry);
  if (known && known->finality) {
    sending.finals.push_back({entry, *known->finality, {}});
    const auto& paid = sending.finals.back();
    tally.results.push_back(paid_json(sending.network, paid));
    tally.text += paid_text(sending.network, paid, PaymentSender::Attempt::kResumed);
    return;
  }
  const bool is_closed = known && known->end;
  const auto failure = is_closed ? closed(entry, *known->end) : refused_before(entry);
  add_failure(tally, entry, failure.code, failure);
}

void resume_pending(const Context& context, PaymentSender& sender, Sending& sending,
                    const OutboxEntry& entry, base::Duration wait, ResumeTally& tally) {
  const auto one = resume_one(context, sender, sending, entry, wait);
  if (!one) return add_failure(tally, entry, one.error().code, one.error());
  tally.results.push_back(one->json);
  tally.text += one->text;
}

}  // namespace

CommandResult run_send(const Context& context, const SendArguments& arguments) {
  auto network = pinned_network(context);
  if (!network) return base::Unexpected{network.error()};
  const auto parsed = parse(context, *network, arguments);
  if (!parsed) return base::Unexpected{parsed.error()};
  auto lock = lock_home(context.home);
  if (!lock) return base::Unexpected{lock.error()};
  const auto sending =
      std::make_shared<Sending>(context.home, *std::move(network), *std::move(lock));
  const auto entries = sending->outbox.entries();
  if (!entries) return base::Unexpected{entries.error()};
  const auto* same = find_same(*entries, parsed->order);
  auto report = same == nullptr ? send_new(context, arguments, *sending, *parsed)
                                : send_same(context, arguments, *sending, *same);
  if (!report) return report;
  return settled_after_output(*std::move(report), sending);
}

CommandResult run_resume(const Context& context, const ResumeArguments& arguments) {
  auto network = pinned_network(context);
  if (!network) return base::Unexpected{network.error()};
  auto lock = lock_home(context.home);
  if (!lock) return base::Unexpected{lock.error()};
  const auto sending =
      std::make_shared<Sending>(context.home, *std::move(network), *std::move(lock));
  const auto entries = sending->outbox.entries();
  if (!entries) return base::Unexpected{entries.error()};
  if (entries->empty()) {
    return Report{.json = Json::Object{{"payments", Json::Array{}}},
                  .text = "no payment is pending\n",
                  .next = {}};
  }
  auto node = connect_to_resume(context, sending->network);
  if (!node) return base::Unexpected{node.error()};
  sending->node = *std::move(node);
  auto sender = sending->sender();
  ResumeTally tally;
  for (const auto& entry : *entries) {
    if (entry.refused_code) {
      resume_refused(sender, *sending, entry, tally);
    } else {
      resume_pending(context, sender, *sending, entry, arguments.wait, tally);
    }
  }
  Json::Object json{{"payments", std::move(tally.results)}};
  if (tally.worst) json.emplace_back("error", error_json(*tally.worst));
  Report out{.json = std::move(json),
             .text = std::move(tally.text),
             .next = {},
             .failure = std::move(tally.worst)};
  return settled_after_output(std::move(out), sending);
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
