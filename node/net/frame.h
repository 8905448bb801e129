#pragma once
// PeerFrame (proto/peerpay/v1/peer.proto) to and from bytes, without protobuf's own copies: a large
// message is shared by the frames of all peers, and a received one is copied once.

#include <cstddef>
#include <functional>
#include <vector>

#include "base/bytes.h"
#include "node/net/outbound_queue.h"

namespace grpc {
class ByteBuffer;
}

namespace peerpay::net {

// What a frame adds to a message at most: tag and length.
inline constexpr std::size_t kFrameOverheadBytesMax = 6;

// REQUIRES: each message is below 2^31 bytes.
[[nodiscard]] grpc::ByteBuffer encode_frame(const std::vector<Message>& messages);

// Hands each message to `take` in order, until `take` returns false. False when it did, or when the
// bytes are not a frame of messages of at most `message_bytes_max`; a length is checked before it
// is believed. Empties `frame`.
[[nodiscard]] bool decode_frame(grpc::ByteBuffer& frame, std::size_t message_bytes_max,
                                const std::function<bool(base::Bytes)>& take);

}  // namespace peerpay::net
