// Twins: scenarios are counted and named as they should be, and pass.
#include "tests/sim/twins.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace peerpay::sim::testing {
namespace {

TEST(Twins, AreAsManyAsTheFormulaSays) {
  for (const TwinsShape& shape :
       {TwinsShape{4, 1}, TwinsShape{4, 2}, TwinsShape{5, 1}, TwinsShape{7, 1}}) {
    EXPECT_EQ(std::to_string(all_canonical(shape).size()), count_canonical(shape))
        << shape.validators << " validators, " << shape.views << " views";
  }
}

TEST(Twins, DoNotChangeWhenNamesThatDoNotMatterDo) {
  base::Rng rng{1};
  for (int i = 0; i < 200; ++i) {
    const TwinsScenario scenario = draw_twins({7, 2}, rng);
    const TwinsScenario once = canonical(scenario);
    EXPECT_EQ(canonical(once), once);
    TwinsScenario other = scenario;
    for (auto& column : other.talks) {
      for (Talks& talks : column) {
        if (talks == Talks::kWithFirst) {
          talks = Talks::kWithSecond;
        } else if (talks == Talks::kWithSecond) {
          talks = Talks::kWithFirst;
        }
      }
    }
    EXPECT_EQ(canonical(other), once);
  }
}

TEST(Twins, AreTheSameRunForTheSameSeed) {
  base::Rng rng{7};
  const TwinsScenario scenario = draw_twins({4, 3}, rng);
  const TwinsReport first = run_twins(scenario, base::Rng{3});
  const TwinsReport second = run_twins(scenario, base::Rng{3});
  EXPECT_EQ(first.steps, second.steps);
  EXPECT_EQ(first.evidence, second.evidence);
}

TEST(Twins, OfEveryShapePass) {
  for (const std::uint32_t validators : {4U, 7U, 10U, 13U}) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      base::Rng rng{seed};
      const TwinsScenario scenario = draw_twins({validators, 4}, rng);
      const TwinsReport report = run_twins(scenario, rng);
      ASSERT_FALSE(report.failure) << describe(scenario) << ": " << report.failure->explanation;
    }
  }
}

}  // namespace
}  // namespace peerpay::sim::testing
