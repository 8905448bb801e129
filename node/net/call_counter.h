#pragma once
// CallCounter: what gRPC counts of the connections of this process's servers (channelz, gRFC A14).
// Not safe for threads.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "node/net/flood_watch.h"

namespace peerpay::net {

class CallCounter {
 public:
  // A new round of questions: connections may be new, and are looked for once.
  void begin_round() { is_fresh_ = false; }
  // Of the connection from `peer`, "ipv4:127.0.0.1:4711", as gRPC writes it. Empty when gRPC has
  // none, or not yet: its handshake has not ended.
  [[nodiscard]] std::optional<CallCounts> counts(const std::string& peer);

 private:
  void list_sockets();

  std::map<std::string, std::intptr_t> sockets_;  // by peer
  bool is_fresh_ = false;
};

}  // namespace peerpay::net
