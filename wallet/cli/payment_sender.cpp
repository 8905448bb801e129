#include "wallet/cli/payment_sender.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/os/clock.h"
#include "base/utf8.h"
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

// Says nothing about the payment: it may be final, as far as this wallet knows.
base::Unexpected<Failure> still_pending(const OutboxEntry& entry, std::string_view why) {
  return fail(ExitCode::kPending, "pending",
              "The end of payment " + id_text(entry.transaction.id) + " is not known yet. " +
                  std::string{why} + " It may be applied until " +
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
  if (!status.message.empty()) return base::printable(base::as_bytes(status.message));
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

// The node says that these bytes can't be applied any more, which the chain can prove.
bool is_claimed_over(const proto::TransactionStatus& status) {
  return status.state == TransactionState::kExpired ||
         (status.result && is_nonce_gone(*status.result));
}

proto::Finality finality_of(const CheckedReceipt& checked) {
  const auto& [receipt, id, signers] = checked;
  return {.height = receipt.chain.front().height,
          .index = receipt.index,
          .block_timestamp = receipt.chain.front().timestamp,
          .fee_charged = receipt.outcome.fee_charged,
          .fee_asset = receipt.outcome.fee_asset};
}

bool has_same_nonce(const OutboxEntry& a, const OutboxEntry& b) {
  return a.order.sender == b.order.sender &&
         a.transaction.transaction.body.nonce == b.transaction.transaction.body.nonce;
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

bool is_in_flight(const std::vector<OutboxEntry>& entries, const OutboxEntry& refused) {
  return std::any_of(entries.begin(), entries.end(), [&](const OutboxEntry& entry) {
    return !entry.refused_code && has_same_nonce(entry, refused);
  });
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

base::Unexpected<Failure> request_expired(base::UnixMillis since) {
  return refused("request_expired",
                 "This payment was to be made before " + format_utc(since) + ". Nothing was paid.");
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

const OutboxEntry* find_refused(const std::vector<OutboxEntry>& entries,
                                const PaymentOrder& order) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const OutboxEntry& entry) {
    return entry.refused_code && entry.order == order;
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

Result<std::optional<OutboxEntry>> PaymentSender::applied_before(const PaymentOrder& order) {
  const auto entries = outbox_.entries();
  if (!entries) return base::Unexpected{entries.error()};
  std::optional<proto::AccountSnapshot> account;
  for (const auto& entry : *entries) {
    if (!entry.refused_code || entry.order.sender != order.sender) continue;
    if (!account) {
      auto answer = node_.account({.account = order.sender, .with_proof = false});
      if (!answer) return node_failed(answer.error());
      account = *std::move(answer);
    }
    const auto& body = entry.transaction.transaction.body;
    const bool is_gone = is_nonce_gone(account->nonces.check(body.nonce));
    if (!is_gone && account->timestamp <= body.valid_until) continue;
    const auto known = review(entry);
    // Without a proof that its time is over, it shares its nonce with the next one all the same.
    if (!known && known.error().exit == ExitCode::kPending && !is_gone) continue;
    if (!known) return base::Unexpected{known.error()};
    if (known->finality && entry.order == order) return std::optional{entry};
    if (known->finality) {
      return fail(ExitCode::kRefused, "earlier_payment_applied",
                  "Payment " + id_text(entry.transaction.id) +
                      ", which a node had refused before, was applied after all. This command has "
                      "paid nothing.",
                  "peerpay resume, and then decide whether to repeat the command");
    }
    if (!known->end && is_gone) {  // the same node proves that it is not
      return still_pending(entry, "It was refused, and yet its nonce seems to be used.");
    }
  }
  return std::optional<OutboxEntry>{};
}

Result<PreparedPayment> PaymentSender::prepare(const PaymentOrder& order, base::Duration validity,
                                               std::optional<base::UnixMillis> latest) {
  const auto entries = outbox_.entries();
  if (!entries) return base::Unexpected{entries.error()};
  const auto account = node_.account({.account = order.sender, .with_proof = false});
  if (!account) return node_failed(account.error());
  if (!account->exists) {
    return refused(ledger::code(TransactionResult::kSenderUnknown),
                   ledger::sentence(TransactionResult::kSenderUnknown));
  }

  auto nonce = free_nonce(*entries, order.sender, account->nonces);
  const auto* refused_before = find_refused(*entries, order);
  // With any other nonce, both attempts at this order could be applied.
  if (refused_before != nullptr) {
    nonce = refused_before->transaction.transaction.body.nonce;
    if (is_nonce_gone(account->nonces.check(*nonce))) {
      return still_pending(*refused_before, "It was refused, and yet its nonce seems to be used.");
    }
    if (is_in_flight(*entries, *refused_before)) {
      return still_pending(*refused_before,
                           "It was refused, and another payment under way shares its nonce: at "
                           "most one of the two will be applied.");
    }
  }
  if (!nonce) {
    return fail(ExitCode::kError, "too_many_in_flight",
                "Too many payments of this account are in flight.", "peerpay resume");
  }
  const auto wall = pace_.now().wall;
  if (latest && std::max(wall, account->timestamp) >= *latest) {
    return refused_before == nullptr
               ? request_expired(*latest)
               : still_pending(*refused_before, "It was refused, and the request is over.");
  }
  const auto valid_until = std::min(valid_until_after(wall, account->timestamp, validity),
                                    latest.value_or(base::UnixMillis{UINT64_MAX}));
  auto built =
      build_payment(network_.genesis, order, {.nonce = *nonce, .valid_until = valid_until});
  if (!built) {  // by the arguments and the genesis alone
    return fail(ExitCode::kUsage, std::string{ledger::code(built.error())},
                std::string{ledger::sentence(built.error())},
                built.error() == TransactionResult::kPayeeIsSender
                    ? "--from NAME pays from another account: peerpay keys ls"
                    : "");
  }
  const auto balance = balance_of(*account, order.asset);
  if (!is_covered(*built, balance)) return not_covered(network_.genesis, *built, balance);
  return PreparedPayment{.transaction = *std::move(built), .balance = balance};
}

Result<OutboxEntry> PaymentSender::record(ledger::SealedTransaction transaction) {
  auto order = order_of(transaction.transaction.body);
  PEERPAY_CHECK(order.has_value(), "prepare() makes payments only");
  OutboxEntry entry{.transaction = std::move(transaction),
                    .order = *std::move(order),
                    .created = pace_.now().wall,
                    .refused_code = std::nullopt};
  if (const auto added = outbox_.add(entry); !added) return base::Unexpected{added.error()};
  return entry;
}

Answer<proto::TransactionStatus> PaymentSender::ask(const OutboxEntry& entry, Run& run) {
  const auto left_ms = (run.deadline - pace_.now().monotonic).milliseconds();
  const auto wait_ms =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(left_ms, 0, kWaitPerCallMs));
  const auto& body = entry.transaction.transaction.body;
  // A submission does not wait: what it is answered with is then about admission alone, and a
  // refusal means that this node passed nothing on.
  auto answer =
      run.is_admitted
          ? node_.wait_for_final(
                {.id = entry.transaction.id, .valid_until = body.valid_until, .wait_ms = wait_ms})
          : node_.submit(
                {.transaction = entry.transaction.bytes, .chain = network_.chain, .wait_ms = 0});
  if (answer && answer->id != entry.transaction.id) {
    return base::Unexpected{NodeError{NodeFault::kMalformed, "answer_mismatch",
                                      "The node answered about another payment."}};
  }
  return answer;
}

Result<FinalPayment> PaymentSender::finish(const OutboxEntry& entry, Attempt attempt,
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
    if (answer->finality) return end_final(entry, run, *answer->finality);
    const bool is_over = is_claimed_over(*answer);
    if (is_over) {
      const auto proved = prove(entry);
      if (proved && *proved) return end_proved(entry, run, **proved);
    } else if (answer->state == TransactionState::kRejected && !is_try_again(*answer)) {
      // Elsewhere it may be applied meanwhile, which the same bytes find out here.
      const bool is_open = run.may_be_elsewhere && !is_for_ever(*answer) && now < run.deadline;
      if (!is_open) return end_refused(entry, run, *answer);
    }
    const bool was_admitted =
        std::exchange(run.is_admitted, answer->state == TransactionState::kPending);
    run.may_be_elsewhere = run.may_be_elsewhere || run.is_admitted || is_over;
    if (now >= run.deadline) {
      return still_pending(entry, is_over ? "The node says that it ended, and does not prove it."
                                          : "No block holds it so far.");
    }
    if (run.is_admitted && !was_admitted) continue;  // wait_for_final does the waiting
    pace_.sleep(kPause);
  }
}

Answer<std::optional<ProvedEnd>> PaymentSender::prove(const OutboxEntry& entry) {
  const auto& body = entry.transaction.transaction.body;
  return prove_end(node_, network_, entry.transaction,
                   [&] { return outbox_.final_with_nonce(body.sender, body.nonce); });
}

Result<PaymentSender::Review> PaymentSender::review(const OutboxEntry& entry) {
  const auto& id = entry.transaction.id;
  const auto status = node_.transaction(
      {.id = id, .valid_until = entry.transaction.transaction.body.valid_until, .wait_ms = 0});
  if (!status) return still_pending(entry, status.error().message);
  if (status->id == id && status->finality) return Review{PaymentEnd::kFinal, status->finality};
  const auto proved = prove(entry);
  if (!proved) return still_pending(entry, proved.error().message);
  if (!*proved) return Review{};
  const auto& user = (*proved)->nonce_user;
  if (user && user->id == id) return Review{PaymentEnd::kFinal, finality_of(*user)};
  const EndNote note{.end = user ? PaymentEnd::kReplaced : PaymentEnd::kExpired,
                     .code = user ? "" : "expired",
                     .height = {}};
  if (const auto settled = outbox_.settle(entry, note); !settled) {
    return base::Unexpected{settled.error()};
  }
  return Review{note.end, std::nullopt};
}

FinalPayment PaymentSender::end_final(const OutboxEntry& entry, const Run& run,
                                      const proto::Finality& finality) const {
  return FinalPayment{entry, finality, pace_.now().monotonic - run.start};
}

Result<FinalPayment> PaymentSender::end_proved(const OutboxEntry& entry, const Run& run,
                                               const ProvedEnd& proved) {
  if (!proved.nonce_user) return end_expired(entry);
  if (proved.nonce_user->id == entry.transaction.id) {
    return end_final(entry, run, finality_of(*proved.nonce_user));
  }
  return end_displaced(entry, proved.nonce_user->id);
}

Result<FinalPayment> PaymentSender::end_expired(const OutboxEntry& entry) {
  const auto settled =
      outbox_.settle(entry, {.end = PaymentEnd::kExpired, .code = "expired", .height = {}});
  if (!settled) return base::Unexpected{settled.error()};
  return fail(ExitCode::kExpired, "expired",
              "Payment " + id_text(entry.transaction.id) +
                  " expired: it was never applied, and never can be.",
              "the same command makes a new payment");
}

Result<FinalPayment> PaymentSender::end_displaced(const OutboxEntry& entry,
                                                  const ledger::TransactionId& by) {
  const std::string code{ledger::code(TransactionResult::kNonceUsed)};
  const auto entries = outbox_.entries();
  if (!entries) return base::Unexpected{entries.error()};
  const auto settled =
      outbox_.settle(entry, {.end = PaymentEnd::kRefused, .code = code, .height = {}});
  if (!settled) return base::Unexpected{settled.error()};
  const bool was_refused = std::any_of(
      entries->begin(), entries->end(),
      [&](const OutboxEntry& other) { return other.refused_code && other.transaction.id == by; });
  if (was_refused) {
    return fail(ExitCode::kRefused, "earlier_payment_applied",
                "Payment " + id_text(by) +
                    ", which a node had refused before, was applied after all; this one was not, "
                    "and never can be.",
                "peerpay resume, and then decide whether to repeat the command");
  }
  return fail(ExitCode::kRefused, code,
              "Payment " + id_text(by) + " took its place; this one can never be applied.",
              "peerpay history, before paying again");
}

Result<FinalPayment> PaymentSender::end_refused(const OutboxEntry& entry, const Run& run,
                                                const proto::TransactionStatus& status) {
  if (run.may_be_elsewhere) {
    return still_pending(entry, "This node refuses it (" + code_of(status) +
                                    "), but an earlier attempt may still be applied.");
  }
  const auto marked = outbox_.mark_refused(entry, code_of(status));
  if (!marked) return base::Unexpected{marked.error()};
  return refused(code_of(status), sentence_of(status));
}

}  // namespace peerpay::wallet::cli
