#include "bench/attack.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <cstdio>

namespace peerpay::bench {

const std::vector<Attack>& attacks() {
  static const std::vector<Attack> kAll = [] {
    auto out = attacks_by_strangers();
    for (const auto& more : {attacks_by_clients(), attacks_by_validators()}) {
      out.insert(out.end(), more.begin(), more.end());
    }
    return out;
  }();
  return kAll;
}

const Attack* find_attack(std::string_view name) {
  const auto found = std::find_if(attacks().begin(), attacks().end(),
                                  [&](const Attack& attack) { return attack.name == name; });
  return found == attacks().end() ? nullptr : &*found;
}

int run_attacker(const AttackerOptions& options, Interruption& interruption) {
  const auto* attack = find_attack(options.attack);
  if (attack == nullptr) {
    fmt::print(stderr, "There is no attack {}.\n", options.attack);
    return 2;
  }
  const sched_param none{};
  if (::sched_setscheduler(0, SCHED_IDLE, &none) != 0) {
    fmt::print(stderr, "The lowest priority is refused.\n");
    return 1;
  }
  const auto counts = attack->run(options.target, interruption);
  if (!counts) {
    fmt::print(stderr, "{}\n", counts.error().sentence);
    return 1;
  }
  for (const auto& [name, number] : *counts) fmt::print("count {} {}\n", name, number);
  return 0;
}

}  // namespace peerpay::bench
