#pragma once
// ConnectionTable: which connection has to go when there are too many. Pure.
//
// Nobody says which of them are useful, so the source (an IP address) that holds most gives its
// newest: one host can't drive out the others, nor a flood those that were there before it.

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <map>
#include <string>

#include "node/net/flood_watch.h"

namespace peerpay::net {

struct Connection {
  int descriptor = -1;
  std::uint64_t identity = 0;  // tells whether the descriptor is still this connection
  std::string source;
  std::string peer = {};  // source and port, as gRPC writes them
  FloodWatch watch = {};
  std::uint64_t bytes_seen = 0;  // of the last look
};

class ConnectionTable {
 public:
  explicit ConnectionTable(std::size_t connections_max) : connections_max_{connections_max} {}

  [[nodiscard]] bool is_full() const { return size_ >= connections_max_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  void add(Connection connection);
  // The newest connection of the source that holds most; of several such, of `newcomer`.
  // REQUIRES: `newcomer` has a connection.
  Connection evict(const std::string& newcomer);
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
  const std::size_t connections_max_;
  std::size_t size_ = 0;
  std::map<std::string, std::list<Connection>> by_source_;  // oldest first
};

}  // namespace peerpay::net
