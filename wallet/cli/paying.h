#pragma once
// What the commands that pay have in common: from a decided order to its end, one payment at a time
// (spec: wallet W8 to W14). The rules of sending itself are PaymentSender's.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/os/lock_file.h"
#include "base/time.h"
#include "wallet/builder.h"
#include "wallet/cli/commands.h"
#include "wallet/cli/context.h"
#include "wallet/cli/home.h"
#include "wallet/cli/node_client.h"
#include "wallet/cli/outbox.h"
#include "wallet/cli/payment_sender.h"
#include "wallet/confirmation.h"

namespace peerpay::wallet::cli {

// What is to be paid, and how. The arguments made sense.
struct PaymentPlan {
  PublicAccount from;
  PaymentOrder order;
  base::Duration valid_for = kValidityDefault;
  base::Duration wait = base::seconds(30);
  bool is_dry_run = false;
  // A payment after this moment is no use to the payee: it can't be applied later.
  std::optional<base::UnixMillis> latest{};
  PayeeClaims claims{};
};

// One run of a command that sends.
struct Sending {
  Sending(const WalletHome& home, Network network_in, os::DirectoryLock lock_in)
      : network{std::move(network_in)}, lock{std::move(lock_in)}, outbox{home, network.chain} {}

  const Network network;
  const os::DirectoryLock lock;
  const Outbox outbox;
  std::unique_ptr<NodeClient> node;  // once there is one
  std::vector<FinalPayment> finals;  // what the report tells

  // REQUIRES: there is a node.
  PaymentSender sender() const { return {*node, outbox, network, real_pace()}; }
};

// Takes the wallet for one run.
[[nodiscard]] Result<std::shared_ptr<Sending>> begin_sending(const Context& context,
                                                             Network network);

// Why a new payment must not be made, if it must not. Not asked when the same order is under way.
using Guard =
    std::function<Result<void>(const Outbox& outbox, const std::vector<OutboxEntry>& entries)>;

// Resumes the payment of this order that is under way, else makes one, after a confirmation.
[[nodiscard]] CommandResult carry_out(const Context& context, Network network,
                                      const PaymentPlan& plan, const Guard& guard);

// Until the answer is out, the payment stays in the outbox and the wallet locked: whoever did not
// get the answer repeats the command and gets it then (spec: wallet W9).
[[nodiscard]] Report settled_after_output(Report report, const std::shared_ptr<Sending>& sending);

// A node to finish payments with: while there is none, they are pending.
[[nodiscard]] Result<std::unique_ptr<NodeClient>> connect_to_resume(const Context& context,
                                                                    const Network& network);
// No passphrase is needed: what is sent again was signed before.
[[nodiscard]] CommandResult resume_one(const Context& context, PaymentSender& sender,
                                       Sending& sending, const OutboxEntry& entry,
                                       base::Duration wait);

[[nodiscard]] Json paid_json(const Network& network, const FinalPayment& paid);
// How long a resumed payment took is not known: an earlier command sent it.
[[nodiscard]] std::string paid_text(const Network& network, const FinalPayment& paid,
                                    PaymentSender::Attempt attempt);
[[nodiscard]] Json entry_json(const Network& network, const OutboxEntry& entry);
[[nodiscard]] std::string entry_text(const Network& network, const OutboxEntry& entry);

}  // namespace peerpay::wallet::cli
