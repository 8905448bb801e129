#pragma once
// Mutual TLS in which a key is trusted because its pin is known, and nothing else about a
// certificate counts.

#include <memory>
#include <optional>
#include <vector>

#include "ledger/genesis.h"
#include "node/net/peer_counters.h"
#include "node/net/tls_identity.h"

namespace grpc {
class AuthContext;
class ChannelCredentials;
class ServerCredentials;
}  // namespace grpc

namespace peerpay::net {

// Accepts every peer whose key is among `pins`. Refusals are counted; the check can outlive the
// server by a second, so it shares the counters.
[[nodiscard]] std::shared_ptr<grpc::ServerCredentials> pinned_server_credentials(
    const TlsIdentity& identity, std::vector<ledger::TlsPin> pins,
    std::shared_ptr<PeerCounters> counters);

// Accepts the one server that has this pin.
[[nodiscard]] std::shared_ptr<grpc::ChannelCredentials> pinned_channel_credentials(
    const TlsIdentity& identity, const ledger::TlsPin& pin, std::shared_ptr<PeerCounters> counters);

// The pin of the peer at the other end, from the certificate whose key it proved to hold. gRPC's
// "peer identity" is a name that the peer chose: never use it.
[[nodiscard]] std::optional<ledger::TlsPin> authenticated_pin(const grpc::AuthContext& context);

}  // namespace peerpay::net
