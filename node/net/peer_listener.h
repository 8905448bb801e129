#pragma once
// PeerListener: the port that the other validators dial, and what arrives there.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/expected.h"
#include "ledger/ids.h"
#include "node/net/credit.h"
#include "node/net/peer_counters.h"
#include "node/net/peer_types.h"
#include "node/net/tls_identity.h"

namespace peerpay::net {

// Called from gRPC's threads, several at a time.
class InboundEvents {
 public:
  virtual ~InboundEvents() = default;
  virtual void on_message(PeerIndex from, base::Bytes message, Credit credit) = 0;
  // has_stream(peer, ...) may have changed.
  virtual void on_inbound_changed(PeerIndex peer) = 0;
};

struct ListenerOptions {
  ledger::ChainId chain;
  const TlsIdentity& identity;  // read during create only, as `peers`
  const std::vector<Peer>& peers;
  PeerLimits limits;
};

class PeerListener {
 public:
  // `events` is borrowed until stop returns.
  [[nodiscard]] static std::unique_ptr<PeerListener> create(const ListenerOptions& options,
                                                            std::shared_ptr<PeerCounters> counters,
                                                            InboundEvents& events);
  virtual ~PeerListener() = default;

  // One sentence when the address (host:port) cannot be listened on. REQUIRES: called once.
  [[nodiscard]] virtual std::optional<std::string> listen(const std::string& address) = 0;
  // Ends every stream; when it returns, no call to the events is under way or will come. REQUIRES:
  // no dialled stream of the same network is left. gRPC joins its callback threads when the last
  // server or channel that uses them goes, and a dialled stream lets go of its channel on such a
  // thread: the server must be the last.
  virtual void stop() = 0;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  [[nodiscard]] virtual bool has_stream(PeerIndex peer, Lane lane) const = 0;
};

}  // namespace peerpay::net
