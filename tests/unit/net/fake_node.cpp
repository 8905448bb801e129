#include "tests/unit/net/fake_node.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "crypto/hash.h"

namespace peerpay::net {

FakeNode::FakeNode() : genesis_{.genesis = base::Bytes(1'000, 7), .chain = {{1, 2, 3}}} {}

ledger::TransactionId FakeNode::id_of(base::ByteView transaction) {
  return {crypto::sha256(transaction).bytes};
}

void FakeNode::hold_submissions(bool hold) {
  const std::scoped_lock lock{mutex_};
  holds_ = hold;
}

void FakeNode::release_submissions() {
  std::vector<std::function<void()>> held;
  {
    const std::scoped_lock lock{mutex_};
    held = std::exchange(held_, {});
  }
  for (const auto& answer : held) answer();
}

void FakeNode::settle_at_once(bool at_once) {
  const std::scoped_lock lock{mutex_};
  settles_at_once_ = at_once;
}

void FakeNode::fail_with(QueryError error) {
  const std::scoped_lock lock{mutex_};
  failure_ = std::move(error);
}

void FakeNode::settle(const ledger::TransactionId& id, proto::TransactionState state) {
  std::vector<Settled> told;
  proto::TransactionStatus status;
  {
    const std::scoped_lock lock{mutex_};
    known_[id] = state;
    status = status_locked(id);
    for (auto& [number, follower] : followers_) {
      if (std::erase(follower.ids, id) != 0) told.push_back(follower.settled);
    }
  }
  for (const auto& settled : told) settled(status);
}

void FakeNode::commit_block() {
  std::vector<Done<proto::FinalizedBlock>> told;
  ledger::Height height;
  {
    const std::scoped_lock lock{mutex_};
    head_ = head_.next();
    height = head_;
    for (auto it = block_waiters_.begin(); it != block_waiters_.end();) {
      if (it->second.height == height) told.push_back(std::move(it->second.done));
      it = it->second.height == height ? block_waiters_.erase(it) : std::next(it);
    }
  }
  for (const auto& done : told) done(block_at(height));
}

std::vector<std::size_t> FakeNode::groups() {
  const std::scoped_lock lock{mutex_};
  return groups_;
}

std::size_t FakeNode::submissions() {
  const std::scoped_lock lock{mutex_};
  return std::accumulate(groups_.begin(), groups_.end(), std::size_t{0});
}

std::size_t FakeNode::waiters() {
  const std::scoped_lock lock{mutex_};
  return followers_.size() + block_waiters_.size();
}

Waiting FakeNode::waiting(std::uint64_t number) {
  return {this, [number](FakeNode* node) {
            const std::scoped_lock lock{node->mutex_};
            node->followers_.erase(number);
            node->block_waiters_.erase(number);
          }};
}

template <class T>
void FakeNode::give(T value, const Done<T>& done) {
  std::optional<QueryError> failure;
  {
    const std::scoped_lock lock{mutex_};
    failure = failure_;
  }
  if (failure) return done(base::Unexpected{*failure});
  done(std::move(value));
}

void FakeNode::status(Done<proto::NodeStatus> done) {
  proto::NodeStatus status;
  status.version = "test";
  status.height = {3};
  status.peers = {{.name = "node-1", .connected = true}};
  give(status, done);
}

void FakeNode::head(Done<proto::Head> done) {
  ledger::Height height;
  {
    const std::scoped_lock lock{mutex_};
    height = head_;
  }
  give(proto::Head{.height = height, .hash = {{9}}, .header = {1}, .timestamp = {5}}, done);
}

proto::TransactionStatus FakeNode::status_locked(const ledger::TransactionId& id) {
  proto::TransactionStatus status;
  status.id = id;
  const auto known = known_.find(id);
  if (known != known_.end()) status.state = known->second;
  if (status.state == proto::TransactionState::kFinal) {
    status.result = ledger::TransactionResult::kApplied;
    status.finality = proto::Finality{.height = {4},
                                      .index = 1,
                                      .block_timestamp = {6},
                                      .fee_charged = ledger::Amount{2},
                                      .fee_asset = {0}};
  }
  return status;
}

proto::TransactionStatus FakeNode::admit_locked(const proto::Submission& submission) {
  const auto id = id_of(submission.transaction);
  const auto first = submission.transaction.empty() ? 0 : submission.transaction.front();
  if (first != 'r' && first != 'f') {
    known_.try_emplace(id, proto::TransactionState::kPending);
    return status_locked(id);
  }
  proto::TransactionStatus status;
  status.id = id;
  status.state = proto::TransactionState::kRejected;
  const auto result = first == 'f' ? ledger::TransactionResult::kSignatureInvalid
                                   : ledger::TransactionResult::kFeeTooLow;
  status.result = result;
  status.code = ledger::code(result);
  status.message = ledger::sentence(result);
  status.retry = proto::Retry::kNever;
  return status;
}

void FakeNode::submit(const Caller&, std::vector<proto::Submission> submissions,
                      Done<std::vector<proto::TransactionStatus>> done) {
  std::vector<proto::TransactionStatus> statuses;
  {
    const std::scoped_lock lock{mutex_};
    groups_.push_back(submissions.size());
    for (const auto& submission : submissions) statuses.push_back(admit_locked(submission));
    if (holds_) {
      held_.push_back([this, statuses, done] { give(statuses, done); });
      return;
    }
  }
  give(std::move(statuses), done);
}

Waiting FakeNode::await_end(const proto::TransactionQuery& query, Settled settled) {
  return follow({query.id}, std::move(settled));
}

Waiting FakeNode::follow(std::vector<ledger::TransactionId> admitted, Settled settled) {
  std::vector<proto::TransactionStatus> ended;
  std::uint64_t number = 0;
  {
    const std::scoped_lock lock{mutex_};
    number = waiter_next_++;
    Follower& follower = followers_[number];
    follower.settled = settled;
    for (const auto& id : admitted) {
      if (settles_at_once_) known_[id] = proto::TransactionState::kFinal;
      const auto status = status_locked(id);
      const bool open = status.state == proto::TransactionState::kPending ||
                        status.state == proto::TransactionState::kUnknown;
      if (open) {
        follower.ids.push_back(id);
      } else {
        ended.push_back(status);
      }
    }
  }
  for (const auto& status : ended) settled(status);
  return waiting(number);
}

void FakeNode::transaction(const proto::TransactionQuery& query,
                           Done<proto::TransactionStatus> done) {
  proto::TransactionStatus status;
  {
    const std::scoped_lock lock{mutex_};
    status = status_locked(query.id);
  }
  give(status, done);
}

void FakeNode::receipt(const ledger::TransactionId& id, Done<base::Bytes> done) {
  bool is_final = false;
  {
    const std::scoped_lock lock{mutex_};
    is_final = status_locked(id).state == proto::TransactionState::kFinal;
  }
  if (!is_final) {
    return done(base::Unexpected{QueryError{.failure = QueryFailure::kNotFound,
                                            .code = "receipt_not_found",
                                            .sentence = "The transaction is not final here."}});
  }
  give(base::Bytes(id.bytes.begin(), id.bytes.end()), done);
}

void FakeNode::account(const proto::AccountQuery& query, Done<proto::AccountSnapshot> done) {
  proto::AccountSnapshot snapshot;
  snapshot.account = query.account;
  snapshot.exists = true;
  snapshot.balances = {
      {.asset = {0}, .asset_code = "EUR", .amount = ledger::Amount{1250}, .text = "12.50"}};
  if (query.with_proof) snapshot.proof = {.proof = {1}, .headers = {{2}, {3}}, .certificate = {4}};
  give(snapshot, done);
}

void FakeNode::history(const proto::HistoryQuery& query, Done<proto::HistoryPage> done) {
  proto::HistoryPage page;
  page.entries.resize(query.limit);
  page.next_cursor = "more";
  give(page, done);
}

proto::FinalizedBlock FakeNode::block_at(ledger::Height height) {
  return {.hash = {{static_cast<std::uint8_t>(height.value)}},
          .block = {8},
          .certificate = {},
          .height = height};
}

void FakeNode::block(const proto::BlockQuery& query, Done<proto::FinalizedBlock> done) {
  const auto* height = std::get_if<ledger::Height>(&query);
  give(block_at(height != nullptr ? *height : ledger::Height{2}), done);
}

Waiting FakeNode::await_block(ledger::Height height, Done<proto::FinalizedBlock> done) {
  std::uint64_t number = 0;
  {
    const std::scoped_lock lock{mutex_};
    number = waiter_next_++;
    if (height > head_) {
      block_waiters_.emplace(number, BlockWaiter{height, std::move(done)});
      return waiting(number);
    }
  }
  give(block_at(height), done);
  return waiting(number);
}

}  // namespace peerpay::net
