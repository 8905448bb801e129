#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <memory>
#include <string>

#include "node/app/commands.h"
#include "node/net/grpc_process.h"
#include "node/net/status_query.h"

namespace peerpay::app {
namespace {

struct StatusOptions {
  std::string node = "127.0.0.1:26700";
  bool json = false;
};

void print_text(const proto::NodeStatus& status) {
  fmt::print("{} of network {}, version {}\n",
             status.validator.empty() ? "observer" : status.validator, status.network,
             status.version);
  fmt::print("  chain    {}\n", base::to_hex(status.chain.view()));
  fmt::print("  height   {} at {} ms, view {}{}\n", status.height.value, status.timestamp.value,
             status.view, status.syncing ? ", catching up" : "");
  fmt::print("  waiting  {} payments, {} bytes\n", status.mempool_transactions,
             status.mempool_bytes);
  for (const auto& peer : status.peers) {
    fmt::print("  peer     {} {}\n", peer.name, peer.connected ? "connected" : "not connected");
  }
}

// All values are numbers, booleans, hexadecimal or names of letters, digits and hyphens: nothing
// needs escaping.
void print_json(const proto::NodeStatus& status) {
  std::string peers;
  for (const auto& peer : status.peers) {
    peers += fmt::format("{}{{\"name\":\"{}\",\"connected\":{}}}", peers.empty() ? "" : ",",
                         peer.name, peer.connected);
  }
  fmt::print(
      "{{\"validator\":\"{}\",\"network\":\"{}\",\"version\":\"{}\",\"chain\":\"{}\",\"height\":{},"
      "\"view\":{},"
      "\"finalized_view\":{},\"timestamp_ms\":{},\"syncing\":{},\"mempool_transactions\":{},"
      "\"mempool_bytes\":{},"
      "\"uptime_ms\":{},\"peers\":[{}]}}\n",
      status.validator, status.network, status.version, base::to_hex(status.chain.view()),
      status.height.value, status.view, status.finalized_view, status.timestamp.value,
      status.syncing, status.mempool_transactions, status.mempool_bytes, status.uptime_ms, peers);
}

ExitCode status(const StatusOptions& options) {
  net::prepare_grpc_process([](const std::string&) {});
  const auto answer = net::query_status(options.node, std::chrono::seconds{5});
  if (!answer) {
    return report(
        {ExitCode::kError,
         fmt::format("No answer from {}: {} Is the node running? (peerpayd run --home DIR)",
                     options.node, answer.error())});
  }
  if (options.json) {
    print_json(*answer);
  } else {
    print_text(*answer);
  }
  return ExitCode::kOk;
}

}  // namespace

void add_status(CLI::App& app, const Selected& selected) {
  auto options = std::make_shared<StatusOptions>();
  auto* command = app.add_subcommand("status", "Asks a running node how it is");
  command->add_option("--node", options->node, "HOST:PORT of its client listener")
      ->capture_default_str();
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, selected] { selected([options] { return status(*options); }); });
}

}  // namespace peerpay::app
