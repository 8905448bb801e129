#include "node/net/submit_session.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace peerpay::net {
namespace {

constexpr std::size_t kGroupsWithNodeMax =
    4;  // so that the node has the next one when it is done with one
constexpr std::size_t kWrittenStatusesMax = 1024;
// That wait while the client does not read: then it is not read either.
constexpr std::size_t kOutboxStatusesMax = 4 * kWrittenStatusesMax;
static_assert(kWrittenStatusesMax <= proto::kStreamedStatusesMax);

// Every submission gets one status that is not kPending: its last.
bool is_last(const proto::StreamedStatus& streamed) {
  return streamed.status.state != proto::TransactionState::kPending;
}

bool is_refused_for_now(const proto::TransactionStatus& status) {
  return status.state == proto::TransactionState::kRejected &&
         status.retry == proto::Retry::kSameBytes;
}

// The node could not take a group: each of its submissions is refused for now.
std::vector<proto::TransactionStatus> refused(const QueryError& error, std::size_t count) {
  proto::TransactionStatus status;
  status.state = proto::TransactionState::kRejected;
  status.code = error.code;
  status.message = error.sentence;
  status.retry = proto::Retry::kSameBytes;
  return std::vector<proto::TransactionStatus>(count, status);
}

// What a submission takes beside its bytes, its status included.
constexpr std::size_t kSubmissionBytes = sizeof(proto::Submission) + sizeof(proto::StreamedStatus);

// What it takes until its last answer is written, beside the texts of its answers: that answer, and
// before it the places in the maps of those who follow it.
constexpr std::size_t kUnsettledBytes = sizeof(proto::StreamedStatus) + 256;

// What an answer takes that kUnsettledBytes does not count.
std::size_t bytes_beyond(const proto::StreamedStatus& streamed) {
  const auto texts = streamed.status.code.size() + streamed.status.message.size();
  return is_last(streamed) ? texts : texts + sizeof(streamed);
}

std::size_t bytes_of(const std::vector<proto::Submission>& submissions) {
  std::size_t bytes = 0;
  for (const auto& submission : submissions) bytes += submission.transaction.size();
  return bytes;
}

std::size_t memory_of(const std::vector<proto::Submission>& submissions) {
  return bytes_of(submissions) + submissions.size() * kSubmissionBytes;
}

}  // namespace

SubmitSession::SubmitSession(const SubmitLimits& limits, NodeBackend& backend, SubmitOutput& output,
                             Submitter submitter, CallTokens tokens)
    : tokens_{std::move(tokens)},
      submitter_{std::move(submitter)},
      limits_{limits},
      backend_{backend},
      output_{output} {}

void SubmitSession::start() {
  const std::scoped_lock lock{mutex_};
  read_locked();
}

void SubmitSession::on_read(std::vector<proto::Submission> submissions, BudgetShare share) {
  HandOvers groups;
  {
    const std::scoped_lock lock{mutex_};
    reading_ = false;
    if (closed_) return;
    const auto unsettled_bytes = submissions.size() * kUnsettledBytes;
    share.resize(memory_of(submissions) + unsettled_bytes);
    unsettled_share_.add(share.split(unsettled_bytes));
    gathered_share_.add(std::move(share));
    unanswered_ += submissions.size();
    unanswered_bytes_ += bytes_of(submissions);
    unsettled_ += submissions.size();
    std::move(submissions.begin(), submissions.end(), std::back_inserter(gathered_));
    groups = advance_locked();
  }
  hand_over(std::move(groups));
}

void SubmitSession::on_pause_end() {
  const std::scoped_lock lock{mutex_};
  reading_ = false;
  if (!closed_) read_locked();
}

std::size_t SubmitSession::bytes_held() const {
  const std::scoped_lock lock{mutex_};
  return gathered_share_.bytes() + bytes_with_node_ + unsettled_share_.bytes();
}

std::size_t SubmitSession::cost_of(std::size_t submissions, std::size_t bytes) {
  return bytes + submissions * (kSubmissionBytes + kUnsettledBytes);
}

