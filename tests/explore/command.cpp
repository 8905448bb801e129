#include "tests/explore/command.h"

#include <sys/resource.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <utility>

#include "tests/sim/mix.h"

namespace peerpay::explore {

namespace {

constexpr int kExitUsage = 64;

// For print_where_it_is alone.
const Explorer* running = nullptr;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
const World* running_in = nullptr;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

struct Usage {
  std::uint64_t cpu_ms = 0;
  std::uint64_t memory_mib = 0;  // the most there ever was
};

Usage usage() {
  rusage out{};
  getrusage(RUSAGE_SELF, &out);
  const auto ms = [](const timeval& time) {
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000 +
           static_cast<std::uint64_t>(time.tv_usec) / 1'000;
  };
  return {ms(out.ru_utime) + ms(out.ru_stime), static_cast<std::uint64_t>(out.ru_maxrss) / 1'024};
}

std::string text_of(std::uint64_t value) { return std::to_string(value); }

std::string describe(const World& world) {
  return "views=" + text_of(world.views) + ",turn=" + text_of(world.turn) +
         ",crashes=" + text_of(world.crashes) + ",refuses=" + (world.refuses ? "1" : "0") +
         ",each=" + (world.each_vote ? "1" : "0");
}

std::string describe(const GlobalStep& step) {
  return "n" + text_of(step.validator) + ":" + describe(step.step);
}

// --- Totals ---

void add(Totals& all, const Totals& one) {
  all.states += one.states;
  all.distinct += one.distinct;
  all.transitions += one.transitions;
  all.depth_max = std::max(all.depth_max, one.depth_max);
  all.final_states += one.final_states;
  all.crashed_states += one.crashed_states;
  all.ends += one.ends;
  all.live_checked += one.live_checked;
  all.local_states += one.local_states;
  all.engine_steps += one.engine_steps;
  all.exhausted = all.exhausted && one.exhausted;
}

std::vector<std::pair<const char*, std::uint64_t>> figures(const Totals& totals, std::uint64_t ms) {
  return {{"states", totals.states},
          {"distinct", totals.distinct},
          {"transitions", totals.transitions},
          {"depth_max", totals.depth_max},
          {"with_finality", totals.final_states},
          {"crash_free", totals.distinct - totals.crashed_states},
          {"after_crash", totals.crashed_states},
          {"ends", totals.ends},
          {"liveness_checks", totals.live_checked},
          {"local_states", totals.local_states},
          {"engine_steps", totals.engine_steps},
          {"cpu_ms", ms},
          {"states_per_second", totals.states * 1'000 / std::max<std::uint64_t>(1, ms)},
          {"memory_mib", usage().memory_mib}};
}

void print(const std::string& name, const Totals& totals, std::uint64_t ms, bool json) {
  std::string out = json ? "{\"explore\":\"" + name + "\"" : name + ":";
  for (const auto& [word, value] : figures(totals, ms))
    out += json ? ",\"" + std::string{word} + "\":" + text_of(value)
                : " " + std::string{word} + "=" + text_of(value);
  if (json) {
    out += std::string{",\"exhausted\":"} + (totals.exhausted ? "true}" : "false}");
  } else {
    out += totals.exhausted ? ", exhausted" : ", stopped at the bound";
  }
  std::printf("%s\n", out.c_str());
  std::fflush(stdout);
}

// --- Failures ---

int print_failure(const World& world, const Path& path, const sim::Failure& failure) {
  std::fprintf(stderr, "FAILED: %s (%s): %s\n  rerun   peerpay-explore --path '%s'\n",
               std::string{name(failure.failure_class)}.c_str(),
               std::string{failure.checker}.c_str(), failure.explanation.c_str(),
               describe(world, path).c_str());
  for (const GlobalStep& step : path)
    std::fprintf(stderr, "  n%" PRIu32 "  %s\n", step.validator, describe(step.step).c_str());
  return static_cast<int>(failure.failure_class);
}

int report_failure(const World& world, const Explorer& explorer) {
  const Path whole = explorer.path();
  const Path path = shortened(world, whole);
  const Replay again = replay(world, path);
  std::fprintf(stderr, "%s\n  after %" PRIu64 " states, by %zu steps, of which %zu are needed\n",
               describe(world).c_str(), explorer.totals().states, whole.size(), path.size());
  return print_failure(world, path, again.failure ? *again.failure : *explorer.failure());
}

int print_wrong_path(const std::string& reason) {
  std::fprintf(stderr, "peerpay-explore: --path: %s\n", reason.c_str());
  return kExitUsage;
}

int run_path(const Command& command) {
  const auto course = course_named(command.path);
  if (!course) return print_wrong_path(course.error());
  const Replay out = replay(course->world, course->path);
  if (!out.possible)
    return print_wrong_path("step " + text_of(out.steps + 1) + ", " +
                            describe(course->path[out.steps]) + ", cannot be taken there");
  if (out.failure) return print_failure(course->world, course->path, *out.failure);
  std::printf("nothing fails on this path of %zu steps\n", course->path.size());
  return 0;
}

// --- Words ---

// Every combination has one name, so a name is looked up among them all.
std::optional<World> world_named(std::string_view text) {
  for (std::uint32_t bits = 0; bits < 3 * 4 * 4 * 2 * 2; ++bits) {
    const World world{bits / 64 + 1, bits / 16 % 4, bits / 4 % 4, bits / 2 % 2 == 1, bits % 2 == 1};
    if (describe(world) == text) return world;
  }
  return std::nullopt;
}

std::optional<GlobalStep> global_step_named(std::string_view text) {
  const std::string_view who = take_word(text, ':');
  const auto step = step_named(text);
  if (!step || who.size() != 2 || who[0] != 'n' || who[1] < '0' || who[1] > '2')
    return std::nullopt;
  return GlobalStep{static_cast<std::uint32_t>(who[1] - '0'), *step};
}

bool byzantine_leads(const World& world) {
  for (std::uint64_t view = 1; view <= world.views; ++view) {
    if (world.leader(view) == kByzantine) return true;
  }
  return false;
}

}  // namespace

std::vector<World> worlds(const Command& command) {
  std::vector<World> out;
  for (std::uint32_t turn = 0; turn < kMembers; ++turn) {
    for (const bool refuses : {false, true}) {
      const World world{command.views, turn, command.crashes, refuses, command.each_vote};
      if (refuses && !byzantine_leads(world)) continue;
      World crash_free = world;
      crash_free.crashes = 0;
      out.push_back(crash_free);
      if (world.crashes > 0) out.push_back(world);
    }
  }
  return out;
}

std::string describe(const World& world, const Path& path) {
  std::string out = describe(world);
  for (const GlobalStep& step : path) out += " " + describe(step);
  return out;
}

base::Expected<Course, std::string> course_named(std::string_view text) {
  Course out;
  const std::string_view first = take_word(text, ' ');
  const auto world = world_named(first);
  if (!world)
    return base::Unexpected{"'" + std::string{first} + "' is no world, as " + describe(World{}) +
                            " is one"};
  out.world = *world;
  while (!text.empty()) {
    const std::string_view word = take_word(text, ' ');
    const auto step = global_step_named(word);
    if (!step)
      return base::Unexpected{"'" + std::string{word} +
                              "' is no step, as n0:timeout and n1:votes.nullify-v1.03 are"};
    out.path.push_back(*step);
  }
  return out;
}

void print_where_it_is() {
  if (running == nullptr) return;
  std::fprintf(stderr, "  rerun   peerpay-explore --path '%s', and a step beyond\n",
               describe(*running_in, running->path()).c_str());
}

int run(const Command& command) {
  if (!command.path.empty()) return run_path(command);
  const std::vector<World> all = worlds(command);
  StateSet met;
  Totals totals;
  totals.exhausted = true;
  for (std::size_t i = 0; i < all.size(); ++i) {
    // What the worlds before have not used, or have met again, is left to the others.
    const std::uint64_t left = command.states - totals.distinct;
    if (left == 0) {
      totals.exhausted = false;
      break;
    }
    const std::uint64_t share = left / (all.size() - i);
    const std::uint64_t before_ms = usage().cpu_ms;
    // Each world in an order of its own: worlds that share states would share all that they meet.
    Explorer explorer{all[i], sim::mix(command.seed) + i, met};
    running = &explorer;
    running_in = &all[i];
    explorer.run(std::max<std::uint64_t>(1, share));
    running = nullptr;
    if (explorer.failure()) return report_failure(all[i], explorer);
    add(totals, explorer.totals());
    print(describe(all[i]), explorer.totals(), usage().cpu_ms - before_ms, command.json);
  }
  print("all", totals, usage().cpu_ms, command.json);
  return 0;
}

}  // namespace peerpay::explore
