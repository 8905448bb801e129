#include "bench/load_stream.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/os/clock.h"
#include "node/net/client_service.h"

namespace peerpay::bench {
namespace {

constexpr base::Duration kPauseBeforeAgain = base::milliseconds(100);
constexpr std::size_t kBatchMax = 256;  // of payments in one message
constexpr std::size_t kBatchBytesMax = net::ClientLimits{}.message_bytes_max / 2;
constexpr base::Duration kFarAway = base::seconds(3600);

base::TimePoint now() { return os::read_clock().monotonic; }

std::size_t share_of(const LoadOptions& options) {
  return std::max<std::size_t>(1, options.in_flight_max / options.streams);
}

// Payments that are prepared together are about as large.
std::size_t batch_max_of(const std::vector<PreparedPayment>& payments) {
  if (payments.empty()) return kBatchMax;
  const auto size = std::max<std::size_t>(1, payments.front().size());
  return std::clamp<std::size_t>(kBatchBytesMax / size, 1, kBatchMax);
}

}  // namespace

LoadStream::LoadStream(const LoadOptions& options, std::size_t index,
                       const std::vector<PreparedPayment>& payments, Load::OnFinal on_final)
    : options_{options},
      in_flight_max_{share_of(options)},
      resume_at_{in_flight_max_ - std::max<std::size_t>(1, in_flight_max_ / 8)},
      payments_{payments},
      batch_max_{batch_max_of(payments)},
      on_final_{std::move(on_final)},
      next_{index} {}

LoadStream::~LoadStream() { stop_sending({}); }

void LoadStream::start(base::TimePoint now) {
  began_ = now;
  sender_ = std::jthread{[this] { run(); }};
}

void LoadStream::stop_sending(base::TimePoint deadline) {
  const std::lock_guard lock{mutex_};
  if (!deadline_) stopped_at_ = now();
  deadline_ = deadline;
  wake_.notify_all();
}

LoadResult LoadStream::join() {
  sender_.join();
  result_.unsettled = open_count();
  for (const auto& open : sent_) {
    if (open) result_.open_due.push_back(open->due);
  }
  for (const auto& open : again_) result_.open_due.push_back(open.due);
  const bool paced = options_.rate_per_second > 0;
  for (; paced && next_ < payments_.size() && due_of(next_) <= stopped_at_;
       next_ += options_.streams) {
    ++result_.unsent;
    result_.open_due.push_back(due_of(next_));
  }
  result_.ended = now();
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

std::size_t LoadStream::number_next() const {
  const std::lock_guard lock{mutex_};
  return next_;
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
    reopen_unanswered();
  }
}

void LoadStream::converse(const std::string& node) {
  SubmitStream stream{node};
  std::jthread receiver{[&] { receive_all(stream); }};
  for (auto batch = next_batch(); !batch.empty(); batch = next_batch()) {
    if (!stream.send(batch)) break;
  }
  stream.cancel();
  receiver.join();
  const std::lock_guard lock{mutex_};
  if (!deadline_ && !result_.fault) result_.fault = node + ": " + stream.ending();
}

void LoadStream::receive_all(SubmitStream& stream) {
  for (auto answers = stream.receive(); !answers.empty(); answers = stream.receive()) {
    const auto at = now();
    std::vector<const proto::TransactionStatus*> finals;
    {
      const std::lock_guard lock{mutex_};
      for (const auto& answer : answers) {
        if (settle(answer, at)) finals.push_back(&answer.status);
      }
      if (waits_for_answers()) wake_.notify_one();
    }
    if (!on_final_) continue;
    for (const auto* status : finals) on_final_(*status);
  }
  const std::lock_guard lock{mutex_};
  cut_ = true;
  wake_.notify_all();
}

bool LoadStream::settle(const proto::StreamedStatus& answer, base::TimePoint now) {
  if (answer.submission >= sent_.size() || !sent_[answer.submission]) return false;
  auto& open = sent_[answer.submission];
  switch (answer.status.state) {
    case proto::TransactionState::kUnknown:
    case proto::TransactionState::kPending: return false;
    case proto::TransactionState::kFinal: result_.completions.push_back({open->due, now}); break;
    case proto::TransactionState::kExpired: ++result_.expired; break;
    case proto::TransactionState::kRejected:
      if (answer.status.retry == proto::Retry::kSameBytes) {
        if (again_.empty()) again_not_before_ = now + kPauseBeforeAgain;
        again_.push_back(*open);
        wake_.notify_one();
        break;
      }
      ++result_.refused;
      if (!result_.fault) result_.fault = "A payment was refused: " + answer.status.message;
      break;
  }
  open.reset();
  --sent_open_;
  return answer.status.state == proto::TransactionState::kFinal;
}

std::vector<const std::string*> LoadStream::next_batch() {
  std::unique_lock lock{mutex_};
  for (;;) {
    const auto at = now();
    if (cut_ || is_over(at)) return {};
    auto batch = take_again(at);
    if (batch.empty()) batch = take_due(at);
    if (batch.empty()) {
      wake_.wait_for(lock, std::chrono::microseconds{(wake_at() - at).microseconds});
      continue;
    }
    std::vector<const std::string*> out;
    for (const auto& open : batch) {
      out.push_back(&payments_[open.number]);
      sent_.push_back(open);
    }
    sent_open_ += batch.size();
    return out;
  }
}

std::vector<LoadStream::Open> LoadStream::take_again(base::TimePoint now) {
  if (again_.empty() || now < again_not_before_) return {};
  const auto count = std::min(again_.size(), batch_max_);
  const auto end = again_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<Open> batch{again_.begin(), end};
  again_.erase(again_.begin(), end);
  return batch;
}

std::vector<LoadStream::Open> LoadStream::take_due(base::TimePoint now) {
  std::vector<Open> batch;
  const bool paced = options_.rate_per_second > 0;
  if (deadline_ || (!paced && open_count() > resume_at_)) return batch;
  const auto room = paced ? batch_max_ : std::min(batch_max_, in_flight_max_ - open_count());
  for (; batch.size() < room && next_ < payments_.size(); next_ += options_.streams) {
    const auto due = paced ? due_of(next_) : now;
    if (due > now) break;
    batch.push_back({next_, due});
  }
  return batch;
}

// Whether the node took them before the call was cut is not known; the same bytes do no harm.
void LoadStream::reopen_unanswered() {
  for (const auto& open : sent_) {
    if (open) again_.push_back(*open);
  }
  sent_.clear();
  sent_open_ = 0;
  again_not_before_ = {};
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

// What is paced wakes up by itself when the next is due.
bool LoadStream::waits_for_answers() const {
  return deadline_ || (options_.rate_per_second == 0 && open_count() <= resume_at_);
}

bool LoadStream::is_over(base::TimePoint now) const {
  return deadline_ && (open_count() == 0 || now >= *deadline_);
}

}  // namespace peerpay::bench
