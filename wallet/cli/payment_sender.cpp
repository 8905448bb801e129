#include "wallet/cli/payment_sender.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/check.h"
#include "base/os/clock.h"
#include "ledger/result.h"
#include "wallet/confirmation.h"
#include "wallet/text.h"

namespace peerpay::wallet::cli {
namespace {

using ledger::TransactionResult;
using proto::TransactionState;

constexpr base::Duration kSilenceMax = base::seconds(5);
constexpr base::Duration kPause = base::milliseconds(250);
constexpr std::int64_t kWaitPerCallMs = 10'000;

std::string id_text(const ledger::TransactionId& id) { return base::to_hex(id.view()); }

base::Unexpected<Failure> still_pending(const OutboxEntry& entry, std::string_view why) {
  return fail(ExitCode::kPending, "pending",
              "Payment " + id_text(entry.transaction.id) + " is not final yet. " +
                  std::string{why} + " It can be applied until " +
                  format_utc(entry.transaction.transaction.body.valid_until) + ".",
              "repeat the same command, or: peerpay resume (neither can pay twice)");
}

base::Unexpected<Failure> refused(std::string_view code, std::string_view sentence) {
  return fail(ExitCode::kRefused, std::string{code}, std::string{sentence});
}

std::string code_of(const proto::TransactionStatus& status) {
  if (!status.code.empty()) return status.code;
  return std::string{status.result ? ledger::code(*status.result) : "refused"};
}

std::string sentence_of(const proto::TransactionStatus& status) {
  if (status.result) return std::string{ledger::sentence(*status.result)};
  if (!status.message.empty()) return printable(base::as_bytes(status.message));
  return "The node refuses the payment.";
}

bool is_for_ever(const proto::TransactionStatus& status) {
  return status.retry == proto::Retry::kNever;
}

// Refused by the node's own policy (it is busy, or its clock says "too late") and not by a rule of
// the ledger: another node may apply the same bytes.
bool is_try_again(const proto::TransactionStatus& status) {
  const bool is_policy = !status.result || status.result == TransactionResult::kExpired;
  return status.state == TransactionState::kRejected && is_policy && !is_for_ever(status);
}

bool is_nonce_gone(const proto::TransactionStatus& status) {
  return status.result == TransactionResult::kNonceUsed ||
         status.result == TransactionResult::kNonceTooOld;
}

std::optional<ledger::Nonce> free_nonce(const std::vector<OutboxEntry>& entries,
                                        const ledger::AccountId& sender,
                                        const ledger::NonceWindow& window) {
  std::vector<ledger::Nonce> in_flight;
  std::vector<ledger::Nonce> reusable;
  for (const auto& entry : entries) {
    if (entry.order.sender != sender) continue;
    auto& list = entry.refused_code ? reusable : in_flight;
    list.push_back(entry.transaction.transaction.body.nonce);
  }
  return choose_nonce(window, {.in_flight = in_flight, .reusable = reusable});
}

std::optional<ledger::TransactionId> refused_with_nonce(const std::vector<OutboxEntry>& entries,
                                                        const ledger::AccountId& sender,
                                                        ledger::Nonce nonce) {
  for (const auto& entry : entries) {
    const bool has_nonce = entry.transaction.transaction.body.nonce == nonce;
    if (entry.refused_code && entry.order.sender == sender && has_nonce)
      return entry.transaction.id;
  }
  return std::nullopt;
}

ledger::Amount balance_of(const proto::AccountSnapshot& account, ledger::AssetId asset) {
  for (const auto& balance : account.balances) {
    if (balance.asset == asset) return balance.amount;
  }
  return {};
}

base::Unexpected<Failure> not_covered(const ledger::Genesis& genesis,
                                      const ledger::Transaction& payment, ledger::Amount balance) {
  return refused(ledger::code(TransactionResult::kFundsInsufficient),
                 "The balance of " + amount_text(genesis, payment.fee.asset, balance) +
                     " does not cover the payment and the fee of " +
                     amount_text(genesis, payment.fee.asset, payment.fee.max) + ".");
}

bool is_answerable(NodeFault fault) {
  switch (fault) {
    case NodeFault::kUnreachable:
    case NodeFault::kTimeout:
    case NodeFault::kBusy: return true;
    case NodeFault::kNotFound:
    case NodeFault::kRefused:
    case NodeFault::kMalformed: return false;
  }
  return false;
}

}  // namespace

// One call of finish().
struct PaymentSender::Run {
  base::TimePoint start;
  base::TimePoint deadline;
  base::TimePoint last_answer;
  bool is_admitted = false;       // the node knows it: wait instead of submitting
  bool may_be_elsewhere = false;  // an attempt may have reached a node (spec: wallet W12)
};

Pace real_pace() {
  return {.now = [] { return os::read_clock(); },
          .sleep =
              [](base::Duration pause) {
                std::this_thread::sleep_for(std::chrono::microseconds(pause.microseconds));
              }};
}

const OutboxEntry* find_same(const std::vector<OutboxEntry>& entries, const PaymentOrder& order) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const OutboxEntry& entry) {
    return !entry.refused_code && entry.order == order;
  });
  return found == entries.end() ? nullptr : &*found;
}

