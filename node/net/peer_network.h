#pragma once
// PeerNetwork: this node's links to the other validators, over gRPC with mutual TLS and pinned keys
// (docs/spec/wire.md).
//
// Each node dials each peer twice, once a lane, and sends only on the streams it dialled; it
// receives on the streams the peers dialled. Who is at the other end is decided by the key of its
// TLS certificate alone.
//
// Sending never blocks and never grows: each peer has a bounded queue for each priority, whose
// oldest messages go when it is full. While a lane is down, what is sent on it is dropped at once:
// after on_connected the core says again what still matters. Receiving is bounded by credit
// (credit.h). So a slow, dead or hostile peer costs the others nothing.
//
// Call prepare_grpc_process (grpc_process.h) once before the first PeerNetwork. Thread-safe.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/expected.h"
#include "ledger/ids.h"
#include "node/net/credit.h"
#include "node/net/listen_error.h"
#include "node/net/peer_types.h"
#include "node/net/tls_identity.h"

namespace peerpay::net {

// Called from the network's own threads, also several at a time. gRPC has two such
// threads for everything, so calls must return quickly; they may call send. They must not call stop
// or destroy the network, and must not throw.
class PeerHandler {
 public:
  virtual ~PeerHandler() = default;
  // Messages of one peer and priority arrive in the order they were sent; some may be missing. They
  // may arrive before on_connected, when the peer's link to us is up before ours to it.
  virtual void on_message(PeerIndex from, base::Bytes message, Credit credit) = 0;
  // Both lanes are up in both directions: we can send to it, and it to us. The two calls alternate
  // for each peer, one at a time, on_connected first.
  virtual void on_connected(PeerIndex peer) = 0;
  virtual void on_disconnected(PeerIndex peer) = 0;
  // The peer says that a newer stream under our key took the place of one of ours: somebody else's.
  virtual void on_replaced(PeerIndex peer) = 0;
};

struct PeerNetworkOptions {
  std::string listen_address;  // host:port; port 0 lets the system choose
  TlsIdentity identity;
  ledger::ChainId chain;    // a peer with another one is refused, whatever its key
  std::vector<Peer> peers;  // all but this node
  PeerLimits limits;
  std::uint64_t seed = 0;  // of the jitter between dials
};

// Since the start; never go back.
struct PeerNetworkCounters {
  std::uint64_t messages_sent = 0;
  std::uint64_t frames_sent = 0;
  std::uint64_t bytes_sent = 0;  // of messages
  std::uint64_t messages_received = 0;
  std::uint64_t frames_received = 0;
  std::uint64_t bytes_received = 0;
  std::array<std::uint64_t, kPriorityCount> dropped_queue_full{};
  std::array<std::uint64_t, kPriorityCount> dropped_lane_down{};
  std::uint64_t dropped_too_large = 0;
  std::uint64_t dials = 0;
  std::uint64_t dials_failed = 0;  // did not come up, or broke
  std::uint64_t handshakes_refused =
      0;  // a certificate was shown and its key is not pinned, either side
  std::uint64_t streams_refused = 0;  // authenticated, but of another chain
  std::uint64_t streams_replaced =
      0;                          // the peer dialled anew before the old stream was seen to be dead
  std::uint64_t streams_cut = 0;  // more than its credit, or not our framing
};

// One peer as of now.
struct PeerLink {
  PeerIndex peer;
  std::string name;
  bool connected = false;
  std::array<bool, kLaneCount> outbound{};
  std::array<bool, kLaneCount> inbound{};
  std::size_t queued_bytes = 0;  // all priorities, overhead included
  std::string last_failure;      // why the newest dial or stream ended; empty when none did
};

struct PeerMessage {
  std::optional<PeerIndex> to;  // empty: to all
  Priority priority = Priority::kTransaction;
  std::shared_ptr<const base::Bytes> message;
};

class PeerNetwork {
 public:
  // Listens and begins to dial. `handler` is borrowed until stop returns.
  [[nodiscard]] static base::Expected<std::unique_ptr<PeerNetwork>, ListenError> start(
      PeerNetworkOptions options, PeerHandler& handler);

  PeerNetwork(const PeerNetwork&) = delete;
  PeerNetwork& operator=(const PeerNetwork&) = delete;
  ~PeerNetwork();  // stops

  // An unknown peer or a message above the lane's limit is counted and dropped.
  void send(PeerIndex to, Priority priority, std::shared_ptr<const base::Bytes> message);
  // In order; what fits goes in one frame for each peer and lane, which costs both ends hardly more
  // than one message.
  void send_together(const std::vector<PeerMessage>& messages);

  // Cuts every link and joins every thread; well under a second. No call to the handler after it
  // returns, on_disconnected included. A second call does nothing.
  void stop();

  [[nodiscard]] std::uint16_t listen_port() const;
  [[nodiscard]] PeerNetworkCounters counters() const;
  [[nodiscard]] std::vector<PeerLink> links() const;

 private:
  class Impl;
  explicit PeerNetwork(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace peerpay::net
