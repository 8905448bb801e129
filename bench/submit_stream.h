#pragma once
// SubmitStream: one call of that name, on a connection of its own. One thread sends while another
// receives; cancel may come from any.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/loopback.h"
#include "proto/client/node_api.h"

namespace peerpay::bench {

class SubmitStream {
 public:
  // Whether the node can be reached shows at the first send or receive.
  explicit SubmitStream(const std::string& address);
  // From there to 127.0.0.1:`port`.
  SubmitStream(LoopbackHost from, std::uint16_t port);
  SubmitStream(const SubmitStream&) = delete;
  SubmitStream& operator=(const SubmitStream&) = delete;
  ~SubmitStream();  // REQUIRES: receive has returned nothing, or was never called

  // BCS SignedTransactions, in one message. False when the call has ended. Blocks while the node
  // does not read. REQUIRES: 1 to proto::kBatchSubmissionsMax of them.
  [[nodiscard]] bool send(const std::vector<const std::string*>& transactions);
  // Answers that came together; empty when the call has ended.
  [[nodiscard]] std::vector<proto::StreamedStatus> receive();
  // Ends the call: both sides return soon.
  void cancel();
  // Why the call has ended. REQUIRES: receive has returned nothing.
  [[nodiscard]] std::string ending();

 private:
  struct Call;
  std::unique_ptr<Call> call_;
};

}  // namespace peerpay::bench
