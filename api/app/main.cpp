// peerpay-gateway: the program that shops run.

#include <fmt/format.h>
#include <sys/stat.h>
#include <CLI/CLI.hpp>

#include <string>
#include <utility>

#include "api/app/commands.h"

namespace {

using namespace peerpay::api;

constexpr const char* kVersionText = "peerpay-gateway " PEERPAY_VERSION;

Failure usage_failure(const CLI::App& app, int argc, char** argv, const CLI::ParseError& error) {
  const std::string first = argc > 1 ? argv[1] : "";
  const auto is_first = [&](const CLI::App* command) { return command->get_name() == first; };
  const bool is_word = !first.empty() && first.front() != '-';
  const bool is_unknown = is_word && app.get_subcommands(is_first).empty();
  const std::string what =
      is_unknown ? fmt::format("There is no command \"{}\"", first) : error.what();
  return {ExitCode::kUsage, what + "; run with --help for more."};
}

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
    return static_cast<int>(report(usage_failure(app, argc, argv, error)));
  }
  return static_cast<int>(command());
}
