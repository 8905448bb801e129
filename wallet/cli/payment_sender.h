#pragma once
// PaymentSender: brings payments to their end, and never makes a second one by accident.
//
// The rules are W8 to W14 of docs/spec/wallet.md. In short: what was signed is sent again, byte for
// byte, until it is final or proved to be impossible (W9, W12); a refusal is a node's word only, so
// it frees the nonce for another payment and for nothing else: both can't be applied (W11). A node
// that lies can delay a payment; it can't make the wallet pay twice.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "ledger/transaction.h"
#include "proto/client/node_api.h"
#include "wallet/builder.h"
#include "wallet/cli/end_proof.h"
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
};

struct FinalPayment {
  OutboxEntry entry;
  proto::Finality finality;
  base::Duration took;  // from the first submission of this run to the answer
};

class PaymentSender {
 public:
  // Borrows all but the pace.
  PaymentSender(NodeClient& node, const Outbox& outbox, const Network& network, Pace pace)
      : node_{node}, outbox_{outbox}, network_{network}, pace_{std::move(pace)} {}

  // Looks back at the refused payments of this sender, and closes those whose nonce another one has
  // used. Gives the one of this very order that was applied after all: it is to be finished, not
  // paid anew. ExitCode::kPending when the end of one is unknown; kRefused when one of another
  // order was applied. Otherwise prepare() is next.
  [[nodiscard]] Result<std::optional<OutboxEntry>> applied_before(const PaymentOrder& order);
  // Asks the node for the sender's account; refuses what the ledger would refuse. With `latest`,
  // the payment can't be applied after it; when that is over by either clock, ExitCode::kRefused
  // with code "request_expired".
  [[nodiscard]] Result<PreparedPayment> prepare(const PaymentOrder& order, base::Duration validity,
                                                std::optional<base::UnixMillis> latest = {});
  // Makes a signed payment durable.
  [[nodiscard]] Result<OutboxEntry> record(ledger::SealedTransaction transaction);

  enum class Attempt { kFirst, kResumed };
  // Submits and waits. A final payment stays in the outbox: Outbox::settle once its end is told.
  // ExitCode::kPending when the end is still open after `wait`, or when the node did not answer for
  // 5 seconds and a last call, which takes at most 20; kRefused and kExpired are ends.
  [[nodiscard]] Result<FinalPayment> finish(const OutboxEntry& entry, Attempt attempt,
                                            base::Duration wait);

  // What has become known of a payment that a node refused. Without an end, it is proved to have
  // none yet; with kFinal, the payment stays in the outbox, as above; other ends close it.
  // ExitCode::kPending when the node is silent or proves nothing: that is no refusal.
  struct Review {
    std::optional<PaymentEnd> end;
    std::optional<proto::Finality> finality;  // when final
  };
  [[nodiscard]] Result<Review> review(const OutboxEntry& entry);

 private:
  struct Run;
  Answer<std::optional<ProvedEnd>> prove(const OutboxEntry& entry);
  FinalPayment end_final(const OutboxEntry& entry, const Run& run,
                         const proto::Finality& finality) const;
  Result<FinalPayment> end_proved(const OutboxEntry& entry, const Run& run,
                                  const ProvedEnd& proved);
  Result<FinalPayment> end_expired(const OutboxEntry& entry);
  Result<FinalPayment> end_displaced(const OutboxEntry& entry, const ledger::TransactionId& by);
  Result<FinalPayment> end_refused(const OutboxEntry& entry, const Run& run,
                                   const proto::TransactionStatus& status);
  Answer<proto::TransactionStatus> ask(const OutboxEntry& entry, Run& run);

  NodeClient& node_;
  const Outbox& outbox_;
  const Network& network_;
  Pace pace_;
};

// The pending payment that this order would make a second time, if there is one.
[[nodiscard]] const OutboxEntry* find_same(const std::vector<OutboxEntry>& entries,
                                           const PaymentOrder& order);

// The refused payment of this order whose end is not known, if there is one.
[[nodiscard]] const OutboxEntry* find_refused(const std::vector<OutboxEntry>& entries,
                                              const PaymentOrder& order);

// A node's error about a question, as the failure of a command that sent nothing.
[[nodiscard]] base::Unexpected<Failure> node_failed(const NodeError& error);

}  // namespace peerpay::wallet::cli
