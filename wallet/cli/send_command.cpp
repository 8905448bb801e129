// peerpay send.
#include <utility>

#include "ledger/address.h"
#include "ledger/limits.h"
#include "wallet/cli/commands.h"
#include "wallet/cli/order_arguments.h"
#include "wallet/cli/paying.h"

namespace peerpay::wallet::cli {
namespace {

Result<PaymentPlan> parse(const Context& context, const Network& network,
                          const SendArguments& arguments) {
  auto from = context.home.account(arguments.from);
  if (!from) return base::Unexpected{from.error()};
  const auto payee = ledger::parse_address(network.genesis.kind, arguments.to);
  if (!payee) {
    return fail(ExitCode::kUsage, "address_malformed",
                "TO \"" + arguments.to + "\" is not an address: " + payee.error(),
                "peerpay send TO AMOUNT ASSET, for example: peerpay send tpeer1... 12.50 USD");
  }
  const auto asset = parse_asset(network.genesis, arguments.asset);
  if (!asset) return base::Unexpected{asset.error()};
  const auto amount = parse_units(network.genesis, *asset, arguments.amount);
  if (!amount) return base::Unexpected{amount.error()};
  auto reference = bounded_text("--ref", arguments.reference, ledger::kReferenceBytesMax);
  if (!reference) return base::Unexpected{reference.error()};
  auto memo = bounded_text("--memo", arguments.memo, ledger::kMemoBytesMax);
  if (!memo) return base::Unexpected{memo.error()};
  const auto sender = from->id;
  return PaymentPlan{.from = *std::move(from),
                     .order = {.sender = sender,
                               .payee = *payee,
                               .asset = *asset,
                               .amount = *amount,
                               .reference = *std::move(reference),
                               .memo = *std::move(memo)},
                     .valid_for = arguments.valid_for,
                     .wait = arguments.wait,
                     .is_dry_run = arguments.is_dry_run};
}

}  // namespace

CommandResult run_send(const Context& context, const SendArguments& arguments) {
  auto network = pinned_network(context);
  if (!network) return base::Unexpected{network.error()};
  const auto plan = parse(context, *network, arguments);
  if (!plan) return base::Unexpected{plan.error()};
  return carry_out(context, *std::move(network), *plan, {});
}

}  // namespace peerpay::wallet::cli
