#pragma once
// ConnectionTable: which connections gRPC gets, and which has to go when there are too many. Pure.
//
// What a flood does, it does before it is noticed, so strangers are let in a few at a time: of one
// source (base/os/ip_source.h) kTrialsMax may be on trial, the others wait for their turn, unread.
// A trial ends when something came of the connection (a message, an answer), when it says nothing,
// or in time; most take a millisecond.
//
// The connections of one source together may leave gRPC with no more calls and bytes of which
// nothing comes than a few of them: those of which nothing ever came less than the others.
//
// Nobody says which connections are useful, so the source that holds most gives its newest: one
// host can't drive out the others, nor a flood those that were there before it.

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "node/net/flood_watch.h"

namespace peerpay::net {

struct Connection {
  enum class Stage : std::uint8_t {
    kSilent,   // has said nothing; not gRPC's yet, as the next
    kWaiting,  // for its trial
    kOnTrial,
    kSettled,
    kRefused,  // its source is; kept for a while, so that it is not dialled anew all the time
  };

  int descriptor = -1;
  std::uint64_t identity = 0;  // tells whether the descriptor is still this connection
  std::string source;
  std::string peer = {};  // source and port, as gRPC writes them
  Stage stage = Stage::kSilent;
  base::TimePoint held_until = {};  // of those that are not gRPC's
  base::TimePoint trial_begun = {};
  bool awaits_hand_over = false;  // on trial, which begins when gRPC gets it
  base::TimePoint heard = {};     // when gRPC last had something to read, of those on trial
  FloodWatch watch = {};
  std::uint64_t bytes_received = 0;  // at the last look
  bool has_more = false;             // for gRPC to read, then
  std::uint64_t bytes_taken = 0;     // by gRPC, at the last look at its calls

  [[nodiscard]] bool is_held() const {
    return stage == Stage::kSilent || stage == Stage::kWaiting || stage == Stage::kRefused;
  }
};

class ConnectionTable {
 public:
  // Of one source at a time. gRPC 1.51 may read 80 KiB at once and makes of it hundreds of calls,
  // 10 MiB, before anybody can stop it.
  static constexpr std::size_t kTrialsMax = 1;
  // Who waits for its client's next thought leaves its place to others; who says a lot of which
  // nothing comes is a flood or slow by then.
  static constexpr base::Duration kQuietMax = base::milliseconds(20);
  static constexpr base::Duration kTrialMax = base::seconds(1);

  // Of one source: the others of a refused one end at once.
  static constexpr std::size_t kRefusedMax = 16;
  static constexpr base::Duration kRefusedFor = base::seconds(2);
  // As many times what one connection may (FloodWatch), a source's connections may together: those
  // of which nothing useful ever came, and all of them.
  static constexpr std::uint64_t kStrangersShare = 2;
  static constexpr std::uint64_t kSourceShare = 8;

  // A client of gRPC gives up after so long, unless it was told otherwise.
  static constexpr base::Duration kTurnMax = base::seconds(20);

  explicit ConnectionTable(std::size_t connections_max) : connections_max_{connections_max} {}

  [[nodiscard]] bool is_full() const { return size_ >= connections_max_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  void add(Connection connection);
  // Null when there is none.
  [[nodiscard]] Connection* find(const std::string& source, std::uint64_t identity);
  // There is no room, and what would have to go is another connection of this source.
  [[nodiscard]] bool turns_away(const std::string& source) const;
  // The newest connection of the source that holds most; of several such, of `newcomer`.
  // REQUIRES: `newcomer` has a connection.
  Connection evict(const std::string& newcomer);
  // Refuses those of this source that gRPC does not have yet: they are to end at `held_until`.
  void refuse(const std::string& source, base::TimePoint now);
  // Ends the trials that are over.
  void settle(base::TimePoint now);
  // Of each source, the connections whose turn it is, oldest first, go on trial and to `hand_over`.
  template <class HandOver>
  void begin_trials(base::TimePoint now, HandOver&& hand_over) {
    for (auto& [source, connections] : by_source_) begin_trials(connections, now, hand_over);
  }
  template <class HandOver>
  void begin_trials_of(const std::string& source, base::TimePoint now, HandOver&& hand_over) {
    const auto found = by_source_.find(source);
    if (found != by_source_.end()) begin_trials(found->second, now, hand_over);
  }
  // The connections that have to end for the others of their sources to be within the bounds above,
  // greediest first. REQUIRES: unused_bytes_max > 0.
  [[nodiscard]] std::vector<Connection*> excessive(base::TimePoint now,
                                                   std::uint64_t unused_bytes_max);
  template <class Look>
  void for_each(Look&& look) {
    for (auto& [source, connections] : by_source_) {
      for (auto& connection : connections) look(connection);
    }
  }
  // Forgets those that `is_closed`.
  template <class IsClosed>
  void sweep(IsClosed&& is_closed) {
    for (auto source = by_source_.begin(); source != by_source_.end();) {
      size_ -= source->second.remove_if(is_closed);
      source = source->second.empty() ? by_source_.erase(source) : std::next(source);
    }
  }

 private:
  using Connections = std::list<Connection>;  // oldest first

  static std::size_t trials_free(const Connections& connections);
  template <class HandOver>
  static void begin_trials(Connections& connections, base::TimePoint now, HandOver& hand_over) {
    auto free = trials_free(connections);
    for (auto& connection : connections) {
      if (free == 0) return;
      if (connection.stage != Connection::Stage::kWaiting) continue;
      connection.stage = Connection::Stage::kOnTrial;
      connection.trial_begun = connection.heard = now;
      --free;
      hand_over(connection);
    }
  }

  const std::size_t connections_max_;
  std::size_t size_ = 0;
  std::map<std::string, Connections> by_source_;
};

}  // namespace peerpay::net
