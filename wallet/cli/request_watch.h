#pragma once
// Waits for the payment that answers a request. That it was paid is proved by the payment's receipt
// (spec: wallet W18, W20); that it was not paid is the node's word.

#include <optional>

#include "base/time.h"
#include "ledger/address.h"
#include "ledger/amount.h"
#include "ledger/ids.h"
#include "wallet/cli/failure.h"
#include "wallet/cli/home.h"
#include "wallet/cli/node_client.h"
#include "wallet/cli/payment_sender.h"

namespace peerpay::wallet::cli {

struct WatchedRequest {
  ledger::Address payee;
  ledger::AssetId asset;
  ledger::Amount amount;  // at least
  base::Bytes reference;
  base::UnixMillis expires_at;  // later blocks don't count
};

struct ReceivedPayment {
  ledger::TransactionId id;
  ledger::AccountId payer;
  ledger::Amount amount;
  ledger::Height height;
  std::uint32_t index = 0;  // position in the block
  base::UnixMillis block_timestamp;
};

class RequestWatch {
 public:
  // Borrows node and network.
  RequestWatch(NodeClient& node, const Network& network, WatchedRequest request, Pace pace)
      : node_{node}, network_{network}, request_{std::move(request)}, pace_{std::move(pace)} {}

  // Asks the node twice a second at most. ExitCode::kExpired with code "expired_unpaid" once a
  // block is later than the request. kPending when `wait` is over, or when the node has said
  // nothing for so long that the request must have expired: with code "unpaid" when that is the
  // node's last answer, and "unknown" when it gave none.
  [[nodiscard]] Result<ReceivedPayment> await(std::optional<base::Duration> wait);

 private:
  // What is known of the request now; ExitCode::kPending: wait on.
  [[nodiscard]] Result<ReceivedPayment> look();
  // Empty when the node's history has no such payment.
  [[nodiscard]] Answer<std::optional<ReceivedPayment>> search() const;
  [[nodiscard]] std::optional<ReceivedPayment> proved(const ledger::TransactionId& id) const;
  [[nodiscard]] std::optional<ReceivedPayment> answer_in(const ledger::Transaction& body) const;

  NodeClient& node_;
  const Network& network_;
  const WatchedRequest request_;
  const Pace pace_;
  std::optional<ledger::Height> searched_;  // nothing was paid up to here
};

}  // namespace peerpay::wallet::cli
