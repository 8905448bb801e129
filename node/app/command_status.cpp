#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/json/json.h"
#include "base/utf8.h"
#include "node/app/commands.h"
#include "node/net/grpc_process.h"
#include "node/net/status_query.h"

namespace peerpay::app {
namespace {

using json::Json;

struct StatusOptions {
  std::string node = "127.0.0.1:26700";
  bool json = false;
};

// The other side may be anyone's node.
std::string shown(const std::string& text) { return base::printable(base::as_bytes(text)); }

void print_text(const proto::NodeStatus& status) {
  fmt::print("{} of network {}, version {}\n",
             status.validator.empty() ? "observer" : shown(status.validator), shown(status.network),
             shown(status.version));
  fmt::print("  chain    {}\n", base::to_hex(status.chain.view()));
  fmt::print("  height   {} at {} ms, view {}{}\n", status.height.value, status.timestamp.value,
             status.view, status.syncing ? ", catching up" : "");
  fmt::print("  voting   {}\n", shown(status.voting));
  fmt::print("  waiting  {} payments, {} bytes\n", status.mempool_transactions,
             status.mempool_bytes);
  for (const auto& peer : status.peers) {
    fmt::print("  peer     {} {}\n", shown(peer.name),
               peer.connected ? "connected" : "not connected");
  }
}

Json status_json(const proto::NodeStatus& status) {
  Json::Array peers;
  for (const auto& peer : status.peers) {
    peers.push_back(Json::Object{{"name", peer.name}, {"connected", peer.connected}});
  }
  return Json::Object{{"validator", status.validator},
                      {"network", status.network},
                      {"version", status.version},
                      {"chain_id", base::to_hex(status.chain.view())},
                      {"height", status.height.value},
                      {"view", status.view},
                      {"finalized_view", status.finalized_view},
                      {"timestamp_ms", status.timestamp.value},
                      {"syncing", status.syncing},
                      {"voting", status.voting},
                      {"mempool_transactions", status.mempool_transactions},
                      {"mempool_bytes", status.mempool_bytes},
                      {"uptime_ms", status.uptime_ms},
                      {"peers", std::move(peers)}};
}

// The shape that the wallet's failures have.
Json error_json(ExitCode exit, const std::string& message, const std::string& next) {
  return Json::Object{{"error", Json::Object{{"code", "node_unreachable"},
                                             {"message", message},
                                             {"next", next},
                                             {"exit_code", static_cast<std::uint64_t>(exit)}}}};
}

ExitCode status(const StatusOptions& options) {
  net::prepare_grpc_process([](const std::string&) {});
  const auto answer = net::query_status(options.node, std::chrono::seconds{5});
  if (!answer) {
    const auto message = fmt::format("No answer from {}: {}", options.node, shown(answer.error()));
    const std::string next = "Is the node running? (peerpayd run --home DIR)";
    if (options.json) {
      fmt::print("{}\n", error_json(ExitCode::kError, message, next).serialized());
    }
    return report({ExitCode::kError, message + " " + next});
  }
  if (options.json) {
    fmt::print("{}\n", status_json(*answer).serialized());
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
  command->add_flag("--json", options->json, "One JSON object on stdout, errors included");
  command->callback([options, selected] { selected([options] { return status(*options); }); });
}

}  // namespace peerpay::app
