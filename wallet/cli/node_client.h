#pragma once
// NodeClient: what the wallet asks of a node, as an interface, so that the payment rules can be
// tested against nodes that lie, stall and vanish.

#include "base/bytes.h"
#include "ledger/ids.h"
#include "proto/channel/node_error.h"
#include "proto/client/node_api.h"

namespace peerpay::wallet::cli {

using proto::Answer;
using proto::NodeError;
using proto::NodeFault;

// Calls wait: at most 10 seconds each, plus the wait_ms of the request.
class NodeClient {
 public:
  virtual ~NodeClient() = default;

  [[nodiscard]] virtual Answer<proto::NodeStatus> status() = 0;
  [[nodiscard]] virtual Answer<proto::GenesisFile> genesis() = 0;
  [[nodiscard]] virtual Answer<proto::TransactionStatus> submit(
      const proto::Submission& submission) = 0;
  [[nodiscard]] virtual Answer<proto::TransactionStatus> wait_for_final(
      const proto::TransactionQuery& query) = 0;
  [[nodiscard]] virtual Answer<proto::TransactionStatus> transaction(
      const proto::TransactionQuery& query) = 0;
  [[nodiscard]] virtual Answer<base::Bytes> receipt(const ledger::TransactionId& id) = 0;
  [[nodiscard]] virtual Answer<proto::AccountSnapshot> account(
      const proto::AccountQuery& query) = 0;
  [[nodiscard]] virtual Answer<proto::HistoryPage> history(const proto::HistoryQuery& query) = 0;
};

}  // namespace peerpay::wallet::cli