base::Unexpected<Failure> node_failed(const NodeError& error) {
  switch (error.fault) {
    case NodeFault::kUnreachable:
    case NodeFault::kTimeout:
    case NodeFault::kBusy:
      return fail(ExitCode::kNetwork, error.code.empty() ? "node_unreachable" : error.code,
                  error.message, "check --node, and that the node runs");
    case NodeFault::kNotFound:
    case NodeFault::kRefused:
    case NodeFault::kMalformed: break;
  }
  return fail(ExitCode::kError, error.code.empty() ? "node_error" : error.code, error.message);
}

Result<PreparedPayment> PaymentSender::prepare(const PaymentOrder& order, base::Duration validity) {
  const auto entries = outbox_.entries();
  if (!entries) return base::Unexpected{entries.error()};
  const auto account = node_.account({.account = order.sender, .with_proof = false});
  if (!account) return node_failed(account.error());
  if (!account->exists) {
    return refused(ledger::code(TransactionResult::kSenderUnknown),
                   ledger::sentence(TransactionResult::kSenderUnknown));
  }

  const auto nonce = free_nonce(*entries, order.sender, account->nonces);
  if (!nonce) {
    return fail(ExitCode::kError, "too_many_in_flight",
                "Too many payments of this account are in flight.", "peerpay resume");
  }
  const auto valid_until = valid_until_after(pace_.now().wall, account->timestamp, validity);
  auto built =
      build_payment(network_.genesis, order, {.nonce = *nonce, .valid_until = valid_until});
  if (!built) return refused(ledger::code(built.error()), ledger::sentence(built.error()));
  const auto balance = balance_of(*account, order.asset);
  if (!is_covered(*built, balance)) return not_covered(network_.genesis, *built, balance);
  return PreparedPayment{.transaction = *std::move(built),
                         .balance = balance,
                         .replaces = refused_with_nonce(*entries, order.sender, *nonce)};
}

Result<OutboxEntry> PaymentSender::record(const PreparedPayment& prepared,
                                          ledger::SealedTransaction transaction) {
  auto order = order_of(transaction.transaction.body);
  PEERPAY_CHECK(order.has_value(), "prepare() makes payments only");
  OutboxEntry entry{.transaction = std::move(transaction),
                    .order = *std::move(order),
                    .created = pace_.now().wall,
                    .refused_code = std::nullopt,
                    .replaces = prepared.replaces};
  const auto before = outbox_.entries();
  if (!before) return base::Unexpected{before.error()};
  if (const auto added = outbox_.add(entry); !added) return base::Unexpected{added.error()};
  for (const auto& old : *before) {
    if (old.transaction.id != prepared.replaces) continue;
    const auto closed =
        outbox_.settle(old, {.end = PaymentEnd::kReplaced, .code = {}, .height = {}});
    if (!closed) return base::Unexpected{closed.error()};
  }
  return entry;
}

Answer<proto::TransactionStatus> PaymentSender::ask(const OutboxEntry& entry, Run& run) {
  const auto left_ms = (run.deadline - pace_.now().monotonic).milliseconds();
  const auto wait_ms =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(left_ms, 0, kWaitPerCallMs));
  const auto& body = entry.transaction.transaction.body;
  auto answer =
      run.is_admitted
          ? node_.wait_for_final(
                {.id = entry.transaction.id, .valid_until = body.valid_until, .wait_ms = wait_ms})
          : node_.submit({.transaction = entry.transaction.bytes,
                          .chain = network_.chain,
                          .wait_ms = wait_ms});
  if (answer && answer->id != entry.transaction.id) {
    return base::Unexpected{NodeError{NodeFault::kMalformed, "answer_mismatch",
                                      "The node answered about another payment."}};
  }
  return answer;
}

