#include "bench/attack_outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "bench/units.h"

namespace peerpay::bench {
namespace {

constexpr std::uint64_t kGrowthBytesMax = 64 * 1024 * 1024;
constexpr double kSlowdownMax = 2;
// A synced write of our own that takes so long alone doubles a calm p99, which is some 40 ms.
constexpr base::Duration kDiskStall = base::milliseconds(40);
// A calm p99 of so much is a stall that none of our own writes met, and would be in the attack's
// favour.
constexpr base::Duration kCalmP99Max = base::milliseconds(100);
constexpr std::uint64_t kUnservedShare = 10;  // one newcomer of so many may come to nothing

std::uint64_t growth(std::uint64_t before, std::uint64_t peak) {
  return peak > before ? peak - before : 0;
}

}  // namespace

Latencies Outcome::latencies(const Phase& phase) const {
  return latencies_in(load.completions, phase.window);
}

double Outcome::slowdown() const {
  return milliseconds_of(latencies(attacked).percentile(99)) /
         milliseconds_of(latencies(calm).percentile(99));
}

bool Outcome::is_in_time() const { return slowdown() <= kSlowdownMax; }

bool Outcome::disk_stalled() const {
  return std::max(calm.slowest_write, attacked.slowest_write) >= kDiskStall ||
         latencies(calm).percentile(99) >= kCalmP99Max;
}

std::uint64_t Outcome::attacked_growth() const {
  return growth(calm.memory_peak.attacked, attacked.memory_peak.attacked);
}

std::uint64_t Outcome::others_growth() const {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < calm.memory_peak.others.size(); ++i) {
    out = std::max(out, growth(calm.memory_peak.others[i], attacked.memory_peak.others[i]));
  }
  return out;
}

std::uint64_t Outcome::not_final() const { return load.refused + load.expired + load.unsettled; }

std::string Outcome::missed() const {
  if (counts.front().second == 0) return "the attack did not take place";
  if (not_final() > 0) return fmt::format("{} honest payments are not final", not_final());
  if (attacked_growth() > kGrowthBytesMax) return "the memory grew by more than 64 MiB";
  if (others_growth() > kGrowthBytesMax)
    return "the memory of a validator that was not attacked grew by more than 64 MiB";
  if (newcomers == 0 || (newcomers - newcomers_served) * kUnservedShare > newcomers)
    return fmt::format("only {} of {} newcomers were served", newcomers_served, newcomers);
  return {};
}

Judged judge(std::vector<Outcome> outcomes, std::uint32_t runs_wanted) {
  PEERPAY_CHECK(!outcomes.empty(), "nothing is not judged");
  Judged out;
  const auto stalled = std::partition(outcomes.begin(), outcomes.end(),
                                      [](const Outcome& each) { return !each.disk_stalled(); });
  out.runs_stalled = static_cast<std::uint64_t>(outcomes.end() - stalled);
  if (stalled - outcomes.begin() >= runs_wanted) outcomes.erase(stalled, outcomes.end());
  out.runs = outcomes.size();
  out.runs_in_time = static_cast<std::uint64_t>(
      std::ranges::count_if(outcomes, [](const Outcome& each) { return each.is_in_time(); }));
  const auto median = outcomes.begin() + static_cast<std::ptrdiff_t>(outcomes.size() / 2);
  std::ranges::nth_element(outcomes, median, {},
                           [](const Outcome& each) { return each.slowdown(); });
  if (!median->is_in_time()) out.missed = "the p99 more than doubled";
  out.outcome = std::move(*median);
  return out;
}

std::string text_of(const Outcome& out) {
  const auto calm = out.latencies(out.calm);
  const auto attacked = out.latencies(out.attacked);
  std::string done;
  for (const auto& [name, number] : out.counts) {
    done += fmt::format("{}{} {}", done.empty() ? "" : ", ", number, name);
  }
  return fmt::format(
      "  attack     {}; {:.1f} s of CPU\n"
      "  honest     p50 {:.1f} -> {:.1f} ms, p99 {:.1f} -> {:.1f} ms ({:.2f} times), {} of {} "
      "final, "
      "{} of {} newcomers served\n"
      "  memory     {:.1f} -> {:.1f} MiB, the others {:.1f} MiB more at most\n"
      "  its CPU    {:.2f} -> {:.2f} s\n"
      "  disk       {:.0f} -> {:.0f} ms, the slowest of our own synced writes\n",
      done, seconds_of(out.attacker_cpu), milliseconds_of(calm.percentile(50)),
      milliseconds_of(attacked.percentile(50)), milliseconds_of(calm.percentile(99)),
      milliseconds_of(attacked.percentile(99)), out.slowdown(), out.load.completions.size(),
      out.load.completions.size() + out.not_final(), out.newcomers_served, out.newcomers,
      mebibytes_of(out.calm.memory_peak.attacked), mebibytes_of(out.attacked.memory_peak.attacked),
      mebibytes_of(out.others_growth()), seconds_of(out.calm.attacked_cpu),
      seconds_of(out.attacked.attacked_cpu), milliseconds_of(out.calm.slowest_write),
      milliseconds_of(out.attacked.slowest_write));
}

Report::Figures figures_of(const Outcome& out) {
  const auto calm = out.latencies(out.calm);
  const auto attacked = out.latencies(out.attacked);
  Report::Figures figures;
  for (const auto& [name, number] : out.counts) figures.emplace_back(name, number);
  const auto ms = [&](const char* name, const Latencies& latencies, unsigned percent) {
    figures.emplace_back(name, milliseconds_of(latencies.percentile(percent)));
  };
  ms("p50_calm_ms", calm, 50);
  ms("p50_attacked_ms", attacked, 50);
  ms("p99_calm_ms", calm, 99);
  ms("p99_attacked_ms", attacked, 99);
  figures.emplace_back("final", std::uint64_t{out.load.completions.size()});
  figures.emplace_back("not_final", out.not_final());
  figures.emplace_back("newcomers", out.newcomers);
  figures.emplace_back("newcomers_served", out.newcomers_served);
  figures.emplace_back("rss_calm_bytes", out.calm.memory_peak.attacked);
  figures.emplace_back("rss_attacked_bytes", out.attacked.memory_peak.attacked);
  figures.emplace_back("rss_growth_bytes", out.attacked_growth());
  figures.emplace_back("rss_growth_others_bytes", out.others_growth());
  figures.emplace_back("cpu_calm_seconds", seconds_of(out.calm.attacked_cpu));
  figures.emplace_back("cpu_attacked_seconds", seconds_of(out.attacked.attacked_cpu));
  figures.emplace_back("write_slowest_calm_ms", milliseconds_of(out.calm.slowest_write));
  figures.emplace_back("write_slowest_attacked_ms", milliseconds_of(out.attacked.slowest_write));
  figures.emplace_back("attacker_cpu_seconds", seconds_of(out.attacker_cpu));
  return figures;
}

}  // namespace peerpay::bench
