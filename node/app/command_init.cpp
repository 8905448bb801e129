#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/endpoint.h"
#include "base/os/clock.h"
#include "base/os/file.h"
#include "ledger/address.h"
#include "node/app/commands.h"
#include "node/app/genesis_text.h"
#include "node/app/home.h"
#include "node/app/testnet.h"
#include "node/app/validator_keys.h"
#include "node/core/replica.h"

namespace peerpay::app {
namespace {

constexpr std::size_t kEntryBytesMax = 16 * 1024;

struct InitOptions {
  std::string home;
  std::string network;
  std::string name;
  std::string peer_address;
  std::string client_listen = "127.0.0.1:26700";
  std::string genesis;
  bool never_voted = false;
  bool restored = false;
};

base::Unexpected<Failure> usage(std::string sentence) {
  return base::Unexpected{Failure{ExitCode::kUsage, std::move(sentence)}};
}

base::Expected<void, Failure> make_keys(const InitOptions& options) {
  if (options.network.empty() || options.name.empty() || options.peer_address.empty()) {
    return usage(
        "Give --network, --name and --peer-address HOST:PORT for new keys, or --genesis FILE for a "
        "home that has them.");
  }
  if (!base::parse_endpoint(options.peer_address)) {
    return usage("\"" + options.peer_address + "\" is not HOST:PORT.");
  }
  NodeConfig config;
  config.client_listen = options.client_listen;
  if (const auto reason = config.invalid_reason()) return usage(*reason + ".");
  const HomePaths paths{options.home};
  const auto validator = new_validator({options.network, options.name, options.peer_address});
  if (!validator) return base::Unexpected{validator.error()};
  if (const auto reason = validator->entry.invalid_reason(options.network)) return usage(*reason);
  if (auto written = write_keys(paths, *validator, config); !written) return written;
  const auto entry = paths.directory + "/entry.toml";
  if (auto written = write_new_file(entry, base::as_bytes(format_entry(validator->entry)), false);
      !written) {
    return written;
  }
  fmt::print(
      "wrote the keys of {} to {}\nnext: give {} to whoever makes the genesis, then\n"
      "  peerpayd init --home {} --genesis genesis.bcs --never-voted\n",
      options.name, paths.directory, entry, paths.directory);
  return {};
}

base::Expected<void, Failure> take_genesis(const InitOptions& options) {
  if (options.never_voted == options.restored) {
    return usage(
        "Say which: --never-voted if this validator's key has never run on any machine, or "
        "--restored if it came from a backup. A key that votes twice harms the network, so a "
        "restored one first finds out from the other validators where its votes end.");
  }
  const HomePaths paths{options.home};
  const auto genesis = load_genesis(options.genesis);
  if (!genesis) return base::Unexpected{genesis.error()};
  auto key = load_validator_key(paths.validator_key);
  if (!key) return base::Unexpected{key.error()};
  const auto index = node::validator_set(*genesis).index_of(key->public_key());
  if (!index) {
    return base::Unexpected{
        Failure{ExitCode::kError, fmt::format("{} is not the key of any validator in {}.",
                                              paths.validator_key, options.genesis)}};
  }
  const auto history = options.never_voted ? KeyHistory::kNeverVoted : KeyHistory::kMayHaveVoted;
  if (auto written = write_genesis(paths, *genesis, key->public_key(), history); !written)
    return written;
  fmt::print("{} is {} of network {}, chain {}\nnext: peerpayd run --home {}\n", paths.directory,
             genesis->validators[index->value].name, genesis->network,
             base::to_hex(ledger::chain_id(*genesis).view()), paths.directory);
  return {};
}

ExitCode init(const InitOptions& options) {
  const auto done = options.genesis.empty() ? make_keys(options) : take_genesis(options);
  return done ? ExitCode::kOk : report(done.error());
}

struct GenesisOptions {
  std::string network;
  bool main_network = false;
  std::vector<std::string> validators;
  std::vector<std::string> assets;
  std::vector<std::string> funds;
  std::string output;
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out{""};
  for (const char c : text) {
    if (c == separator) {
      out.emplace_back();
    } else {
      out.back().push_back(c);
    }
  }
  return out;
}

base::Expected<ledger::Asset, Failure> parse_asset(ledger::NetworkKind kind,
                                                   const std::string& text) {
  const auto parts = split(text, ':');
  const auto bad = usage(
      fmt::format("'{}' is not CODE:SCALE:ISSUER_ADDRESS or CODE:SCALE:ISSUER_ADDRESS:FEE.", text));
  if (parts.size() < 3 || parts.size() > 4) return bad;
  ledger::Asset out;
  out.code = parts[0];
  const auto& scale = parts[1];
  const auto [end, error] = std::from_chars(scale.data(), scale.data() + scale.size(), out.scale);
  if (error != std::errc{} || end != scale.data() + scale.size()) return bad;
  const auto issuer = ledger::parse_address(kind, parts[2]);
  if (!issuer) return usage(fmt::format("'{}': {}", parts[2], issuer.error()));
  out.issuer = issuer->account;
  if (parts.size() == 3) return out;
  const auto fee = ledger::parse_amount(parts[3], out.scale);
  if (!fee) return bad;
  out.fee_per_operation = *fee;
  return out;
}

base::Expected<ledger::Genesis, Failure> assemble(const GenesisOptions& options) {
  ledger::Genesis out;
  out.network = options.network;
  out.kind = options.main_network ? ledger::NetworkKind::kMain : ledger::NetworkKind::kTest;
  out.timestamp = os::read_clock().wall;
  for (const auto& path : options.validators) {
    const auto text = os::read_input(path, kEntryBytesMax);
    if (!text) return base::Unexpected{Failure{ExitCode::kError, text.error().sentence()}};
    auto entry = parse_entry(base::to_text(*text), path);
    if (!entry) return usage(entry.error());
    out.validators.push_back(std::move(*entry));
  }
  for (const auto& text : options.assets) {
    auto asset = parse_asset(out.kind, text);
    if (!asset) return base::Unexpected{asset.error()};
    out.assets.push_back(std::move(*asset));
  }
  std::vector<Funding> funds;
  for (const auto& text : options.funds) {
    const auto funding = parse_funding(text, out.kind, out.assets);
    if (!funding) return usage(funding.error());
    funds.push_back(*funding);
  }
  auto accounts = genesis_accounts(funds);
  if (!accounts) return base::Unexpected{accounts.error()};
  out.accounts = std::move(*accounts);
  if (const auto reason = out.invalid_reason()) return usage(*reason);
  return out;
}

ExitCode make_genesis(const GenesisOptions& options) {
  const auto genesis = assemble(options);
  if (!genesis) return report(genesis.error());
  const auto written = write_new_file(options.output, ledger::encode(*genesis), false);
  if (!written) return report(written.error());
  fmt::print("wrote {}: network {}, {} validator{}, chain {}\n", options.output, genesis->network,
             genesis->validators.size(), genesis->validators.size() == 1 ? "" : "s",
             base::to_hex(ledger::chain_id(*genesis).view()));
  return ExitCode::kOk;
}

}  // namespace

void add_init(CLI::App& app, const Selected& selected) {
  auto options = std::make_shared<InitOptions>();
  auto* command =
      app.add_subcommand("init", "Makes a validator's keys, or gives them their genesis");
  command->add_option("--home", options->home, "Directory of the node")->required();
  command->add_option("--network", options->network, "Name of the network that the keys are for");
  command->add_option("--name", options->name, "Name of this validator");
  command->add_option("--peer-address", options->peer_address,
                      "HOST:PORT where the other validators reach it");
  command
      ->add_option("--client-listen", options->client_listen, "HOST:PORT for wallets and gateways")
      ->capture_default_str();
  command->add_option("--genesis", options->genesis, "The network's genesis, once it is made");
  command->add_flag("--never-voted", options->never_voted,
                    "With --genesis: this key has never run on any machine");
  command->add_flag(
      "--restored", options->restored,
      "With --genesis: the keys came from a backup; the node rejoins: it follows, and "
      "votes once it can't contradict what the key voted before");
  command->callback([options, selected] { selected([options] { return init(*options); }); });
}

void add_genesis(CLI::App& app, const Selected& selected) {
  auto options = std::make_shared<GenesisOptions>();
  auto* command =
      app.add_subcommand("genesis", "Makes the genesis of a network from its validators' entries");
  command->add_option("--network", options->network, "Name of the network")->required();
  command->add_flag("--main", options->main_network,
                    "Real money: addresses begin with peer1, not tpeer1");
  command->add_option("--validator", options->validators, "entry.toml of a validator, in order")
      ->required();
  command
      ->add_option("--asset", options->assets,
                   "CODE:SCALE:ISSUER_ADDRESS[:FEE]; peerpay init --kind makes an address")
      ->required();
  command->add_option("--fund", options->funds, "ADDRESS=CODE:AMOUNT, any number of times");
  command->add_option("--output", options->output, "File to write")->required();
  command->callback(
      [options, selected] { selected([options] { return make_genesis(*options); }); });
}

}  // namespace peerpay::app