Result<SettledPayment> PaymentSender::finish(const OutboxEntry& entry, Attempt attempt,
                                             base::Duration wait) {
  const auto start = pace_.now().monotonic;
  Run run{.start = start,
          .deadline = start + wait,
          .last_answer = start,
          .is_admitted = false,
          .may_be_elsewhere = attempt == Attempt::kResumed};
  while (true) {
    const auto answer = ask(entry, run);
    const auto now = pace_.now().monotonic;
    if (!answer) {
      const bool is_silent = now - run.last_answer >= kSilenceMax || now >= run.deadline;
      if (!is_answerable(answer.error().fault) || is_silent) {
        return still_pending(entry, answer.error().message);
      }
      run.may_be_elsewhere = true;
      run.is_admitted = false;
      pace_.sleep(kPause);
      continue;
    }
    run.last_answer = now;
    if (answer->finality) return end_final(entry, *answer->finality, now - run.start);
    if (answer->state == TransactionState::kExpired) return end_expired(entry);
    if (answer->state == TransactionState::kRejected && !is_try_again(*answer)) {
      return end_rejected(entry, run, *answer);
    }
    run.is_admitted = answer->state == TransactionState::kPending;
    run.may_be_elsewhere = run.may_be_elsewhere || run.is_admitted;
    if (now >= run.deadline) return still_pending(entry, "No block holds it so far.");
    pace_.sleep(kPause);
  }
}

Result<std::optional<PaymentEnd>> PaymentSender::review(const OutboxEntry& entry) {
  const auto& id = entry.transaction.id;
  const auto status = node_.transaction(
      {.id = id, .valid_until = entry.transaction.transaction.body.valid_until, .wait_ms = 0});
  if (!status) return node_failed(status.error());
  const bool is_own = status->id == id;
  EndNote note;
  if (is_own && status->finality) {
    note = {.end = PaymentEnd::kFinal, .code = {}, .height = status->finality->height};
  } else if (is_own && status->state == TransactionState::kExpired) {
    note = {.end = PaymentEnd::kExpired, .code = "expired", .height = {}};
  } else {
    return std::optional<PaymentEnd>{};
  }
  if (const auto settled = outbox_.settle(entry, note); !settled) {
    return base::Unexpected{settled.error()};
  }
  return std::optional{note.end};
}

Result<SettledPayment> PaymentSender::end_final(const OutboxEntry& entry,
                                                const proto::Finality& finality,
                                                base::Duration took) {
  const auto settled =
      outbox_.settle(entry, {.end = PaymentEnd::kFinal, .code = {}, .height = finality.height});
  if (!settled) return base::Unexpected{settled.error()};
  return SettledPayment{entry.transaction, finality, took};
}

Result<SettledPayment> PaymentSender::end_expired(const OutboxEntry& entry) {
  const auto settled =
      outbox_.settle(entry, {.end = PaymentEnd::kExpired, .code = "expired", .height = {}});
  if (!settled) return base::Unexpected{settled.error()};
  return fail(ExitCode::kExpired, "expired",
              "Payment " + id_text(entry.transaction.id) +
                  " expired: it was never applied, and never can be.",
              "the same command makes a new payment");
}

Result<SettledPayment> PaymentSender::end_rejected(const OutboxEntry& entry, const Run& run,
                                                   const proto::TransactionStatus& status) {
  if (is_nonce_gone(status)) return end_nonce_used(entry, run, status);
  if (is_for_ever(status)) {
    const auto settled =
        outbox_.settle(entry, {.end = PaymentEnd::kRefused, .code = code_of(status), .height = {}});
    if (!settled) return base::Unexpected{settled.error()};
    return refused(code_of(status), sentence_of(status));
  }
  if (run.may_be_elsewhere) {
    return still_pending(entry, "This node refuses it for now (" + code_of(status) +
                                    "), but an earlier attempt may still be applied.");
  }
  const auto marked = outbox_.mark_refused(entry, code_of(status));
  if (!marked) return base::Unexpected{marked.error()};
  return refused(code_of(status), sentence_of(status));
}

std::optional<proto::Finality> PaymentSender::finality_of(const ledger::TransactionId& id,
                                                          base::UnixMillis valid_until) {
  const auto status = node_.transaction({.id = id, .valid_until = valid_until, .wait_ms = 0});
  return status && status->id == id ? status->finality : std::nullopt;
}

Result<SettledPayment> PaymentSender::end_nonce_used(const OutboxEntry& entry, const Run& run,
                                                     const proto::TransactionStatus& status) {
  const auto valid_until = entry.transaction.transaction.body.valid_until;
  if (const auto own = finality_of(entry.transaction.id, valid_until)) {
    return end_final(entry, *own, pace_.now().monotonic - run.start);
  }
  const auto settled =
      outbox_.settle(entry, {.end = PaymentEnd::kRefused, .code = code_of(status), .height = {}});
  if (!settled) return base::Unexpected{settled.error()};
  if (entry.replaces && finality_of(*entry.replaces, valid_until)) {
    return fail(ExitCode::kRefused, "earlier_payment_applied",
                "Payment " + id_text(*entry.replaces) +
                    ", which a node had refused before, was applied after all; this one was not, "
                    "and never can be.",
                "peerpay show " + id_text(*entry.replaces));
  }
  return fail(ExitCode::kRefused, code_of(status),
              sentence_of(status) +
                  " Another payment of this account took its place; this one can never be applied.",
              "peerpay history, before paying again");
}

}  // namespace peerpay::wallet::cli
