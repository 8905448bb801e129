#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <utility>

#include "base/os/process.h"
#include "base/os/signals.h"
#include "base/program/first_failure.h"
#include "base/program/log.h"
#include "node/app/commands.h"
#include "node/app/home.h"
#include "node/app/node.h"
#include "node/net/grpc_process.h"

namespace peerpay::app {
namespace {

// Tables of the store 256, connections of both listeners 1,280, and room for all else.
constexpr std::uint64_t kDescriptorsMin = 2'048;

struct RunOptions {
  std::string home;
  bool print_config = false;
};

ExitCode run_until_stopped(Home home, os::StopSignal& stop) {
  program::set_up_log("peerpayd", home.config.log_level);
  net::prepare_grpc_process([](const std::string& line) { spdlog::debug("[grpc] {}", line); });
  program::FirstFailure<Failure> failed;
  const auto on_failure = [&](Failure failure) {
    spdlog::error("[node] stopping: {}", failure.sentence);
    failed.set(std::move(failure));
    stop.request();
  };
  auto node = Node::start(std::move(home), on_failure, [&stop] { return stop.is_due(); });
  if (!node) return report(node.error());
  stop.wait();
  (*node)->stop();
  if (const auto failure = failed.get()) return failure->code;  // the log says why
  spdlog::info("[node] stopped");
  return ExitCode::kOk;
}

ExitCode run(const RunOptions& options) {
  if (const auto forbidden = os::forbid_memory_dumps(); !forbidden) {
    return report({ExitCode::kError, forbidden.error().sentence()});
  }
  const auto descriptors = os::raise_descriptor_limit();
  if (!descriptors) return report({ExitCode::kError, descriptors.error().sentence()});
  if (*descriptors < kDescriptorsMin) {
    return report({ExitCode::kUsage,
                   fmt::format("This process may open {} files and connections, a node needs {}: "
                               "raise the limit (ulimit -Hn, LimitNOFILE= in a systemd unit).",
                               *descriptors, kDescriptorsMin)});
  }
  auto stop = os::StopSignal::block();
  if (!stop) return report({ExitCode::kError, stop.error().sentence()});
  auto home = load_home(options.home, [&stop] { return stop->is_due(); });
  if (!home) return report(home.error());
  if (options.print_config) {
    fmt::print("{}", format_node_config(home->config));
    return ExitCode::kOk;
  }
  return run_until_stopped(std::move(*home), *stop);
}

}  // namespace

ExitCode report(const Failure& failure) {
  fmt::print(stderr, "peerpayd: {}\n", failure.sentence);
  return failure.code;
}

void add_run(CLI::App& app, const Selected& selected) {
  auto options = std::make_shared<RunOptions>();
  auto* command = app.add_subcommand("run", "Runs the node of a home until SIGTERM or Ctrl-C");
  command->add_option("--home", options->home, "Directory made by init or testnet")->required();
  command->add_flag("--print-config", options->print_config,
                    "Prints the complete configuration and ends");
  command->callback([options, selected] { selected([options] { return run(*options); }); });
}

}  // namespace peerpay::app
