#include "node/net/connection_table.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace peerpay::net {
namespace {

bool is_trial_over(const Connection& connection, base::TimePoint now) {
  if (connection.awaits_hand_over) return false;
  if (connection.watch.was_useful()) return true;
  if (now - connection.trial_begun >= ConnectionTable::kTrialMax) return true;
  return !connection.has_more && now - connection.heard >= ConnectionTable::kQuietMax;
}

// What gRPC was left with, of one connection or of many.
struct Burden {
  std::uint64_t calls = 0;
  std::uint64_t bytes = 0;

  Burden& operator+=(const Burden& other) {
    calls += other.calls;
    bytes += other.bytes;
    return *this;
  }
  Burden& operator-=(const Burden& other) {
    calls -= other.calls;
    bytes -= other.bytes;
    return *this;
  }
  [[nodiscard]] bool exceeds(const Burden& bound, std::uint64_t times) const {
    return calls > times * bound.calls || bytes > times * bound.bytes;
  }
  // In parts of the bound.
  [[nodiscard]] std::uint64_t share_of(const Burden& bound) const {
    constexpr std::uint64_t kParts = 1'000;
    return std::max(calls * kParts / bound.calls, bytes * kParts / bound.bytes);
  }
};

struct Burdened {
  Connection* connection;
  Burden burden;
};

// Takes from `all`, which begins with the greediest, those without which the rest is within the
// bound.
void take_greediest(const std::vector<Burdened>& all, const Burden& bound, std::uint64_t times,
                    std::vector<Connection*>& out) {
  Burden sum;
  for (const auto& each : all) sum += each.burden;
  for (const auto& each : all) {
    if (!sum.exceeds(bound, times)) return;
    sum -= each.burden;
    out.push_back(each.connection);
  }
}

}  // namespace

void ConnectionTable::add(Connection connection) {
  auto& connections = by_source_[connection.source];
  connections.push_back(std::move(connection));
  ++size_;
}

Connection* ConnectionTable::find(const std::string& source, std::uint64_t identity) {
  const auto connections = by_source_.find(source);
  if (connections == by_source_.end()) return nullptr;
  const auto found =
      std::find_if(connections->second.begin(), connections->second.end(),
                   [&](const Connection& each) { return each.identity == identity; });
  return found == connections->second.end() ? nullptr : &*found;
}

bool ConnectionTable::turns_away(const std::string& source) const {
  const auto own = by_source_.find(source);
  const std::size_t with_it = 1 + (own == by_source_.end() ? 0 : own->second.size());
  return is_full() && std::none_of(by_source_.begin(), by_source_.end(), [&](const auto& other) {
           return other.second.size() > with_it;
         });
}

Connection ConnectionTable::evict(const std::string& newcomer) {
  auto greediest = by_source_.find(newcomer);
  PEERPAY_CHECK(greediest != by_source_.end(), "the newcomer was added");
  for (auto source = by_source_.begin(); source != by_source_.end(); ++source) {
    if (source->second.size() > greediest->second.size()) greediest = source;
  }
  Connection evicted = std::move(greediest->second.back());
  greediest->second.pop_back();
  if (greediest->second.empty()) by_source_.erase(greediest);
  --size_;
  return evicted;
}

void ConnectionTable::refuse(const std::string& source, base::TimePoint now) {
  const auto found = by_source_.find(source);
  if (found == by_source_.end()) return;
  std::size_t refused = 0;
  for (auto& connection : found->second) {
    if (!connection.is_held()) continue;
    const bool is_kept = ++refused <= kRefusedMax;
    const bool is_new = connection.stage != Connection::Stage::kRefused;
    if (is_new) connection.held_until = now + kRefusedFor;
    if (!is_kept) connection.held_until = now;
    connection.stage = Connection::Stage::kRefused;
  }
}

std::vector<Connection*> ConnectionTable::excessive(base::TimePoint now,
                                                    std::uint64_t unused_bytes_max) {
  const Burden bound{static_cast<std::uint64_t>(FloodWatch::kEmptyBurst), unused_bytes_max};
  std::vector<Connection*> out;
  for (auto& [source, connections] : by_source_) {
    std::vector<Burdened> strangers;
    std::vector<Burdened> all;
    for (auto& connection : connections) {
      const auto& watch = connection.watch;
      const Burdened each{&connection, {watch.empty_calls(now), watch.unused_bytes()}};
      if (each.burden.share_of(bound) == 0) continue;
      all.push_back(each);
      if (!watch.was_useful()) strangers.push_back(each);
    }
    for (auto* group : {&strangers, &all}) {
      std::stable_sort(group->begin(), group->end(), [&](const Burdened& a, const Burdened& b) {
        return a.burden.share_of(bound) > b.burden.share_of(bound);
      });
    }
    take_greediest(strangers, bound, kStrangersShare, out);
    take_greediest(all, bound, kSourceShare, out);
  }
  return out;
}

void ConnectionTable::settle(base::TimePoint now) {
  for_each([now](Connection& connection) {
    if (connection.stage != Connection::Stage::kOnTrial) return;
    if (is_trial_over(connection, now)) connection.stage = Connection::Stage::kSettled;
  });
}

std::size_t ConnectionTable::trials_free(const Connections& connections) {
  const auto on_trial = std::count_if(
      connections.begin(), connections.end(),
      [](const Connection& connection) { return connection.stage == Connection::Stage::kOnTrial; });
  return kTrialsMax - std::min(kTrialsMax, static_cast<std::size_t>(on_trial));
}

}  // namespace peerpay::net
