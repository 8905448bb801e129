#pragma once
// peerpay-explore: every world in turn, each with its share of the states.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "tests/explore/explorer.h"

namespace peerpay::explore {

struct Command {
  std::uint64_t states = 300'000;  // distinct ones, in all worlds together
  std::uint32_t views = kViewsMax;
  std::uint32_t crashes = 1;
  bool each_vote = false;
  std::uint64_t seed = 1;  // of the order, and of the dives
  bool json = false;
  std::string path;  // run these steps instead; empty: none
};

// Whether the Byzantine validator leads a view decides most: four turns of the rotation, and where
// it leads, whether its second block is refused. And whether anybody may crash: searches crash
// soon, and would hardly see what happens without.
[[nodiscard]] std::vector<World> worlds(const Command& command);

// "views=3,turn=1,crashes=1,refuses=0,each=0 n0:timeout n1:votes.nullify-v1.03".
[[nodiscard]] std::string describe(const World& world, const Path& path);
struct Course {
  World world;
  Path path;
};
// Or what is wrong with it, as a sentence.
[[nodiscard]] base::Expected<Course, std::string> course_named(std::string_view text);

// The exit code: 0, or the class of the first failure; 64 for a path that is none.
[[nodiscard]] int run(const Command& command);

// After a CHECK failed: the path, as far as it is known.
void print_where_it_is();

}  // namespace peerpay::explore
