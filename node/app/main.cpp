// peerpayd: the program that validators run.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <utility>

#include "base/program/usage.h"
#include "node/app/commands.h"
#include "node/app/version.h"

int main(int argc, char** argv) {
  using namespace peerpay::app;
  CLI::App app{"peerpayd: a validator node of the peerpay network", "peerpayd"};
  app.require_subcommand(1);
  Command command;
  const auto selected = [&command](Command chosen) { command = std::move(chosen); };
  add_testnet(app, selected);
  add_init(app, selected);
  add_genesis(app, selected);
  add_run(app, selected);
  add_rejoin(app, selected);
  add_status(app, selected);
  add_evidence(app, selected);
  app.add_subcommand("version", "Prints the version")->callback([&] {
    selected([] {
      fmt::print("peerpayd {}\n", version());
      return ExitCode::kOk;
    });
  });
  app.set_version_flag("--version", fmt::format("peerpayd {}", version()));
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    return app.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    return static_cast<int>(
        report({ExitCode::kUsage, peerpay::program::usage_sentence(app, argc, argv, error)}));
  }
  return static_cast<int>(command());
}
