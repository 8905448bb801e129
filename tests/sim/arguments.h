#pragma once
// The command line of peerpay-sim: what can be asked for, what of it makes no sense, and how to ask
// for one run again.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library calls it so
class App;
}  // namespace CLI

namespace peerpay::sim {

// Of so many seeds some have an occasion for each behaviour.
inline constexpr std::uint64_t kSeedsOfACell = 4;

struct Arguments {
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> seeds;
  std::string canary = "none";
  std::vector<std::string> without;
  std::optional<std::uint64_t> safety_ms;
  std::optional<std::uint32_t> transactions;
  std::string behaviour = "none";
  std::optional<std::uint32_t> validators;
  bool behaviours = false;
  std::uint64_t twins = 0;
  std::uint32_t twins_views = 3;
  bool twins_all = false;
  bool no_blind_spots = false;
  bool trace = false;
  bool json = false;
  bool twice = false;
  bool quiet = false;
  bool signatures_real = false;
};

// `arguments` must outlive the parsing. Each number is bounded here.
void add_options(CLI::App& app, Arguments& arguments);
// What of `app`, which has parsed them, names nothing that there is or would be ignored in silence.
// One sentence.
[[nodiscard]] std::optional<std::string> invalid_reason(const CLI::App& app,
                                                        const Arguments& arguments);

// REQUIRES for all below: the arguments are valid.
[[nodiscard]] Canary canary_of(const Arguments& arguments);
// How many are run, of each cell with --behaviours.
[[nodiscard]] std::uint64_t seeds_of(const Arguments& arguments);
// The seed's options, bent as the arguments say.
[[nodiscard]] Options options_of(std::uint64_t seed, const Arguments& arguments);
[[nodiscard]] std::string rerun_command(const Options& options, const Arguments& arguments);

}  // namespace peerpay::sim
