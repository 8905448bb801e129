#pragma once
// What must never happen in an exploration, said without any predicate of the code under test: a
// quorum is three of four here, and what excludes what is written out.

#include <array>
#include <cstdint>

#include "tests/explore/universe.h"
#include "tests/sim/verdict.h"

namespace peerpay::explore {

// What one honest validator has told the world, durably promised, and holds certificates of.
struct Testimony {
  Subjects sent = 0;
  Subjects promised = 0;
  Subjects held = 0;
};

// `number` leaves the validator now, with its signature.
void check_vote(const Testimony& before, std::uint32_t number, sim::Verdict& verdict);

// Subjects of which a certificate can exist: two honest votes, and the Byzantine one for the
// asking.
[[nodiscard]] constexpr Subjects certifiable(Subjects a, Subjects b, Subjects c) {
  return (a & b) | (a & c) | (b & c);
}

// Agreement, on everything of which a certificate can exist; and nobody holds any other.
void check_agreement(const std::array<Testimony, kHonest>& all, const World& world,
                     sim::Verdict& verdict);

}  // namespace peerpay::explore
