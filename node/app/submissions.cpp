#include "node/app/submissions.h"

#include <algorithm>
#include <utility>

#include "ledger/apply.h"
#include "node/app/finality.h"
#include "node/net/forgery_watch.h"

namespace peerpay::app {
namespace {

// A token is a group's number and a position in it.
constexpr unsigned kPositionBits = 16;
static_assert(proto::kBatchSubmissionsMax < (1U << kPositionBits));

std::size_t parts_of(std::size_t count) { return (count + kJobChecksMax - 1) / kJobChecksMax; }

proto::TransactionStatus pending_status(const ledger::TransactionId& id) {
  proto::TransactionStatus out;
  out.id = id;
  out.state = proto::TransactionState::kPending;
  return out;
}

proto::TransactionStatus status_of(const node::SubmissionReply& reply) {
  switch (reply.admission) {
    case node::Admission::kAdmitted:
    case node::Admission::kAlreadyPending: return pending_status(reply.id);
    case node::Admission::kPoolFull:
      return policy_status(
          reply.id, "pool_full",
          "This node has too many waiting payments: send the same bytes again later.");
    case node::Admission::kSenderShareFull:
      return policy_status(
          reply.id, "account_share_full",
          "Too many payments of its sender or sponsor wait here: send the same bytes again "
          "later.");
    case node::Admission::kExpiryTooFar:
      return policy_status(reply.id, "expiry_too_far",
                           "This payment expires more than 7 days from now, and this node does not "
                           "keep it for so long: send the same bytes again later.");
    case node::Admission::kRefused: return refused_status(reply.id, reply.result);
  }
  PEERPAY_UNREACHABLE("every admission has a status");
}

// What the core refuses because it happened before, or because its time is over, may have been
// applied.
bool may_have_been_applied(const node::SubmissionReply& reply) {
  using ledger::TransactionResult;
  return reply.admission == node::Admission::kRefused &&
         (reply.result == TransactionResult::kNonceUsed ||
          reply.result == TransactionResult::kNonceTooOld ||
          reply.result == TransactionResult::kExpired);
}

constexpr std::string_view kAmongForgeries =
    "It came together with too many payments whose signatures are wrong: send the same bytes again "
    "apart from them.";
constexpr std::string_view kWaitedTooLong =
    "This node has been given more payments than the network can order: send the same bytes again "
    "later.";

}  // namespace

Submissions::Submissions(Ingress& ingress, WorkerPool& pool, Ports ports)
    : ingress_{ingress}, pool_{pool}, ports_{std::move(ports)} {}

void Submissions::submit(const net::Caller& caller, std::vector<proto::Submission> submissions,
                         Done done) {
  Usage usage{.count = submissions.size()};
  for (const auto& submission : submissions) usage.bytes += submission.transaction.size();
  if (!enter(caller.host, usage)) {
    return done(base::Unexpected{
        net::QueryError{net::QueryFailure::kBusy, "node_busy",
                        "This node has too many submissions at once: try again later."}});
  }
  auto group = std::make_shared<Group>();
  group->caller = caller;
  group->check_until = ports_.now() + kCheckWaitMax;
  group->submissions = std::move(submissions);
  group->statuses.resize(usage.count);
  group->valid_until.resize(usage.count);
  group->unanswered = usage.count;
  group->bytes = usage.bytes;
  group->done = std::move(done);
  if (usage.count == 0) return finish(group);
  {
    const std::lock_guard lock{mutex_};
    group->number = group_next_++;
    groups_.emplace(group->number, group);
  }
  for (std::size_t part = 0; part < parts_of(usage.count); ++part) {
    pool_.post_payments(caller, [this, group, part] { check_part(group, part); });
  }
}

bool Submissions::enter(const std::string& host, const Usage& usage) {
  const std::lock_guard lock{mutex_};
  const auto found = waiting_of_.find(host);
  const auto own = found == waiting_of_.end() ? Usage{} : found->second;
  if (own.count + usage.count > kSubmissionsWaitingMax - waiting_.count) return false;
  if (own.bytes + usage.bytes > kSubmissionBytesWaitingMax - waiting_.bytes) return false;
  waiting_.count += usage.count;
  waiting_.bytes += usage.bytes;
  waiting_of_[host] = {own.count + usage.count, own.bytes + usage.bytes};
  return true;
}

// The core gets each part as soon as it is checked, so that it knows what is ready however many
// parts of however many groups take turns.
void Submissions::check_part(const GroupPtr& group, std::size_t part) {
  node::TransactionsSubmitted valid;
  const std::size_t begin = part * kJobChecksMax;
  const std::size_t end = std::min(group->submissions.size(), begin + kJobChecksMax);
  for (std::size_t i = begin; i < end; ++i) {
    auto checked = check(*group, std::move(group->submissions[i]));
    if (checked.result == ledger::TransactionResult::kApplied) {
      group->valid_until[i] = checked.transaction.transaction.body.valid_until;
      valid.submissions.push_back(
          {group->number << kPositionBits | i, std::move(checked.transaction)});
    } else {
      group->statuses[i] = refused_unseen(checked);
    }
  }
  const std::size_t refused = end - begin - valid.submissions.size();
  if (!valid.submissions.empty()) ports_.post(std::move(valid));
  if (refused > 0) answered(group, refused);
}

Submissions::Checked Submissions::check(Group& group, proto::Submission submission) {
  Checked out;
  if (submission.chain && *submission.chain != ingress_.chain()) {
    out.result = ledger::TransactionResult::kChainIdWrong;
    return out;
  }
  auto sealed = ledger::seal(ingress_.chain(), std::move(submission.transaction));
  if (!sealed) {
    out.result = ledger::TransactionResult::kMalformed;
    out.detail = base::sentence(sealed.error());
    return out;
  }
  out.transaction = std::move(*sealed);
  if (group.forgeries > net::kForgeriesBurst) out.not_looked_at = kAmongForgeries;
  if (ports_.now() > group.check_until) out.not_looked_at = kWaitedTooLong;
  if (!out.not_looked_at.empty()) return out;
  out.result = ingress_.check(out.transaction);
  if (out.result == ledger::TransactionResult::kSignatureInvalid) ++group.forgeries;
  return out;
}

proto::TransactionStatus Submissions::refused_unseen(const Checked& checked) {
  if (!checked.result)
    return policy_status(checked.transaction.id, "node_busy", checked.not_looked_at);
  auto out = refused_status(checked.transaction.id, *checked.result);
  if (!checked.detail.empty()) out.message += " " + checked.detail;
  return out;
}

void Submissions::reply(const node::SubmissionReply& reply) {
  const auto number = reply.token >> kPositionBits;
  const auto position = reply.token & ((1U << kPositionBits) - 1);
  GroupPtr group;
  {
    const std::lock_guard lock{mutex_};
    group = groups_.at(number);
    group->statuses[position] = status_of(reply);
    if (may_have_been_applied(reply)) group->to_look_up.push_back(position);
  }
  answered(group, 1);
}

// So many of the group have their status.
void Submissions::answered(const GroupPtr& group, std::size_t count) {
  {
    const std::lock_guard lock{mutex_};
    group->unanswered -= count;
    if (group->unanswered > 0) return;
    groups_.erase(group->number);
  }
  if (group->to_look_up.empty()) return finish(group);
  look_up_all(group);
}

// The core is asked before the store: what it no longer holds when it answers has been applied and
// can be found, or will never be.
void Submissions::look_up_all(GroupPtr group) {
  Ids ids;
  for (const auto i : group->to_look_up) ids.insert(group->statuses[i].id);
  ports_.find_pending(std::move(ids), [this, group = std::move(group)](const Ids& pending) {
    pool_.post(group->caller, [this, group, pending] {
      look_up(*group, pending);
      finish(group);
    });
  });
}

void Submissions::look_up(Group& group, const Ids& pending) {
  for (const auto i : group.to_look_up) {
    auto& status = group.statuses[i];
    if (pending.contains(status.id)) {
      status = pending_status(status.id);
      continue;
    }
    auto found = ports_.look_up({status.id, group.valid_until[i], 0});
    if (!found) {
      // It may have been applied: nothing is claimed that could make the payer pay anew.
      status = policy_status(status.id, found.error().code, found.error().sentence);
    } else if (found->state != proto::TransactionState::kUnknown) {
      status = std::move(*found);
    } else if (status.state == proto::TransactionState::kExpired) {
      // By the ledger's time it is not: another node may still have it applied.
      status = policy_status(
          status.id, "late_by_this_clock",
          "Its valid_until has passed by this node's clock but not yet by the ledger's, so it may "
          "still be applied: send the same bytes again until it is final or expired.");
    }
  }
}

void Submissions::finish(const GroupPtr& group) {
  {
    const std::lock_guard lock{mutex_};
    const auto own = waiting_of_.find(group->caller.host);
    for (auto* usage : {&waiting_, &own->second}) {
      usage->count -= group->statuses.size();
      usage->bytes -= group->bytes;
    }
    if (own->second.count == 0) waiting_of_.erase(own);
  }
  group->done(std::move(group->statuses));
}

}  // namespace peerpay::app
