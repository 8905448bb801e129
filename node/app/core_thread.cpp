#include "node/app/core_thread.h"

#include <chrono>
#include <optional>
#include <utility>

#include "base/os/clock.h"
#include "base/os/process.h"

namespace peerpay::app {
namespace {

// In payments; what is prompt costs none.
std::size_t patience_of(const node::Event& event) {
  if (const auto* received = std::get_if<node::TransactionsReceived>(&event))
    return received->transactions.size();
  if (const auto* submitted = std::get_if<node::TransactionsSubmitted>(&event))
    return submitted->submissions.size();
  // What a peer sent by its last link was sent before: it may have lost all of it since.
  const bool is_link = std::holds_alternative<node::PeerConnected>(event) ||
                       std::holds_alternative<node::PeerDisconnected>(event);
  return is_link ? 1 : 0;
}

}  // namespace

void CoreThread::start(std::unique_ptr<node::Replica> replica, node::Bootstrap bootstrap) {
  replica_ = std::move(replica);
  thread_ = std::thread{
      [this, bootstrap = std::move(bootstrap)]() mutable { run(std::move(bootstrap)); }};
}

CoreThread::~CoreThread() { stop(); }

void CoreThread::post(node::Event event, Hold hold) {
  const auto patience = patience_of(event);
  post({std::move(event), std::move(hold), patience});
}

void CoreThread::post(Query query) { post({std::move(query), {}, 1}); }

void CoreThread::post(Item item) {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
    if (item.patience == 0) {
      prompt_.push_back(std::move(item));
    } else {
      patient_.push_back(std::move(item));
    }
  }
  wake_.notify_one();
}

void CoreThread::stop() {
  close();
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

// From now on nothing is taken in: what nobody will handle must not be held.
void CoreThread::close() {
  std::vector<Item> prompt;  // let go of outside the lock, as the next
  std::deque<Item> patient;
  const std::lock_guard lock{mutex_};
  stopping_ = true;
  prompt.swap(prompt_);
  patient.swap(patient_);
}

// Waits for work or for the replica's next deadline. Empty when the deadline came first, or when
// stopping.
std::vector<CoreThread::Item> CoreThread::take() {
  std::unique_lock lock{mutex_};
  const auto ready = [this] { return stopping_ || !prompt_.empty() || !patient_.empty(); };
  if (const auto deadline = replica_->deadline(); !deadline) {
    wake_.wait(lock, ready);
  } else {
    const auto left = *deadline - os::read_clock().monotonic;
    if (left.microseconds > 0)
      wake_.wait_for(lock, std::chrono::microseconds{left.microseconds}, ready);
  }
  auto out = std::exchange(prompt_, {});
  for (std::size_t taken = 0; taken < kPatientPerTurn && !patient_.empty();) {
    taken += patient_.front().patience;
    out.push_back(std::move(patient_.front()));
    patient_.pop_front();
  }
  return out;
}

void CoreThread::run(node::Bootstrap bootstrap) {
  os::name_this_thread("core");
  turn_.append(replica_->start(std::move(bootstrap), os::read_clock()));
  execute();
  while (!failed_) {
    auto items = signed_.empty() ? take() : std::vector<Item>{};
    {
      const std::lock_guard lock{mutex_};
      if (stopping_) return;
    }
    const auto queries = handle(std::move(items));
    execute();
    if (failed_) break;
    for (const auto& query : queries) query(*replica_);
  }
  close();
}

std::vector<CoreThread::Query> CoreThread::handle(std::vector<Item> items) {
  std::vector<Query> queries;
  const auto now = os::read_clock();
  for (auto& vote : std::exchange(signed_, {}))
    turn_.append(replica_->handle(node::VoteSigned{std::move(vote)}, now));
  for (auto& item : items) {
    if (auto* event = std::get_if<node::Event>(&item.work)) {
      turn_.append(replica_->handle(std::move(*event), now));
    } else {
      queries.push_back(std::move(std::get<Query>(item.work)));
    }
  }
  const auto deadline = replica_->deadline();
  if (deadline && *deadline <= now.monotonic)
    turn_.append(replica_->handle(node::TimerFired{}, now));
  return queries;
}

// What others signed proves as much whatever became of our own records.
void CoreThread::fail(const node::Effects& turn, Failure failure) {
  failed_ = true;
  for (const auto& found : turn.evidence) sink_.evidence(found);
  if (turn.contradiction) sink_.contradiction(*turn.contradiction);
  sink_.fail(std::move(failure));
}

void CoreThread::execute() {
  auto turn = std::exchange(turn_, {});
  if (!turn.persist.empty()) {
    if (const auto persisted = sink_.persist(turn.persist); !persisted)
      return fail(turn, persisted.error());
  }
  if (turn.halt) {
    const bool in_use = turn.halt_cause == node::HaltCause::kKeyInUse;
    return fail(turn, {in_use ? ExitCode::kKeyInUse : ExitCode::kSafetyHalt, *turn.halt});
  }
  for (const auto& subject : turn.sign) {
    signed_.push_back(sink_.sign(subject));
    turn.send.push_back(
        {std::nullopt, node::Priority::kVote, node::encode(node::PeerMessage{signed_.back()})});
  }
  if (!turn.send.empty()) sink_.send(std::move(turn.send));
  for (auto& block : turn.store) sink_.store(std::move(block));
  for (auto& block : turn.commit) sink_.commit(std::move(block));
  // Before the drops: what this turn admitted and evicted was pending first. Nobody watches it yet,
  // so whoever follows it asks the core whether it is still there.
  for (const auto& reply : turn.replies) sink_.reply(reply);
  for (const auto& transaction : turn.dropped) sink_.dropped(transaction);
  for (const auto& request : turn.serve) sink_.serve(request);
  for (const auto& found : turn.evidence) sink_.evidence(found);
  for (const auto& fault : turn.faults) sink_.fault(fault);
  sink_.turn_done(*replica_);
}

}  // namespace peerpay::app
