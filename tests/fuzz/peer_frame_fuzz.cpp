// Frames between validators: the bounds hold before memory is taken, and what is read is sent on
// the same.

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <memory>
#include <vector>

#include "node/net/frame.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace peerpay;

constexpr std::size_t kMessageBytesMax = 300;

std::optional<std::vector<net::Message>> read_frame(grpc::ByteBuffer& frame) {
  std::vector<net::Message> messages;
  const bool is_whole = net::decode_frame(frame, kMessageBytesMax, [&](base::Bytes message) {
    PEERPAY_CHECK(message.size() <= kMessageBytesMax, "the bound holds");
    messages.push_back(std::make_shared<const base::Bytes>(std::move(message)));
    return true;
  });
  if (!is_whole) return std::nullopt;
  return messages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // In two slices, as the network may cut it.
  const std::size_t cut = size == 0 ? 0 : data[0] % (size + 1);
  const grpc::Slice slices[] = {grpc::Slice{data, cut}, grpc::Slice{data + cut, size - cut}};
  grpc::ByteBuffer frame{slices, 2};
  const auto messages = read_frame(frame);
  if (!messages) return 0;
  auto sent = net::encode_frame(*messages);
  const auto again = read_frame(sent);
  PEERPAY_CHECK(again && again->size() == messages->size(), "as many are sent on");
  for (std::size_t i = 0; i < messages->size(); ++i) {
    PEERPAY_CHECK(*(*again)[i] == *(*messages)[i], "they are the same");
  }
  return 0;
}
