#pragma once
// DialledStream: one dial of one peer on one lane, from the TCP connection to its end.

#include <chrono>
#include <memory>
#include <string>

#include "ledger/ids.h"
#include "node/net/outbound_lane.h"
#include "node/net/peer_types.h"

namespace grpc {
class ChannelCredentials;
}

namespace peerpay::net {

struct DialOptions {
  std::string address;
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  ledger::ChainId chain;
  Lane lane = Lane::kConsensus;
  std::chrono::milliseconds keepalive_interval{};
  std::chrono::milliseconds keepalive_timeout{};
  std::chrono::milliseconds handshake_timeout{};
};

class DialledStream : public FrameWriter {
 public:
  // Nothing happens before start(). `events` must live until on_closed returns.
  [[nodiscard]] static std::shared_ptr<DialledStream> create(const DialOptions& options,
                                                             StreamEvents& events);
  // Begins to connect. Keeps itself alive until on_closed. REQUIRES: called once.
  virtual void start() = 0;
};

}  // namespace peerpay::net
