#include "node/net/frame.h"

#include <google/protobuf/io/coded_stream.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

#include <array>
#include <cstdint>
#include <utility>

namespace peerpay::net {
namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

constexpr std::uint32_t kMessagesTag = (1 << 3) | 2;  // field 1, length-delimited
// Up to this size a copy costs less than a slice of its own.
constexpr std::size_t kCopiedBytesMax = 4096;

class FrameBuilder {
 public:
  void add(const Message& message) {
    add_head(static_cast<std::uint32_t>(message->size()));
    if (message->size() <= kCopiedBytesMax) {
      small_.append(reinterpret_cast<const char*>(message->data()), message->size());
      return;
    }
    flush();
    slices_.push_back(shared_slice(message));
  }

  grpc::ByteBuffer take() && {
    flush();
    return grpc::ByteBuffer{slices_.data(), slices_.size()};
  }

 private:
  void add_head(std::uint32_t size) {
    std::array<std::uint8_t, kFrameOverheadBytesMax> head{};
    head[0] = static_cast<std::uint8_t>(kMessagesTag);
    const auto* end = CodedOutputStream::WriteVarint32ToArray(size, head.data() + 1);
    small_.append(reinterpret_cast<const char*>(head.data()),
                  static_cast<std::size_t>(end - head.data()));
  }

  void flush() {
    if (small_.empty()) return;
    slices_.emplace_back(small_);
    small_.clear();
  }

  static grpc::Slice shared_slice(const Message& message) {
    // gRPC keeps the owner until the bytes are on their way, then deletes it.
    auto* owner = new Message{message};
    auto* bytes = const_cast<std::uint8_t*>(message->data());  // gRPC only reads them
    return grpc::Slice{bytes, message->size(),
                       [](void* data) { delete static_cast<Message*>(data); }, owner};
  }

  std::string small_;
  std::vector<grpc::Slice> slices_;
};

}  // namespace

grpc::ByteBuffer encode_frame(const std::vector<Message>& messages) {
  FrameBuilder builder;
  for (const Message& message : messages) builder.add(message);
  return std::move(builder).take();
}

bool decode_frame(grpc::ByteBuffer& frame, std::size_t message_bytes_max,
                  const std::function<bool(base::Bytes)>& take) {
  std::size_t left = frame.Length();
  grpc::ProtoBufferReader reader{&frame};
  if (!reader.status().ok()) return false;
  CodedInputStream in{&reader};
  while (left != 0) {
    std::uint32_t size = 0;
    const int head_start = in.CurrentPosition();
    if (in.ReadTag() != kMessagesTag || !in.ReadVarint32(&size)) return false;
    const auto head = static_cast<std::size_t>(in.CurrentPosition() - head_start);
    if (size > message_bytes_max || size > left - head) return false;
    base::Bytes message(size);
    if (!in.ReadRaw(message.data(), static_cast<int>(size))) return false;
    left -= head + size;
    if (!take(std::move(message))) return false;
  }
  return true;
}

}  // namespace peerpay::net
