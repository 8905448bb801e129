#include "tests/support/ledger/random_traffic.h"

#include <utility>

namespace peerpay::ledger::test {
namespace {

constexpr std::uint32_t kAccounts = 60;

}  // namespace

RandomTraffic::RandomTraffic(std::uint64_t seed) : rng_{seed} {
  for (std::uint32_t i = 0; i < kAccounts; ++i) ids_.push_back(test_account(i));
}

std::vector<SealedTransaction> RandomTraffic::next_candidates(const LedgerWorld& world) {
  std::vector<SealedTransaction> out;
  for (std::uint64_t i = rng_.below(6); i > 0; --i) out.push_back(next(world));
  return out;
}

std::uint32_t RandomTraffic::next_proposer() { return static_cast<std::uint32_t>(rng_.below(4)); }

SealedTransaction RandomTraffic::next(const LedgerWorld& world) {
  const auto sender = ids_[rng_.below(kAccounts)];
  const Account* account = world.state().account(sender);
  const std::uint64_t highest = account != nullptr ? account->nonces.highest : 0;
  std::vector<Leg> legs;
  for (std::uint64_t i = rng_.between(1, 4); i > 0; --i) {
    const AssetId asset{static_cast<std::uint32_t>(rng_.below(3))};
    legs.push_back({ids_[rng_.below(kAccounts)], rng_.below(50'000), asset});
  }
  const Nonce nonce{highest + rng_.below(5)};
  auto body = payment(world.genesis(), sender, nonce, legs);
  if (rng_.chance(1, 3)) body.sponsor = ids_[rng_.below(kAccounts)];
  body.valid_until.value = world.tip().timestamp.value + rng_.below(2'000);
  return sealed(world.chain(), std::move(body));
}

}  // namespace peerpay::ledger::test