void SubmitSession::on_read_end() {
  HandOvers groups;
  {
    const std::scoped_lock lock{mutex_};
    reading_ = false;
    read_ended_ = true;
    groups = advance_locked();
  }
  hand_over(std::move(groups));
}

void SubmitSession::on_written() {
  HandOvers groups;
  {
    const std::scoped_lock lock{mutex_};
    writing_ = false;
    bytes_in_write_ = 0;
    unsettled_ -= std::exchange(endings_in_write_, 0);
    groups = advance_locked();
  }
  hand_over(std::move(groups));
}

void SubmitSession::close() {
  // Let go of outside the lock.
  std::map<std::uint64_t, Group> groups;
  std::map<ledger::TransactionId, Followed> followed;
  std::deque<proto::Submission> gathered;
  std::deque<proto::StreamedStatus> outbox;
  BudgetShare gathered_share;
  BudgetShare unsettled_share;
  const std::scoped_lock lock{mutex_};
  closed_ = true;
  groups.swap(groups_);
  followed.swap(followed_);
  gathered.swap(gathered_);
  outbox.swap(outbox_);
  gathered_share = std::move(gathered_share_);
  unsettled_share = std::move(unsettled_share_);
}

SubmitSession::HandOvers SubmitSession::advance_locked() {
  if (closed_) return {};
  auto groups = group_locked();
  write_locked();
  charge_locked();
  read_locked();
  finish_locked();
  return groups;
}

void SubmitSession::put_out_locked(proto::StreamedStatus streamed) {
  streamed.status.transaction.clear();  // the client has it
  outbox_bytes_ += bytes_beyond(streamed);
  outbox_.push_back(std::move(streamed));
}

void SubmitSession::charge_locked() {
  unsettled_share_.resize(unsettled_ * kUnsettledBytes + outbox_bytes_ + bytes_in_write_);
}

SubmitSession::HandOvers SubmitSession::group_locked() {
  HandOvers groups;
  const auto due = [this] {
    if (gathered_.empty()) return false;
    if (groups_with_node_ == 0) return true;
    return gathered_.size() >= limits_.group_submissions_max &&
           groups_with_node_ < kGroupsWithNodeMax;
  };
  while (due()) {
    const auto size = std::min(gathered_.size(), limits_.group_submissions_max);
    const auto end = gathered_.begin() + static_cast<std::ptrdiff_t>(size);
    HandOver group{
        .first = position_next_,
        .submissions = {std::make_move_iterator(gathered_.begin()), std::make_move_iterator(end)},
        .share = {}};
    group.share = gathered_share_.split(memory_of(group.submissions));
    bytes_with_node_ += group.share.bytes();
    groups.push_back(std::move(group));
    gathered_.erase(gathered_.begin(), end);
    position_next_ += size;
    ++groups_with_node_;
  }
  return groups;
}

void SubmitSession::read_locked() {
  if (reading_ || read_ended_) return;
  if (unanswered_ >= limits_.unanswered_max || unsettled_ >= limits_.unsettled_max) return;
  if (unanswered_bytes_ >= limits_.unanswered_bytes_max) return;
  if (outbox_.size() >= kOutboxStatusesMax) return;
  reading_ = true;
  if (refused_ > 0) return output_.start_pause(std::exchange(refused_, 0));
  output_.start_read();
}

void SubmitSession::write_locked() {
  if (writing_ || outbox_.empty()) return;
  const auto size = std::min(outbox_.size(), kWrittenStatusesMax);
  const auto end = outbox_.begin() + static_cast<std::ptrdiff_t>(size);
  std::vector<proto::StreamedStatus> statuses{std::make_move_iterator(outbox_.begin()),
                                              std::make_move_iterator(end)};
  outbox_.erase(outbox_.begin(), end);
  for (const auto& streamed : statuses) bytes_in_write_ += bytes_beyond(streamed);
  outbox_bytes_ -= bytes_in_write_;
  endings_in_write_ =
      static_cast<std::size_t>(std::count_if(statuses.begin(), statuses.end(), is_last));
  writing_ = true;
  output_.start_write(std::move(statuses));
}

