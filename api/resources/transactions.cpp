#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "api/resources/fields.h"
#include "api/resources/ledger_objects.h"
#include "api/resources/ledger_resources.h"
#include "base/base64.h"
#include "ledger/apply.h"
#include "ledger/limits.h"

namespace peerpay::api {
namespace {

constexpr std::uint32_t kWaitSecondsMax = 30;
// In base 64 (4 characters for 3 bytes), with a member's name and room for spaces.
static_assert(kTransactionBodyBytesMax >= (ledger::kSignedTransactionBytesMax + 2) / 3 * 4 + 1'024,
              "every legal transaction fits a body");
// After an outcome was told, accounts and invoices are read as of its block.
constexpr base::Duration kCatchUpPatience = base::seconds(2);
// A node stores blocks before it sends them, but an address may stand for several nodes.
constexpr int kDetailsTries = 5;
constexpr std::chrono::milliseconds kDetailsPause{100};

base::Expected<ledger::TransactionId, Problem> parse_id(const Exchange& exchange) {
  const auto id = base::fixed_from_hex<ledger::TransactionId>(exchange.call.parameter("id"));
  if (id) return *id;
  return refuse("not_found", "The id of a transaction is 64 hexadecimal digits.");
}

// RFC 7240: a preference that is not understood is ignored. Seconds; 0 without "wait".
std::uint32_t preferred_wait_s(const http::Request& request) {
  const auto header = request.header("Prefer");
  if (!header) return 0;
  constexpr std::string_view kWait = "wait=";
  std::string_view rest = *header;
  while (!rest.empty()) {
    const auto end = std::min(rest.find_first_of(",;"), rest.size());
    auto preference = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (!preference.empty() && preference.front() == ' ') preference.remove_prefix(1);
    if (!preference.starts_with(kWait)) continue;
    preference.remove_prefix(kWait.size());
    std::uint32_t seconds = 0;
    const auto* last = preference.data() + preference.size();
    const auto parsed = std::from_chars(preference.data(), last, seconds);
    if (parsed.ec == std::errc{} && parsed.ptr == last) return std::min(seconds, kWaitSecondsMax);
  }
  return 0;
}

using Clock = std::chrono::steady_clock;

base::Duration left_of(std::uint32_t wait_s, Clock::time_point since) {
  const auto passed =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - since).count();
  return std::max(base::milliseconds(std::int64_t{wait_s} * 1'000 - passed), base::Duration{});
}

bool has_ended(proto::TransactionState state) {
  using enum proto::TransactionState;
  return state == kFinal || state == kRejected || state == kExpired;
}

class TransactionResource {
 public:
  explicit TransactionResource(Services& services) : services_{services} {}

  Task<Outcome> submit(Exchange& exchange) const {
    const auto asked_at = Clock::now();
    auto sealed = read_envelope(exchange.body);
    if (!sealed) co_return base::Unexpected{sealed.error()};
    if (auto problem = forgery(*sealed)) co_return base::Unexpected{*std::move(problem)};
    if (const auto refused = services_.node.refusal()) {
      co_return base::Unexpected{problem_of(*refused, "")};
    }
    if (!services_.node.is_connected()) {
      co_return base::Unexpected{problem_of({proto::NodeFault::kUnreachable, "", ""}, "")};
    }
    const auto wait_s = preferred_wait_s(exchange.call.request);
    if (wait_s > 0) co_return co_await submit_and_wait(*sealed, wait_s, asked_at);
    const auto status = co_await admitted(*sealed);
    co_return reply_of(status);
  }

  Task<Outcome> get(Exchange& exchange) const {
    const auto id = parse_id(exchange);
    if (!id) co_return base::Unexpected{id.error()};
    const proto::TransactionQuery query{.id = *id, .valid_until = std::nullopt};
    const auto status = co_await asked(query);
    if (!status) co_return base::Unexpected{problem_of(status.error(), "transaction")};
    if (status->state == proto::TransactionState::kUnknown) {
      co_return refuse("not_found",
                       "The node does not have this transaction. Sending the same bytes again is "
                       "always safe.");
    }
    co_return Reply{.body = transaction_json(services_.network.genesis, *status)};
  }

  Task<Outcome> receipt(Exchange& exchange) const {
    const auto id = parse_id(exchange);
    if (!id) co_return base::Unexpected{id.error()};
    const auto receipt = co_await services_.node.receipt(*id);
    if (!receipt) {
      auto problem = co_await without_receipt(*id, receipt.error());
      co_return base::Unexpected{std::move(problem)};
    }
    constexpr std::string_view kBytes = "application/octet-stream";
    if (accepts_rather(exchange.call.request, kBytes, "application/json")) {
      co_return Reply{.content_type = std::string{kBytes}, .content = base::to_text(*receipt)};
    }
    co_return Reply{
        .body = Json::Object{
            {"object", "receipt"},
            {"transaction", base::to_hex(id->view())},
            {"receipt", base::base64_encode(*receipt, base::Base64Padding::kRequired)}}};
  }

 private:
  base::Expected<ledger::SealedTransaction, Problem> read_envelope(const Json& body) const {
    Fields fields{body};
    const auto text = fields.required_text("envelope");
    const auto bytes = base::base64_decode(text, base::Base64Padding::kRequired);
    if (!text.empty() && !bytes) {
      fields.fail("/envelope", "base64_malformed",
                  "Padded base 64 (RFC 4648) of the signed transaction is expected.");
    }
    if (auto problem = fields.problem()) return base::Unexpected{*std::move(problem)};
    auto sealed = ledger::seal(services_.network.chain, *bytes);
    if (sealed) return *std::move(sealed);
    return refuse(
        ledger::code(ledger::TransactionResult::kMalformed),
        "The envelope is no signed transaction: " + std::string{base::sentence(sealed.error())});
  }

  // A node cuts off whoever sends it wrong signatures (wire.md section 3), and this gateway sends
  // it what anyone signed: so it refuses those that the node would refuse for that, as the node
  // does.
  std::optional<Problem> forgery(const ledger::SealedTransaction& sealed) const {
    using enum ledger::TransactionResult;
    if (ledger::check_static(sealed) != kApplied) return std::nullopt;
    if (ledger::check_genesis(services_.network.genesis, sealed) != kApplied) return std::nullopt;
    if (ledger::verify_signatures(sealed) != kSignatureInvalid) return std::nullopt;
    proto::TransactionStatus status;
    status.id = sealed.id;
    status.state = proto::TransactionState::kRejected;
    status.result = kSignatureInvalid;
    status.message = ledger::sentence(kSignatureInvalid);
    return refusal_of(status);
  }

  // A transaction without a receipt may still get one.
  Task<Problem> without_receipt(const ledger::TransactionId& id, proto::NodeError error) const {
    if (error.fault == proto::NodeFault::kNotFound) {
      const proto::TransactionQuery query{.id = id, .valid_until = std::nullopt};
      const auto status = co_await asked(query);
      if (status && status->state != proto::TransactionState::kUnknown) {
        co_return make_problem("not_final_yet", "A receipt exists once the transaction is final.");
      }
    }
    co_return problem_of(error, "receipt");
  }

  // The status of another transaction is no answer.
  Task<Answer<proto::TransactionStatus>> asked(proto::TransactionQuery query) const {
    auto status = co_await services_.node.transaction(query);
    if (!status || status->id == query.id) co_return status;
    co_return base::Unexpected{proto::NodeError{proto::NodeFault::kMalformed, "answer_malformed",
                                                "The node answers for another transaction."}};
  }

  // What cannot be known is told as unknown, never as a failure: it may have been passed on.
  Task<proto::TransactionStatus> admitted(const ledger::SealedTransaction& sealed) const {
    auto status = co_await services_.node.submit(sealed.bytes);
    if (!status || status->id != sealed.id) {
      co_return unknown_outcome(sealed,
                                "The node did not answer: it may have the transaction. Send the "
                                "same bytes again, or ask for its id.");
    }
    if (status->transaction.empty()) status->transaction = sealed.bytes;
    co_return *std::move(status);
  }

  static proto::TransactionStatus unknown_outcome(const ledger::SealedTransaction& sealed,
                                                  const char* message) {
    proto::TransactionStatus unknown;
    unknown.id = sealed.id;
    unknown.code = "outcome_unknown";
    unknown.message = message;
    unknown.transaction = sealed.bytes;
    return unknown;
  }

  // Watches before it submits: the block may be there before the node's answer is. The wait counts
  // from the request (RFC 7240 section 4.3), so what the node took to admit it is a part of it.
  Task<Outcome> submit_and_wait(const ledger::SealedTransaction& sealed, std::uint32_t wait_s,
                                Clock::time_point asked_at) const {
    FinalityWatch::Waiter waiter{services_.finality, sealed.id,
                                 sealed.transaction.body.valid_until};
    auto status = co_await admitted(sealed);
    if (status.state == proto::TransactionState::kPending && waiter.is_watching()) {
      const bool is_settled = co_await waiter.settled(left_of(wait_s, asked_at));
      status = co_await outcome(sealed, std::move(status), is_settled);
    }
    auto reply = reply_of(status);
    if (reply && waiter.is_watching()) {
      reply->headers.emplace_back("Preference-Applied", "wait=" + std::to_string(wait_s));
    }
    co_return reply;
  }

  Task<proto::TransactionStatus> outcome(const ledger::SealedTransaction& sealed,
                                         proto::TransactionStatus pending, bool is_settled) const {
    auto status = co_await details(sealed, is_settled ? kDetailsTries : 1);
    if (!status) co_return pending;
    if (status->state == proto::TransactionState::kUnknown) {
      co_return unknown_outcome(sealed,
                                "The node does not have the transaction any more. Send the same "
                                "bytes again, or ask for its id.");
    }
    if (status->finality) {
      (void)co_await services_.follower.reach(status->finality->height, kCatchUpPatience);
    }
    if (status->transaction.empty()) status->transaction = sealed.bytes;
    co_return *std::move(status);
  }

  // What the node knows now; asked again while it does not know how it ended.
  Task<Answer<proto::TransactionStatus>> details(const ledger::SealedTransaction& sealed,
                                                 int tries) const {
    const proto::TransactionQuery query{.id = sealed.id,
                                        .valid_until = sealed.transaction.body.valid_until};
    auto status = co_await asked(query);
    boost::asio::steady_timer pause{co_await boost::asio::this_coro::executor};
    for (int i = 1; i < tries && status && !has_ended(status->state); ++i) {
      pause.expires_after(kDetailsPause);
      co_await pause.async_wait(boost::asio::use_awaitable);
      status = co_await asked(query);
    }
    co_return status;
  }

  Outcome reply_of(const proto::TransactionStatus& status) const {
    using enum proto::TransactionState;
    if (status.state == kRejected) return base::Unexpected{refusal_of(status)};
    const auto body = transaction_json(services_.network.genesis, status);
    const bool is_known = status.state == kFinal || status.state == kExpired;
    return Reply{.status = static_cast<std::uint16_t>(is_known ? 200 : 202),
                 .body = body,
                 .headers = {{"Location", "/v1/transactions/" + base::to_hex(status.id.view())}}};
  }

  Services& services_;
};

}  // namespace

void add_transactions(Operations& operations) {
  const TransactionResource resource{operations.services()};
  operations.post(kTransactionsPath, Scope::kTransactionsWrite, Replay::kDoneAgain,
                  [resource](Exchange& exchange) { return resource.submit(exchange); });
  operations.get("/v1/transactions/{id}", std::nullopt, {},
                 [resource](Exchange& exchange) { return resource.get(exchange); });
  operations.get("/v1/transactions/{id}/receipt", std::nullopt, {},
                 [resource](Exchange& exchange) { return resource.receipt(exchange); });
}

}  // namespace peerpay::api
