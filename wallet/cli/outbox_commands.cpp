// peerpay resume and outbox.
#include <algorithm>
#include <utility>

#include "wallet/cli/commands.h"
#include "wallet/cli/outbox.h"
#include "wallet/cli/paying.h"
#include "wallet/cli/payment_sender.h"

namespace peerpay::wallet::cli {
namespace {

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

// The one limit of all payments. Past it each is asked about once, which tells those that have
// ended; but not of a node that does not answer, where every question takes long.
class ResumeLimit {
 public:
  explicit ResumeLimit(base::Duration wait) : deadline_{real_pace().now().monotonic + wait} {}
  [[nodiscard]] base::Duration left() const {
    return std::max(deadline_ - real_pace().now().monotonic, base::Duration{});
  }
  [[nodiscard]] bool is_long_over() const {
    return real_pace().now().monotonic >= deadline_ + base::seconds(5);
  }

 private:
  base::TimePoint deadline_;
};

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

Failure not_asked(const OutboxEntry& entry) {
  return {.exit = ExitCode::kPending,
          .code = "pending",
          .message = "Payment " + base::to_hex(entry.transaction.id.view()) +
                     " was not asked about: the node is slow, and the time is over.",
          .next = "peerpay resume --wait 2m"};
}

void resume_refused(PaymentSender& sender, Sending& sending, const OutboxEntry& entry,
                    const ResumeLimit& limit, ResumeTally& tally) {
  if (limit.is_long_over()) return add_failure(tally, entry, "pending", not_asked(entry));
  const auto known = sender.review(entry);
  // That it was refused before is no news of it; and whether it was applied since is open.
  if (!known) return add_failure(tally, entry, known.error().code, known.error());
  if (known->finality) {
    sending.finals.push_back({entry, *known->finality, {}});
    const auto& paid = sending.finals.back();
    tally.results.push_back(paid_json(sending.network, paid));
    tally.text += paid_text(sending.network, paid, PaymentSender::Attempt::kResumed);
    return;
  }
  const auto failure = known->end ? closed(entry, *known->end) : refused_before(entry);
  add_failure(tally, entry, failure.code, failure);
}

void resume_pending(const Context& context, PaymentSender& sender, Sending& sending,
                    const OutboxEntry& entry, const ResumeLimit& limit, ResumeTally& tally) {
  const auto one = limit.is_long_over() ? CommandResult{base::Unexpected{not_asked(entry)}}
                                        : resume_one(context, sender, sending, entry, limit.left());
  if (!one) return add_failure(tally, entry, one.error().code, one.error());
  tally.results.push_back(one->json);
  tally.text += one->text;
}

// While others are still waited for.
void tell_state(const Context& context, const ResumeTally& tally) {
  const auto& last = tally.results.back();
  context.console.message("payment " + last.member_text("id").value_or(std::string{}) + ": " +
                          last.member_text("state").value_or(std::string{}));
}

}  // namespace

CommandResult run_resume(const Context& context, const ResumeArguments& arguments) {
  auto network = pinned_network(context);
  if (!network) return base::Unexpected{network.error()};
  const auto begun = begin_sending(context, *std::move(network));
  if (!begun) return base::Unexpected{begun.error()};
  const auto& sending = *begun;
  auto entries = sending->outbox.entries();
  if (!entries) return base::Unexpected{entries.error()};
  // What was refused comes last: a payment that ends now may have its nonce.
  std::stable_partition(entries->begin(), entries->end(),
                        [](const OutboxEntry& entry) { return !entry.refused_code; });
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
  const ResumeLimit limit{arguments.wait};
  for (const auto& entry : *entries) {
    if (entry.refused_code) {
      resume_refused(sender, *sending, entry, limit, tally);
    } else {
      resume_pending(context, sender, *sending, entry, limit, tally);
    }
    tell_state(context, tally);
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
