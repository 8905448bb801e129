#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/app/commands.h"
#include "api/app/gateway.h"
#include "base/os/process.h"
#include "base/os/signals.h"
#include "base/program/first_failure.h"
#include "base/program/log.h"

namespace peerpay::api {
namespace {

// What was typed; wins over the file.
struct RunOptions {
  std::string file;
  std::vector<std::function<void(GatewayConfig&)>> typed;
  bool prints_config = false;
};

ExitCode run_until_stopped(const GatewayConfig& config, os::StopSignal& stop) {
  program::FirstFailure<Failure> failed;
  const auto fail = [&](Failure failure) {
    spdlog::error("[gateway] stopping: {}", failure.sentence);
    failed.set(std::move(failure));
    stop.request();
  };
  auto gateway = Gateway::start(config, fail, [&] { return stop.is_due(); });
  if (!gateway) return report(gateway.error());
  spdlog::info("[gateway] http://{} (documents: http://{}/docs)", (*gateway)->address(),
               (*gateway)->address());
  if (config.allows_loopback_webhooks) {
    spdlog::warn("[webhooks] may be sent to this machine: for development only");
  }
  stop.wait();
  (*gateway)->stop();
  if (const auto failure = failed.get()) return report(*failure);
  spdlog::info("[gateway] stopped");
  return ExitCode::kOk;
}

Result<GatewayConfig> configured(const RunOptions& options) {
  GatewayConfig config;
  if (!options.file.empty()) {
    if (const auto read = read_config_file(options.file, config); !read) {
      return base::Unexpected{read.error()};
    }
  }
  for (const auto& apply : options.typed) apply(config);
  if (const auto checked = config.check(); !checked) return base::Unexpected{checked.error()};
  return config;
}

ExitCode run(const RunOptions& options) {
  if (const auto forbidden = os::forbid_memory_dumps(); !forbidden) {
    return report({ExitCode::kError, forbidden.error().sentence()});
  }
  if (const auto raised = os::raise_descriptor_limit(); !raised) {
    return report({ExitCode::kError, raised.error().sentence()});
  }
  auto stop = os::StopSignal::block();
  if (!stop) return report({ExitCode::kError, stop.error().sentence()});
  const auto config = configured(options);
  if (!config) return report(config.error());
  if (options.prints_config) {
    fmt::print("{}", format_config(*config));
    return ExitCode::kOk;
  }
  program::set_up_log("peerpay-gateway", config->log_level);
  return run_until_stopped(*config, *stop);
}

void add_text(CLI::App& command, RunOptions& options, const std::string& flag,
              std::string GatewayConfig::*field, const std::string& help) {
  command.add_option_function<std::string>(
      flag,
      [&options, field](const std::string& value) {
        options.typed.push_back([field, value](GatewayConfig& config) { config.*field = value; });
      },
      help);
}

void add_flag(CLI::App& command, RunOptions& options, const std::string& flag,
              bool GatewayConfig::*field, const std::string& help) {
  command.add_flag_callback(
      flag,
      [&options, field] {
        options.typed.push_back([field](GatewayConfig& config) { config.*field = true; });
      },
      help);
}

}  // namespace

ExitCode report(const Failure& failure) {
  fmt::print(stderr, "peerpay-gateway: {}\n", failure.sentence);
  return failure.code;
}

void add_run(CLI::App& app, const Selected& selected) {
  auto options = std::make_shared<RunOptions>();
  auto* command = app.add_subcommand("run", "Serves shops and payers until SIGTERM or Ctrl-C");
  command->add_option("--config", options->file, "TOML file; what is typed here wins over it");
  add_text(*command, *options, "--node", &GatewayConfig::node,
           "HOST:PORT of a node's client port (127.0.0.1:26700)");
  add_text(*command, *options, "--node-tls-ca", &GatewayConfig::node_tls_ca,
           "PEM file of authorities for a node elsewhere");
  add_text(*command, *options, "--listen", &GatewayConfig::listen,
           "HOST:PORT to serve on (127.0.0.1:8080)");
  add_flag(*command, *options, "--behind-proxy", &GatewayConfig::is_behind_proxy,
           "A TLS proxy stands in front: allows to listen beyond this machine");
  add_text(*command, *options, "--data", &GatewayConfig::data,
           "Directory for invoices, events, webhooks and keys");
  add_text(*command, *options, "--genesis", &GatewayConfig::genesis,
           "Genesis file of the network, at the first start; otherwise the node is asked");
  add_text(*command, *options, "--public-url", &GatewayConfig::public_url,
           "How links begin, for example https://pay.shop.example");
  add_text(*command, *options, "--label", &GatewayConfig::label, "The shop's name for payers");
  add_text(*command, *options, "--payee", &GatewayConfig::payee,
           "Address that invoices are paid to when they name none");
  add_flag(*command, *options, "--allow-loopback-webhooks",
           &GatewayConfig::allows_loopback_webhooks,
           "Development only: webhooks to this machine, also without TLS");
  add_text(*command, *options, "--webhook-tls-ca", &GatewayConfig::webhook_ca,
           "PEM file of authorities for webhooks");
  add_text(*command, *options, "--log-level", &GatewayConfig::log_level,
           "debug, info, warn or error");
  command->add_flag("--print-config", options->prints_config,
                    "Prints the complete configuration and ends");
  command->callback([options, selected] { selected([options] { return run(*options); }); });
}

}  // namespace peerpay::api
