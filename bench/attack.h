#pragma once
// Attacks on a running validator, each made by a process of its own (attack_command.cpp measures
// what they do to the others' payments). All of them mean one node; what it can't refuse by itself,
// its network has to bear.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/failure.h"
#include "bench/interruption.h"

namespace peerpay::bench {

struct AttackTarget {
  std::string client_address;  // host:port
  std::string home;            // of a validator whose keys the attacker has
  std::size_t accounts = 0;    // whose keys the attacker has too; the last ones are its payers
};

// What was done, by name; the first one proves that the attack took place.
using AttackCounts = std::vector<std::pair<std::string, std::uint64_t>>;

struct Attack {
  std::string_view name;
  std::string_view sentence;
  // The attacker is a validator: its own process must not run.
  bool is_byzantine = false;
  // Until interrupted.
  Result<AttackCounts> (*run)(const AttackTarget& target, Interruption& interruption) = nullptr;
};
[[nodiscard]] const std::vector<Attack>& attacks();
// Null when there is none of that name.
[[nodiscard]] const Attack* find_attack(std::string_view name);

// The whole life of an attacker's process: at the lowest priority, so that it takes only the CPU
// that nobody else wants. Prints a line "count NAME NUMBER" for each count. Returns an exit code.
struct AttackerOptions {
  std::string attack;
  AttackTarget target;
};
[[nodiscard]] int run_attacker(const AttackerOptions& options, Interruption& interruption);

// Accounts at the end of the range that honest load leaves to attackers.
inline constexpr std::size_t kAttackerAccounts = 50;

// One for each file that holds some.
[[nodiscard]] std::vector<Attack> attacks_by_strangers();
[[nodiscard]] std::vector<Attack> attacks_by_clients();
[[nodiscard]] std::vector<Attack> attacks_by_validators();

}  // namespace peerpay::bench
