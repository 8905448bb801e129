#include "bench/load_stream.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/os/clock.h"

namespace peerpay::bench {
namespace {

constexpr base::Duration kPauseBeforeAgain = base::milliseconds(100);
constexpr base::Duration kFarAway = base::seconds(3600);

base::TimePoint now() { return os::read_clock().monotonic; }

std::size_t share_of(const LoadOptions& options) {
  return std::max<std::size_t>(1, options.in_flight_max / options.streams);
}

}  // namespace

std::size_t LoadStream::HashOfId::operator()(const ledger::TransactionId& id) const {
  std::size_t hash = 0;  // an id is a hash already
  std::memcpy(&hash, id.bytes.data(), sizeof hash);
  return hash;
}

LoadStream::LoadStream(const LoadOptions& options, std::size_t index,
                       const std::vector<PreparedPayment>& payments, Load::OnFinal on_final)
    : options_{options},
      in_flight_max_{share_of(options)},
      resume_at_{in_flight_max_ - std::max<std::size_t>(1, in_flight_max_ / 8)},
      payments_{payments},
      on_final_{std::move(on_final)},
      next_{index} {}

LoadStream::~LoadStream() { stop_sending({}); }

void LoadStream::start(base::TimePoint now) {
  began_ = now;
  sender_ = std::jthread{[this] { run(); }};
}

void LoadStream::stop_sending(base::TimePoint deadline) {
  const std::lock_guard lock{mutex_};
  deadline_ = deadline;
  wake_.notify_all();
}

LoadResult LoadStream::join() {
  sender_.join();
  result_.unsettled = in_flight_.size();
  return std::move(result_);
}

std::uint64_t LoadStream::final_count() const {
  const std::lock_guard lock{mutex_};
  return result_.completions.size();
}

std::optional<std::string> LoadStream::fault() const {
  const std::lock_guard lock{mutex_};
  return result_.fault;
}

bool LoadStream::exhausted() const {
  const std::lock_guard lock{mutex_};
  return next_ >= payments_.size();
}

void LoadStream::run() {
  for (std::size_t node = next_ % options_.streams;; ++node) {
    converse(options_.nodes[node % options_.nodes.size()]);
    std::unique_lock lock{mutex_};
    if (is_over(now()) || (cut_ && options_.when_cut == WhenCut::kStop)) return;
    ++result_.reconnections;
    wake_.wait_for(lock, std::chrono::microseconds{kPauseBeforeAgain.microseconds},
                   [this] { return is_over(now()); });
    cut_ = false;
    again_.clear();
    for (const auto& [id, payment] : in_flight_) again_.push_back(payment.number);
    std::sort(again_.begin(), again_.end());
    again_not_before_ = {};
  }
}

void LoadStream::converse(const std::string& node) {
  SubmitStream stream{node};
  std::jthread receiver{[&] { receive_all(stream); }};
  bool sending = true;
  while (sending) {
    const auto batch = next_batch();
    sending = !batch.empty();
    for (std::size_t i = 0; sending && i < batch.size(); ++i) {
      const bool last = i + 1 == batch.size();
      sending = stream.send(payments_[batch[i]].bytes,
                            last ? SubmitStream::Flush::kNow : SubmitStream::Flush::kWithNext);
    }
  }
  stream.cancel();
  receiver.join();
  const std::lock_guard lock{mutex_};
  if (!deadline_ && !result_.fault) result_.fault = node + ": " + stream.ending();
}

void LoadStream::receive_all(SubmitStream& stream) {
  while (const auto status = stream.receive()) settle(*status);
  const std::lock_guard lock{mutex_};
  cut_ = true;
  wake_.notify_all();
}

void LoadStream::settle(const proto::TransactionStatus& status) {
  const auto at = now();
  {
    const std::lock_guard lock{mutex_};
    const auto found = in_flight_.find(status.id);
    if (found == in_flight_.end()) return;
    switch (status.state) {
      case proto::TransactionState::kUnknown:
      case proto::TransactionState::kPending: return;
      case proto::TransactionState::kFinal:
        result_.completions.push_back({found->second.due, at});
        break;
      case proto::TransactionState::kRejected:
        if (status.retry == proto::Retry::kSameBytes) {
          if (again_.empty()) again_not_before_ = at + kPauseBeforeAgain;
          again_.push_back(found->second.number);
          wake_.notify_one();
          return;
        }
        ++result_.refused;
        if (!result_.fault) result_.fault = "A payment was refused: " + status.message;
        break;
      case proto::TransactionState::kExpired: ++result_.expired; break;
    }
    in_flight_.erase(found);
    if (in_flight_.size() == resume_at_ || in_flight_.empty()) wake_.notify_one();
  }
  if (on_final_ && status.state == proto::TransactionState::kFinal) on_final_(status);
}

std::vector<std::size_t> LoadStream::next_batch() {
  std::unique_lock lock{mutex_};
  for (;;) {
    const auto at = now();
    if (cut_ || is_over(at)) return {};
    auto batch = take_again(at);
    if (batch.empty()) batch = take_due(at);
    if (!batch.empty()) return batch;
    wake_.wait_for(lock, std::chrono::microseconds{(wake_at() - at).microseconds});
  }
}

std::vector<std::size_t> LoadStream::take_again(base::TimePoint now) {
  if (again_.empty() || now < again_not_before_) return {};
  std::vector<std::size_t> batch{again_.begin(), again_.end()};
  again_.clear();
  return batch;
}

std::vector<std::size_t> LoadStream::take_due(base::TimePoint now) {
  std::vector<std::size_t> batch;
  if (deadline_) return batch;
  if (options_.rate_per_second > 0) {
    while (next_ < payments_.size() && due_of(next_) <= now) take_next(due_of(next_), batch);
  } else if (in_flight_.size() <= resume_at_) {
    while (next_ < payments_.size() && in_flight_.size() < in_flight_max_) take_next(now, batch);
  }
  return batch;
}

void LoadStream::take_next(base::TimePoint due, std::vector<std::size_t>& batch) {
  in_flight_.emplace(payments_[next_].id, InFlight{next_, due});
  batch.push_back(next_);
  next_ += options_.streams;
}

base::TimePoint LoadStream::due_of(std::size_t number) const {
  const auto microseconds =
      static_cast<std::uint64_t>(number) * 1'000'000 / options_.rate_per_second;
  return began_ + base::microseconds(static_cast<std::int64_t>(microseconds));
}

base::TimePoint LoadStream::wake_at() const {
  auto at = now() + kFarAway;
  if (deadline_) at = std::min(at, *deadline_);
  if (!again_.empty()) at = std::min(at, again_not_before_);
  if (!deadline_ && options_.rate_per_second > 0 && next_ < payments_.size()) {
    at = std::min(at, due_of(next_));
  }
  return at;
}

bool LoadStream::is_over(base::TimePoint now) const {
  return deadline_ && (in_flight_.empty() || now >= *deadline_);
}

}  // namespace peerpay::bench
