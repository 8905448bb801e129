#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

#include "node/app/commands.h"
#include "node/app/genesis_text.h"
#include "node/app/testnet.h"

namespace peerpay::app {
namespace {

struct TestnetArguments {
  TestnetOptions options;
  std::vector<std::string> funds;
  std::string fee;
};

ExitCode testnet(TestnetArguments& arguments) {
  auto& options = arguments.options;
  options.assets = testnet_assets();
  if (!arguments.fee.empty()) {
    const auto fee = ledger::parse_amount(arguments.fee, options.assets.front().scale);
    if (!fee)
      return report({ExitCode::kUsage, fmt::format("'{}' is not an amount.", arguments.fee)});
    for (auto& asset : options.assets) asset.fee_per_operation = *fee;
  }
  for (const auto& text : arguments.funds) {
    const auto funding = parse_funding(text, ledger::NetworkKind::kTest, options.assets);
    if (!funding) return report({ExitCode::kUsage, funding.error()});
    options.funds.push_back(*funding);
  }
  const auto made = make_testnet(options);
  if (!made) return report(made.error());
  fmt::print("network {} with {} validators, chain {}\n", made->genesis.network, made->nodes.size(),
             base::to_hex(ledger::chain_id(made->genesis).view()));
  for (const auto& node : made->nodes) {
    fmt::print("  {}  clients on {}\n    peerpayd run --home {}\n", node.name, node.client_address,
               node.home);
  }
  fmt::print("  money for tests: peerpay keys import faucet --file {}\n", made->faucet_key);
  return ExitCode::kOk;
}

}  // namespace

void add_testnet(CLI::App& app, const Selected& selected) {
  auto arguments = std::make_shared<TestnetArguments>();
  auto& options = arguments->options;
  auto* command =
      app.add_subcommand("testnet", "Makes the homes of a new test network on this machine");
  command->add_option("--validators", options.validators, "How many")->capture_default_str();
  command->add_option("--output", options.output, "New or empty directory for the homes")
      ->required();
  command
      ->add_option("--base-port", options.base_port,
                   "Validator i takes this + 2i (peers) and + 2i + 1 (clients)")
      ->capture_default_str();
  command->add_option("--network", options.network, "Name of the network")->capture_default_str();
  command->add_option("--fund", arguments->funds, "ADDRESS=USD:AMOUNT, any number of times");
  command->add_option("--fee", arguments->fee,
                      "Fee for each operation, for example 0.01 (default: none)");
  command->callback(
      [arguments, selected] { selected([arguments] { return testnet(*arguments); }); });
}

}  // namespace peerpay::app
