#include "wallet/cli/network_choice.h"

#include <utility>

#include "base/os/file.h"
#include "wallet/cli/commands.h"
#include "wallet/cli/payment_sender.h"
#include "wallet/cli/private_file.h"

namespace peerpay::wallet::cli {
namespace {

Result<base::Bytes> genesis_bytes(const Context& context, const NetworkSource& source) {
  if (source.genesis_file) {
    auto content = os::read_input(*source.genesis_file, kGenesisBytesMax);
    if (!content) return io_failed(content.error());
    return *std::move(content);
  }
  const auto client = connect(context);
  if (!client) return base::Unexpected{client.error()};
  auto answer = (*client)->genesis();
  if (!answer) return node_failed(answer.error());
  return std::move(answer->genesis);
}

Result<void> keep_settings(const Context& context) {
  if (!context.flags.node && !context.flags.tls_ca) return {};
  auto config = context.home.config();
  if (!config) return base::Unexpected{config.error()};
  if (context.flags.node) config->node = context.flags.node;
  if (context.flags.tls_ca) config->tls_ca = context.flags.tls_ca;
  return context.home.write_config(*config);
}

}  // namespace

// The chain id is computed here: what the node says about it does not matter.
Result<FoundNetwork> find_network(const Context& context, const NetworkSource& source) {
  auto bytes = genesis_bytes(context, source);
  if (!bytes) return base::Unexpected{bytes.error()};
  auto network = read_network(*bytes, source.genesis_file.value_or("The node's genesis"));
  if (!network) return base::Unexpected{network.error()};
  const auto chain = base::to_hex(network->chain.view());
  if (source.chain_id && *source.chain_id != chain) {
    return fail(ExitCode::kError, "chain_id_wrong",
                "The genesis has chain id " + chain + ", not " + *source.chain_id + ".",
                "check --chain-id, --node and --genesis");
  }
  return FoundNetwork{*std::move(bytes), *std::move(network)};
}

Result<void> keep_network(const Context& context, const FoundNetwork& found) {
  if (const auto pin = context.home.pin_network(found.genesis_bytes); !pin) return pin;
  return keep_settings(context);
}

Result<Network> join_network(const Context& context, const NetworkSource& source) {
  const auto kind = context.home.network_kind();
  if (!kind) return base::Unexpected{kind.error()};
  auto found = find_network(context, source);
  if (!found) return base::Unexpected{found.error()};
  const auto& genesis = found->network.genesis;
  if (genesis.kind != *kind) {
    return fail(ExitCode::kError, "network_kind_wrong",
                "This wallet was made for a network of kind \"" +
                    std::string{network_kind_text(*kind)} + "\", and \"" + genesis.network +
                    "\" is of kind \"" + std::string{network_kind_text(genesis.kind)} + "\".",
                "check --node and --genesis, or make another wallet: peerpay init --home DIR");
  }
  if (const auto kept = keep_network(context, *found); !kept) return base::Unexpected{kept.error()};
  return std::move(found->network);
}

Result<Network> pinned_network(const Context& context) {
  if (!context.home.is_initialized() || context.home.has_network()) return context.home.network();
  const auto lock = lock_home(context.home);
  if (!lock) return base::Unexpected{lock.error()};
  if (context.home.has_network()) return context.home.network();  // another command was first
  auto network = join_network(context, {});
  if (!network) return network;
  context.console.message("note: this wallet is now of network \"" + network->genesis.network +
                          "\"; compare its chain id with one from a source you trust:\n      " +
                          base::to_hex(network->chain.view()));
  return network;
}

}  // namespace peerpay::wallet::cli
