#include "wallet/cli/request_watch.h"

#include <string>
#include <string_view>
#include <utility>

#include "ledger/transaction.h"
#include "wallet/cli/receipt_check.h"
#include "wallet/text.h"

namespace peerpay::wallet::cli {
namespace {

constexpr base::Duration kPause = base::milliseconds(500);
// A ledger that works makes a block every ten seconds at least, so it must have told of the end of
// a request by then.
constexpr base::Duration kSilenceMax = base::seconds(60);
// Newest first: up to 3,200 payments that are newer than the one that is looked for.
constexpr int kHistoryPagesMax = 16;

base::Duration until(base::UnixMillis now, base::UnixMillis end) {
  return base::milliseconds(static_cast<std::int64_t>(end.value) -
                            static_cast<std::int64_t>(now.value));
}

constexpr std::string_view kWaitOn = "the same command with the same --ref waits on";

base::Unexpected<Failure> not_paid_yet(base::UnixMillis expires_at) {
  return fail(ExitCode::kPending, "unpaid",
              "The request is not paid so far; it is open until " + format_utc(expires_at) + ".",
              std::string{kWaitOn});
}

base::Unexpected<Failure> not_known(const NodeError& error) {
  return fail(ExitCode::kPending, "unknown",
              "Whether the request is paid is not known. " + error.message, std::string{kWaitOn});
}

bool is_end(const Result<ReceivedPayment>& known) {
  return known.has_value() || known.error().exit != ExitCode::kPending;
}

}  // namespace

Result<ReceivedPayment> RequestWatch::await(std::optional<base::Duration> wait) {
  const auto start = pace_.now();
  const auto deadline =
      start.monotonic + wait.value_or(until(start.wall, request_.expires_at) + kSilenceMax);
  while (true) {
    auto known = look();
    if (is_end(known)) return known;
    if (pace_.now().monotonic >= deadline) return known;
    pace_.sleep(kPause);
  }
}

Result<ReceivedPayment> RequestWatch::look() {
  const auto account = node_.account({.account = request_.payee.account, .with_proof = false});
  if (!account) return not_known(account.error());
  if (searched_ != account->height) {
    const auto found = search();
    if (!found) return not_known(found.error());
    if (*found) return **found;
    searched_ = account->height;
  }
  if (account->timestamp <= request_.expires_at) return not_paid_yet(request_.expires_at);
  return fail(ExitCode::kExpired, "expired_unpaid",
              "The request expired unpaid, as this node says.",
              "a payment that came too late is in: peerpay history");
}

Answer<std::optional<ReceivedPayment>> RequestWatch::search() const {
  proto::HistoryQuery query{
      .account = request_.payee.account, .cursor = {}, .limit = proto::kHistoryLimitMax};
  for (int page = 0; page < kHistoryPagesMax; ++page) {
    const auto answer = node_.history(query);
    if (!answer) return base::Unexpected{answer.error()};
    for (const auto& entry : answer->entries) {
      if (searched_ && entry.height <= *searched_) return std::optional<ReceivedPayment>{};
      const auto transaction = ledger::decode_signed_transaction(entry.transaction);
      if (!transaction || !answer_in(transaction->body)) continue;
      const auto payment = proved(entry.id);
      if (!payment) {
        return base::Unexpected{NodeError{NodeFault::kMalformed, "proof_missing",
                                          "The node tells of a payment and does not prove it."}};
      }
      if (payment->block_timestamp <= request_.expires_at) return payment;
    }
    if (answer->next_cursor.empty()) return std::optional<ReceivedPayment>{};
    query.cursor = answer->next_cursor;
  }
  if (!searched_) return std::optional<ReceivedPayment>{};
  return base::Unexpected{NodeError{NodeFault::kBusy, "history_too_long",
                                    "More payments came at once than could be looked through."}};
}

std::optional<ReceivedPayment> RequestWatch::proved(const ledger::TransactionId& id) const {
  const auto bytes = node_.receipt(id);
  if (!bytes) return std::nullopt;
  const auto checked = check_whole_receipt(network_, *bytes);
  if (!checked || checked->id != id) return std::nullopt;
  auto payment = answer_in(checked->receipt.transaction.body);
  if (!payment) return std::nullopt;
  payment->id = id;
  payment->height = checked->receipt.chain.front().height;
  payment->index = checked->receipt.index;
  payment->block_timestamp = checked->receipt.chain.front().timestamp;
  return payment;
}

std::optional<ReceivedPayment> RequestWatch::answer_in(const ledger::Transaction& body) const {
  for (const auto& operation : body.operations) {
    const auto& pay = std::get<ledger::Pay>(operation);
    const ledger::Address payee{pay.payee, pay.tag};
    if (payee == request_.payee && pay.asset == request_.asset && pay.amount >= request_.amount &&
        pay.reference == request_.reference) {
      return ReceivedPayment{.id = {},
                             .payer = body.sender,
                             .amount = pay.amount,
                             .height = {},
                             .index = 0,
                             .block_timestamp = {}};
    }
  }
  return std::nullopt;
}

}  // namespace peerpay::wallet::cli
