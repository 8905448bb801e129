// peerpay-gateway: the program that shops run.

#include <fmt/format.h>
#include <sys/stat.h>
#include <CLI/CLI.hpp>

#include <utility>

#include "api/app/commands.h"
#include "base/program/usage.h"

namespace {

using namespace peerpay::api;

constexpr const char* kVersionText = "peerpay-gateway " PEERPAY_VERSION;

}  // namespace

int main(int argc, char** argv) {
  ::umask(077);  // webhook secrets lie in the store
  CLI::App app{"peerpay-gateway: takes payments for shops over HTTP", "peerpay-gateway"};
  app.require_subcommand(1);
  Command command;
  const auto selected = [&command](Command chosen) { command = std::move(chosen); };
  add_run(app, selected);
  add_keys(app, selected);
  app.add_subcommand("version", "Prints the version")->callback([&] {
    selected([] {
      fmt::print("{}\n", kVersionText);
      return ExitCode::kOk;
    });
  });
  app.set_version_flag("--version", kVersionText);
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
