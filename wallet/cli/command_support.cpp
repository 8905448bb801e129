#include <cerrno>
#include <utility>

#include "base/utf8.h"
#include "ledger/address.h"
#include "wallet/cli/commands.h"
#include "wallet/cli/grpc_node_client.h"
#include "wallet/cli/outbox.h"
#include "wallet/cli/payment_sender.h"
#include "wallet/cli/private_file.h"

namespace peerpay::wallet::cli {

Result<os::DirectoryLock> lock_home(const WalletHome& home) {
  auto lock = os::DirectoryLock::acquire(home.directory());
  if (lock) {
    remove_leftovers(home);
    return *std::move(lock);
  }
  if (lock.error().io.errno_value == EWOULDBLOCK) {
    return fail(ExitCode::kError, "wallet_busy", lock.error().sentence(),
                "wait for the other command to end");
  }
  if (lock.error().io.errno_value == ENOENT) {
    return fail(ExitCode::kError, "wallet_missing",
                "There is no wallet in " + home.directory() + ".", "peerpay init --node HOST:PORT");
  }
  return io_failed(lock.error().io);
}

Result<std::unique_ptr<NodeClient>> connect(const Context& context) {
  const auto config = context.home.config();
  if (!config) return base::Unexpected{config.error()};
  const auto address = node_address(context.flags, context.environment, *config);
  if (!address) return base::Unexpected{address.error()};
  return make_grpc_node_client(*address);
}

Result<std::unique_ptr<NodeClient>> connect_to(const Context& context, const Network& network) {
  auto client = connect(context);
  if (!client) return client;
  const auto status = (*client)->status();
  if (!status) return node_failed(status.error());
  if (status->chain == network.chain) return client;
  return fail(ExitCode::kError, "chain_id_wrong",
              "The node is of another network (chain id " + base::to_hex(status->chain.view()) +
                  ") than this wallet (" + base::to_hex(network.chain.view()) + ").",
              "check --node and --home");
}

Result<ledger::TransactionId> parse_id(std::string_view text) {
  const auto id = base::fixed_from_hex<ledger::TransactionId>(text);
  if (id) return *id;
  return fail(ExitCode::kUsage, "id_malformed", "A payment id is 64 hexadecimal digits.");
}

std::string address_of(ledger::NetworkKind kind, const ledger::AccountId& account) {
  return ledger::format_address(kind, {.account = account, .tag = std::nullopt});
}

Json amount_json(const Network& network, ledger::AssetId asset, ledger::Amount amount) {
  const auto* known = network.genesis.asset(asset);
  const auto code = known == nullptr ? std::string{} : known->code;
  const auto text = known == nullptr ? std::to_string(amount.units())
                                     : ledger::format_amount(amount, known->scale);
  return Json::Object{{"asset", code}, {"amount", text}, {"units", std::to_string(amount.units())}};
}

Json order_json(const Network& network, const PaymentOrder& order) {
  return Json::Object{{"from", address_of(network.genesis.kind, order.sender)},
                      {"to", ledger::format_address(network.genesis.kind, order.payee)},
                      {"amount", amount_json(network, order.asset, order.amount)},
                      {"reference", base::printable(order.reference)},
                      {"memo", base::printable(order.memo)}};
}

}  // namespace peerpay::wallet::cli
