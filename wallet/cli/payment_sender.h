#pragma once
// PaymentSender: brings payments to their end, and never makes a second one by accident.
//
// The rules are W8 to W14 of docs/spec/wallet.md. In short: what was signed is sent again, byte for
// byte, until it is final, refused for ever or expired (W9); a refusal for now frees the nonce, so
// that it and its successor can't both be applied (W11), and is believed only when no attempt can
// be under way elsewhere (W12); "the nonce is used" may be this very payment (W13).

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "ledger/transaction.h"
#include "proto/client/node_api.h"
#include "wallet/builder.h"
#include "wallet/cli/failure.h"
#include "wallet/cli/home.h"
#include "wallet/cli/node_client.h"
#include "wallet/cli/outbox.h"

namespace peerpay::wallet::cli {

// The clocks and the waiting, so that tests need neither.
struct Pace {
  std::function<base::Now()> now;
  std::function<void(base::Duration)> sleep;
};
[[nodiscard]] Pace real_pace();

// Not signed yet.
struct PreparedPayment {
  ledger::Transaction transaction;
  ledger::Amount balance;  // of the paid asset, before
  std::optional<ledger::TransactionId> replaces;
};

struct SettledPayment {
  ledger::SealedTransaction transaction;
  proto::Finality finality;
  base::Duration took;  // from the first submission of this run to the answer
};

class PaymentSender {
 public:
  // Borrows all but the pace.
  PaymentSender(NodeClient& node, const Outbox& outbox, const Network& network, Pace pace)
      : node_{node}, outbox_{outbox}, network_{network}, pace_{std::move(pace)} {}

  // Asks the node for the sender's account; refuses what the ledger would refuse.
  [[nodiscard]] Result<PreparedPayment> prepare(const PaymentOrder& order, base::Duration validity);
  // Makes a signed payment durable, and closes the refused one that it replaces.
  [[nodiscard]] Result<OutboxEntry> record(const PreparedPayment& prepared,
                                           ledger::SealedTransaction transaction);

  enum class Attempt { kFirst, kResumed };
  // Submits and waits. ExitCode::kPending when the end is still open after `wait`, or after 5
  // seconds without any answer; kRefused and kExpired are ends.
  [[nodiscard]] Result<SettledPayment> finish(const OutboxEntry& entry, Attempt attempt,
                                              base::Duration wait);

  // Closes a payment that was refused for now, if its end has become known; empty when it has not.
  [[nodiscard]] Result<std::optional<PaymentEnd>> review(const OutboxEntry& entry);

 private:
  struct Run;
  Result<SettledPayment> end_final(const OutboxEntry& entry, const proto::Finality& finality,
                                   base::Duration took);
  Result<SettledPayment> end_expired(const OutboxEntry& entry);
  Result<SettledPayment> end_rejected(const OutboxEntry& entry, const Run& run,
                                      const proto::TransactionStatus& status);
  Result<SettledPayment> end_nonce_used(const OutboxEntry& entry, const Run& run,
                                        const proto::TransactionStatus& status);
  std::optional<proto::Finality> finality_of(const ledger::TransactionId& id,
                                             base::UnixMillis valid_until);
  Answer<proto::TransactionStatus> ask(const OutboxEntry& entry, Run& run);

  NodeClient& node_;
  const Outbox& outbox_;
  const Network& network_;
  Pace pace_;
};

// The pending payment that this order would make a second time, if there is one.
[[nodiscard]] const OutboxEntry* find_same(const std::vector<OutboxEntry>& entries,
                                           const PaymentOrder& order);

// A node's error about a question, as the failure of a command that sent nothing.
[[nodiscard]] base::Unexpected<Failure> node_failed(const NodeError& error);

}  // namespace peerpay::wallet::cli
