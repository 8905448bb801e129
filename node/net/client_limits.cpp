#include "node/net/client_service.h"
#include "proto/client/node_api.h"

namespace peerpay::net {

std::optional<std::string_view> ClientLimits::invalid_reason() const {
  if (message_bytes_max == 0 || memory_bytes_max < 4 * message_bytes_max) {
    return "The memory of the client service must hold four of its largest messages.";
  }
  if (connections_max == 0 || calls_max == 0 || streams_per_connection_max <= 0 ||
      unanswered_max == 0 || unanswered_bytes_max == 0 || unsettled_max == 0 ||
      group_submissions_max == 0) {
    return "The limits of the client service must be positive.";
  }
  if (answers_unread_max <= std::chrono::milliseconds::zero()) {
    return "The client service must leave a client time to read its answers.";
  }
  if (answer_bytes_max == 0) return "The client service must be allowed to answer.";
  if (submission_bytes_max < message_bytes_max) {
    return "The submissions of the client service must be allowed its largest message.";
  }
  if (group_submissions_max > proto::kBatchSubmissionsMax) {
    return "A group of submissions must not exceed the largest batch.";
  }
  return std::nullopt;
}

}  // namespace peerpay::net
