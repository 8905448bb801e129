#include "base/program/usage.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace peerpay::program {

std::string usage_sentence(const CLI::App& app, int argc, const char* const* argv,
                           const CLI::ParseError& error) {
  const std::string first = argc > 1 ? argv[1] : "";
  const auto is_first = [&](const CLI::App* command) { return command->get_name() == first; };
  const bool is_word = !first.empty() && first.front() != '-';
  const bool is_unknown = is_word && app.get_subcommands(is_first).empty();
  const std::string what =
      is_unknown ? fmt::format("There is no command \"{}\"", first) : error.what();
  return what + "; run with --help for more.";
}

}  // namespace peerpay::program