void SubmitSession::finish_locked() {
  if (!read_ended_ || unsettled_ != 0 || writing_) return;
  closed_ = true;
  output_.finish();
}

void SubmitSession::hand_over(HandOvers groups) {
  for (auto& group : groups) {
    const Handed handed{group.first, group.submissions.size(), bytes_of(group.submissions),
                        group.share.bytes()};
    auto share = std::make_shared<BudgetShare>(std::move(group.share));
    backend_.submit(submitter_.caller, std::move(group.submissions),
                    [weak = weak_from_this(), submitter = submitter_, place = tokens_.place,
                     share = std::move(share), handed](auto answer) {
                      submitter.guard->on_answer(submitter.caller, answer);
                      if (const auto self = weak.lock())
                        self->on_admitted(handed, std::move(answer));
                    });
  }
}

void SubmitSession::on_admitted(const Handed& group,
                                Answer<std::vector<proto::TransactionStatus>> answer) {
  auto statuses = answer ? *std::move(answer) : refused(answer.error(), group.count);
  PEERPAY_CHECK(statuses.size() == group.count, "one status for each submission");
  std::vector<ledger::TransactionId> admitted;
  HandOvers groups;
  {
    const std::scoped_lock lock{mutex_};
    if (closed_) return;
    --groups_with_node_;
    unanswered_ -= group.count;
    unanswered_bytes_ -= group.bytes;
    bytes_with_node_ -= group.share_bytes;
    admitted = take_locked(group.first, std::move(statuses));
    groups = advance_locked();
  }
  hand_over(std::move(groups));
  if (!admitted.empty()) follow(group.first, std::move(admitted));
}

// Returns what is to be followed from now on.
std::vector<ledger::TransactionId> SubmitSession::take_locked(
    std::uint64_t first, std::vector<proto::TransactionStatus> statuses) {
  std::vector<ledger::TransactionId> admitted;
  std::uint64_t submission = first;
  for (auto& status : statuses) {
    if (status.state == proto::TransactionState::kPending) {
      const auto [followed, is_new] = followed_.try_emplace(status.id);
      followed->second.submissions.push_back(submission);
      if (is_new) {
        followed->second.group = first;
        admitted.push_back(status.id);
      }
    }
    if (is_refused_for_now(status)) ++refused_;
    put_out_locked({.submission = submission++, .status = std::move(status)});
  }
  if (!admitted.empty()) groups_[first].unsettled = admitted.size();
  return admitted;
}

void SubmitSession::follow(std::uint64_t group, std::vector<ledger::TransactionId> admitted) {
  auto waiting = backend_.follow(
      std::move(admitted), [weak = weak_from_this(), place = tokens_.place](const auto& status) {
        if (const auto self = weak.lock()) self->on_settled(status);
      });
  const std::scoped_lock lock{mutex_};
  const auto place = groups_.find(group);
  // All may have settled before follow returned: then nobody waits, and `waiting` goes after the
  // lock.
  if (place != groups_.end()) place->second.waiting = std::move(waiting);
}

void SubmitSession::on_settled(const proto::TransactionStatus& status) {
  Waiting done;  // let go of outside the lock
  HandOvers groups;
  {
    const std::scoped_lock lock{mutex_};
    auto followed = followed_.extract(status.id);
    if (closed_ || !followed) return;
    for (const auto submission : followed.mapped().submissions) {
      put_out_locked({.submission = submission, .status = status});
    }
    const auto group = groups_.find(followed.mapped().group);
    if (--group->second.unsettled == 0) {
      done = std::move(group->second.waiting);
      groups_.erase(group);
    }
    groups = advance_locked();
  }
  hand_over(std::move(groups));
}

}  // namespace peerpay::net
