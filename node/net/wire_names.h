#pragma once
// The names and fixed sizes of the peer protocol, as both ends must know them (docs/spec/wire.md).

#include "node/net/peer_types.h"

namespace peerpay::net {

// In every certificate and every dial: gRPC sends a server name even to a numeric address, and logs
// one that the certificate does not have.
inline constexpr const char* kTlsServerName = "node";

// Initial metadata: the 32 bytes of the sender's chain id.
inline constexpr const char* kChainMetadataKey = "peerpay-chain-bin";
inline constexpr int kMetadataBytesMax = 8 * 1024;

inline constexpr std::size_t kReasonBytesMax = 200;

// With ABORTED: how a stream ends whose place a newer one of the same peer and lane took.
inline constexpr const char* kReplacedCode = "replaced:";
inline constexpr const char* kReplacedMessage = "replaced: A newer stream took its place.";

[[nodiscard]] constexpr const char* method_path(Lane lane) {
  return lane == Lane::kConsensus ? "/peerpay.v1.Peer/Consensus" : "/peerpay.v1.Peer/Bulk";
}

}  // namespace peerpay::net
