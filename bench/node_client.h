#pragma once
// NodeClient: questions to one node, one at a time, over a connection of its own. Plaintext, for
// networks on this machine. Not safe for threads.

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/time.h"
#include "bench/failure.h"
#include "ledger/ids.h"
#include "proto/client/node_api.h"

namespace peerpay::bench {

class NodeClient {
 public:
  // Does not connect yet.
  explicit NodeClient(std::string address);
  NodeClient(NodeClient&&) noexcept;
  NodeClient& operator=(NodeClient&&) noexcept;
  ~NodeClient();

  [[nodiscard]] const std::string& address() const;
  [[nodiscard]] Result<proto::NodeStatus> status();
  [[nodiscard]] Result<proto::Head> head();
  // Of the block that the node gives, every byte of whose body has been checked against it.
  [[nodiscard]] Result<ledger::BlockHash> block_hash(ledger::Height height);
  [[nodiscard]] Result<proto::GenesisFile> genesis();
  [[nodiscard]] Result<proto::AccountSnapshot> account(const ledger::AccountId& id);
  [[nodiscard]] Result<proto::TransactionStatus> transaction(const ledger::TransactionId& id);
  // Waits for the final answer at most `wait`, and for the node to be reachable.
  [[nodiscard]] Result<proto::TransactionStatus> submit(const std::string& transaction,
                                                        base::Duration wait);

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace peerpay::bench
