#include "tests/sim/twins.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"

namespace peerpay::sim {

namespace {

__extension__ using Wide = unsigned __int128;  // counts go beyond 64 bits

Wide power(Wide base, std::uint32_t exponent) {
  Wide out = 1;
  while (exponent-- > 0) out *= base;
  return out;
}

std::string decimal(Wide value) {
  std::string out;
  do {
    out.insert(out.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value > 0);
  return out;
}

// Whether an honest validator leads in the prefix: then its name matters.
bool leads(const TwinsScenario& scenario, std::uint32_t validator) {
  for (std::uint32_t view = 1; view <= scenario.views; ++view) {
    if ((scenario.turn + view) % scenario.validators == validator) return true;
  }
  return false;
}

Talks swapped(Talks talks) {
  if (talks == Talks::kWithFirst) return Talks::kWithSecond;
  return talks == Talks::kWithSecond ? Talks::kWithFirst : talks;
}

// Those whose names don't matter, in order among themselves.
TwinsScenario sorted(TwinsScenario scenario) {
  std::vector<std::vector<Talks>> columns;
  for (std::uint32_t i = 0; i + 1 < scenario.validators; ++i) {
    if (!leads(scenario, i)) columns.push_back(scenario.talks[i]);
  }
  std::sort(columns.begin(), columns.end());
  auto next = columns.begin();
  for (std::uint32_t i = 0; i + 1 < scenario.validators; ++i) {
    if (!leads(scenario, i)) scenario.talks[i] = *next++;
  }
  return scenario;
}

// Multisets of `size` that a permutation and, at times, the swap of halves leave as they are,
// summed over the permutations: the cycle index of the symmetric group, by its recursion. A cycle
// of length c can be filled in choices(c) ways.
template <class Choices>
Wide sum_over_permutations(std::uint32_t size, Choices choices) {
  std::vector<Wide> out{1};
  for (std::uint32_t m = 1; m <= size; ++m) {
    Wide sum = 0;
    for (std::uint32_t c = 1; c <= m; ++c) sum += choices(c) * out[m - c];
    out.push_back(sum / m);
  }
  return out.back();
}

}  // namespace

Talks TwinsScenario::at(std::uint32_t validator, std::uint64_t view) const {
  return view == 0 || view > views ? Talks::kWithBoth : talks[validator][view - 1];
}

std::string describe(const TwinsScenario& scenario) {
  std::string out = "n=" + std::to_string(scenario.validators) +
                    " turn=" + std::to_string(scenario.turn) +
                    (scenario.slow_links ? " slow" : " fast");
  for (std::uint32_t i = 0; i < scenario.talks.size(); ++i) {
    out += " n" + std::to_string(i) + ":";
    for (const Talks talks : scenario.talks[i]) out += "-AB2"[static_cast<std::size_t>(talks)];
  }
  return out;
}

TwinsScenario draw_twins(const TwinsShape& shape, base::Rng& rng) {
  TwinsScenario out{shape.validators,
                    shape.views,
                    static_cast<std::uint32_t>(rng.below(shape.validators)),
                    rng.chance(1, 2),
                    {}};
  for (std::uint32_t i = 0; i + 1 < shape.validators; ++i) {
    auto& column = out.talks.emplace_back();
    for (std::uint32_t view = 0; view < shape.views; ++view)
      column.push_back(static_cast<Talks>(rng.below(4)));
  }
  return out;
}

TwinsScenario canonical(TwinsScenario scenario) {
  TwinsScenario other = scenario;
  for (auto& column : other.talks) {
    for (Talks& talks : column) talks = swapped(talks);
  }
  return std::min(sorted(std::move(scenario)), sorted(std::move(other)));
}

// Burnside's lemma for each turn; the two kinds of links double it.
std::string count_canonical(const TwinsShape& shape) {
  const Wide columns = power(4, shape.views);
  const Wide columns_unswapped = power(2, shape.views);  // that the swap leaves as they are
  Wide out = 0;
  for (std::uint32_t turn = 0; turn < shape.validators; ++turn) {
    const TwinsScenario probe{shape.validators, shape.views, turn, false, {}};
    std::uint32_t leading = 0;
    for (std::uint32_t i = 0; i + 1 < shape.validators; ++i) leading += leads(probe, i);
    const std::uint32_t others = shape.validators - 1 - leading;
    const Wide kept = sum_over_permutations(others, [&](std::uint32_t) { return columns; });
    const Wide when_swapped = sum_over_permutations(
        others, [&](std::uint32_t c) { return c % 2 == 0 ? columns : columns_unswapped; });
    out += (power(columns, leading) * kept + power(columns_unswapped, leading) * when_swapped) / 2;
  }
  return decimal(2 * out);
}

std::vector<TwinsScenario> all_canonical(const TwinsShape& shape) {
  const std::uint32_t cells = shape.views * (shape.validators - 1);
  PEERPAY_CHECK(cells <= 12, "more scenarios than anybody waits for");
  std::set<TwinsScenario> out;
  for (std::uint32_t turn = 0; turn < shape.validators; ++turn) {
    for (std::uint64_t code = 0; code < std::uint64_t{1} << (2 * cells); ++code) {
      TwinsScenario one{shape.validators, shape.views, turn, false, {}};
      for (std::uint32_t cell = 0; cell < cells; ++cell) {
        if (cell % shape.views == 0) one.talks.emplace_back();
        one.talks.back().push_back(static_cast<Talks>(code >> (2 * cell) & 3));
      }
      one = canonical(std::move(one));
      for (const bool slow : {false, true}) {
        one.slow_links = slow;
        out.insert(one);
      }
    }
  }
  return {out.begin(), out.end()};
}

}  // namespace peerpay::sim
