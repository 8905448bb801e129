#pragma once
// NodeLink: what the gateway asks of its node, as coroutines on the loop; an interface, so that
// everything above it can be tested against nodes that lie, stall and vanish.

#include <memory>

#include "api/http/task.h"
#include "base/bytes.h"
#include "base/time.h"
#include "ledger/ids.h"
#include "proto/channel/node_error.h"
#include "proto/client/node_api.h"

namespace peerpay::api {

using http::Task;
using proto::Answer;

// Finalized blocks without a gap. When it goes, the call ends.
class BlockStream {
 public:
  virtual ~BlockStream() = default;
  // kTimeout when nothing comes within `patience`: a connection that has died without a word looks
  // like a node that has nothing to say. An error is the end of the stream.
  [[nodiscard]] virtual Task<Answer<proto::FinalizedBlock>> next(base::Duration patience) = 0;
};

// Every call but BlockStream::next is answered within 10 seconds. None waits for the ledger: a node
// allows few calls at once on a connection. Answers are what the node says, about whatever it says.
class NodeLink {
 public:
  virtual ~NodeLink() = default;

  [[nodiscard]] virtual Task<Answer<proto::GenesisFile>> genesis() = 0;
  [[nodiscard]] virtual Task<Answer<proto::Head>> head() = 0;
  [[nodiscard]] virtual Task<Answer<proto::FinalizedBlock>> block(proto::BlockQuery query) = 0;
  [[nodiscard]] virtual Task<Answer<proto::AccountSnapshot>> account(ledger::AccountId account) = 0;
  [[nodiscard]] virtual Task<Answer<proto::HistoryPage>> history(proto::HistoryQuery query) = 0;
  [[nodiscard]] virtual Task<Answer<proto::TransactionStatus>> transaction(
      proto::TransactionQuery query) = 0;
  [[nodiscard]] virtual Task<Answer<base::Bytes>> receipt(ledger::TransactionId id) = 0;
  // Answers when the node has admitted or refused it. `transaction`: BCS SignedTransaction that
  // decodes: one that does not would have others refused with it.
  [[nodiscard]] virtual Task<Answer<proto::TransactionStatus>> submit(base::Bytes transaction) = 0;
  [[nodiscard]] virtual std::unique_ptr<BlockStream> subscribe(ledger::Height from) = 0;

  // False when there is no connection: what is sent now would not arrive.
  [[nodiscard]] virtual bool is_connected() const = 0;
  // Ends all calls; done when none is left. Nothing may be asked afterwards.
  [[nodiscard]] virtual Task<void> stop() = 0;
};

}  // namespace peerpay::api
