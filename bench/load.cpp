#include "bench/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/os/clock.h"
#include "bench/load_stream.h"
#include "bench/progress.h"

namespace peerpay::bench {
namespace {

constexpr base::Duration kPollInterval = base::milliseconds(20);
constexpr base::Duration kTellInterval = base::seconds(1);
constexpr base::Duration kSettlePatience = base::seconds(60);

}  // namespace

Load::Load(const LoadOptions& options, const std::vector<PreparedPayment>& payments,
           const OnFinal& on_final) {
  PEERPAY_CHECK(!options.nodes.empty() && options.streams > 0, "a load goes somewhere");
  for (std::size_t i = 0; i < options.streams; ++i) {
    streams_.push_back(std::make_unique<LoadStream>(options, i, payments, on_final));
  }
}

Load::~Load() = default;

void Load::start() {
  const auto now = os::read_clock().monotonic;
  for (auto& stream : streams_) stream->start(now);
}

LoadResult Load::finish(base::Duration patience) {
  const auto deadline = os::read_clock().monotonic + patience;
  for (auto& stream : streams_) stream->stop_sending(deadline);
  LoadResult sum;
  for (auto& stream : streams_) {
    auto part = stream->join();
    sum.completions.insert(sum.completions.end(), part.completions.begin(), part.completions.end());
    sum.refused += part.refused;
    sum.expired += part.expired;
    sum.unsettled += part.unsettled;
    sum.unsent += part.unsent;
    sum.open_due.insert(sum.open_due.end(), part.open_due.begin(), part.open_due.end());
    sum.ended = std::max(sum.ended, part.ended);
    sum.reconnections += part.reconnections;
    if (!sum.fault) sum.fault = std::move(part.fault);
  }
  return sum;
}

std::uint64_t Load::final_count() const {
  std::uint64_t sum = 0;
  for (const auto& stream : streams_) sum += stream->final_count();
  return sum;
}

std::optional<std::string> Load::fault() const {
  for (const auto& stream : streams_) {
    if (auto fault = stream->fault()) return fault;
  }
  return std::nullopt;
}

std::size_t Load::numbers_used() const {
  std::size_t highest = 0;
  for (const auto& stream : streams_) highest = std::max(highest, stream->number_next());
  return highest;
}

bool Load::exhausted() const {
  return std::any_of(streams_.begin(), streams_.end(),
                     [](const auto& stream) { return stream->exhausted(); });
}

bool Load::sent_all() const {
  return std::all_of(streams_.begin(), streams_.end(),
                     [](const auto& stream) { return stream->exhausted(); });
}

Result<LoadResult> make_all(const LoadOptions& options,
                            const std::vector<PreparedPayment>& payments,
                            Interruption& interruption) {
  Load load{options, payments};
  load.start();
  auto told = os::read_clock().monotonic;
  auto went_on = told;
  std::uint64_t final_then = 0;
  while (!load.sent_all()) {
    if (auto fault = load.fault()) return fail(std::move(*fault));
    if (!interruption.sleep_for(kPollInterval)) return fail("Interrupted.");
    const auto now = os::read_clock().monotonic;
    if (const auto count = load.final_count(); count != final_then) {
      final_then = count;
      went_on = now;
    }
    if (now - went_on > kSettlePatience) {
      return fail(fmt::format("No payment became final for {} s; {} of {} are.",
                              kSettlePatience.milliseconds() / 1000, final_then, payments.size()));
    }
    if (now - told < kTellInterval) continue;
    told = now;
    progress("{} of {} payments final", final_then, payments.size());
  }
  auto result = load.finish(kSettlePatience);
  if (result.fault) return fail(std::move(*result.fault));
  if (result.completions.size() != payments.size()) {
    return fail(
        fmt::format("Of {} payments {} were refused, {} expired and {} were not final "
                    "within {} s.",
                    payments.size(), result.refused, result.expired, result.unsettled,
                    kSettlePatience.milliseconds() / 1000));
  }
  return result;
}

std::uint64_t finals_in(const std::vector<Completion>& completions, const Window& window) {
  return static_cast<std::uint64_t>(
      std::count_if(completions.begin(), completions.end(), [&](const Completion& completion) {
        return window.begin <= completion.final && completion.final < window.end;
      }));
}

Latencies latencies_in(const std::vector<Completion>& completions, const Window& window) {
  Latencies out;
  for (const auto& completion : completions) {
    if (window.begin <= completion.due && completion.due < window.end) {
      out.add(completion.final - completion.due);
    }
  }
  return out;
}

Latencies latencies_in(const LoadResult& result, const Window& window) {
  auto out = latencies_in(result.completions, window);
  for (const auto due : result.open_due) {
    if (window.begin <= due && due < window.end) out.add(result.ended - due);
  }
  return out;
}

}  // namespace peerpay::bench
