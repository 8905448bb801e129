#include "wallet/cli/paying.h"

#include <utility>

#include "base/os/entropy.h"
#include "ledger/address.h"
#include "wallet/cli/private_file.h"
#include "wallet/text.h"

namespace peerpay::wallet::cli {
namespace {

CommandResult finish(PaymentSender& sender, Sending& sending, const OutboxEntry& entry,
                     PaymentSender::Attempt attempt, base::Duration wait) {
  const auto paid = sender.finish(entry, attempt, wait);
  if (!paid) return base::Unexpected{paid.error()};
  sending.finals.push_back(*paid);
  return Report{.json = paid_json(sending.network, *paid),
                .text = paid_text(sending.network, *paid, attempt),
                .next = "peerpay receipt get " + base::to_hex(entry.transaction.id.view())};
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

ConfirmationFacts facts_for(const Outbox& outbox, const PaymentPlan& plan,
                            const PreparedPayment& prepared) {
  return {.from_name = plan.from.name,
          .is_first_payment = !outbox.has_paid(plan.order.payee.account),
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
                                       const PaymentPlan& plan, const PreparedPayment& prepared) {
  const auto passphrase = existing_passphrase(context.console, context.flags.passphrase);
  if (!passphrase) return base::Unexpected{passphrase.error()};
  const auto keystore = context.home.open_keystore(*passphrase);
  if (!keystore) return base::Unexpected{keystore.error()};
  const auto* entry = keystore->content.entry(plan.from.name);
  const auto key = entry == nullptr ? std::nullopt : entry_key(keystore->content, *entry);
  if (!key || ledger::account_of(key->public_key()) != plan.from.id) {
    return fail(ExitCode::kError, "accounts_damaged",
                "accounts.json does not agree with the keystore.", "peerpay keys repair");
  }
  crypto::SecretBytes random{std::size_t{32}};
  if (const auto filled = os::fill_with_entropy(random.mutable_view()); !filled) {
    return io_failed(filled.error());
  }
  return sign_payment(network.chain, prepared.transaction, *key, random.view());
}

CommandResult report_dry_run(const Network& network, const PaymentPlan& plan,
                             const PreparedPayment& prepared, std::string text) {
  const auto& body = prepared.transaction;
  return Report{
      .json = Json::Object{{"state", "dry_run"},
                           {"payment", order_json(network, plan.order)},
                           {"fee_max", amount_json(network, body.fee.asset, body.fee.max)},
                           {"valid_until_ms", body.valid_until.value}},
      .text = std::move(text),
      .next = "nothing was signed; leave --dry-run away to pay"};
}

// A payment of this wallet is under way, and nobody says how it ended.
Failure pending_while_silent(Failure failure) {
  failure.exit = ExitCode::kPending;
  failure.next =
      "check --node; then repeat the same command, or: peerpay resume (neither can pay twice)";
  return failure;
}

CommandResult send_same(const Context& context, const PaymentPlan& plan, Sending& sending,
                        const OutboxEntry& entry) {
  if (plan.is_dry_run) {
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
  return resume_one(context, sender, sending, entry, plan.wait);
}

CommandResult send_new(const Context& context, const PaymentPlan& plan, Sending& sending) {
  const auto& network = sending.network;
  auto node = connect_to(context, network);
  if (!node) return base::Unexpected{node.error()};
  sending.node = *std::move(node);
  auto sender = sending.sender();
  const auto applied = sender.applied_before(plan.order);
  if (!applied) return base::Unexpected{applied.error()};
  if (*applied) return send_same(context, plan, sending, **applied);
  const auto prepared = sender.prepare(plan.order, plan.valid_for, plan.latest);
  if (!prepared) return base::Unexpected{prepared.error()};
  const auto facts = facts_for(sending.outbox, plan, *prepared);
  auto text =
      confirmation_text(network.genesis, prepared->transaction, facts) + claims_text(plan.claims);
  if (plan.is_dry_run) return report_dry_run(network, plan, *prepared, std::move(text));
  if (const auto agreed = confirm(context, text); !agreed) return base::Unexpected{agreed.error()};

  auto signed_payment = sign(context, network, plan, *prepared);
  if (!signed_payment) return base::Unexpected{signed_payment.error()};
  const auto entry = sender.record(*std::move(signed_payment));
  if (!entry) return base::Unexpected{entry.error()};
  advise_pending(context, *entry);
  return finish(sender, sending, *entry, PaymentSender::Attempt::kFirst, plan.wait);
}

// A refused payment of this very order may yet be applied, so silence is no word about the money.
Failure while_refused_is_open(const Sending& sending, const PaymentOrder& order, Failure failure) {
  if (failure.exit != ExitCode::kNetwork) return failure;
  const auto entries = sending.outbox.entries();
  if (entries && find_refused(*entries, order) == nullptr) return failure;
  return pending_while_silent(std::move(failure));
}

}  // namespace

Result<std::shared_ptr<Sending>> begin_sending(const Context& context, Network network) {
  auto lock = lock_home(context.home);
  if (!lock) return base::Unexpected{lock.error()};
  return std::make_shared<Sending>(context.home, std::move(network), *std::move(lock));
}

CommandResult carry_out(const Context& context, Network network, const PaymentPlan& plan,
                        const Guard& guard) {
  const auto begun = begin_sending(context, std::move(network));
  if (!begun) return base::Unexpected{begun.error()};
  auto& sending = **begun;
  const auto entries = sending.outbox.entries();
  if (!entries) return base::Unexpected{entries.error()};
  const auto* same = find_same(*entries, plan.order);
  if (same == nullptr && guard) {
    if (const auto open = guard(sending.outbox, *entries); !open) {
      return base::Unexpected{open.error()};
    }
  }
  auto report =
      same == nullptr ? send_new(context, plan, sending) : send_same(context, plan, sending, *same);
  if (!report) return base::Unexpected{while_refused_is_open(sending, plan.order, report.error())};
  return settled_after_output(*std::move(report), *begun);
}

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

Result<std::unique_ptr<NodeClient>> connect_to_resume(const Context& context,
                                                      const Network& network) {
  auto node = connect_to(context, network);
  if (node || node.error().exit != ExitCode::kNetwork) return node;
  return base::Unexpected{pending_while_silent(node.error())};
}

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

}  // namespace peerpay::wallet::cli
