#include <cstdio>
#include <cstdlib>

#include "base/os/process.h"
#include "wallet/cli/program.h"

namespace {

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

}  // namespace

int main(int count, char** values) {
  namespace cli = peerpay::wallet::cli;
  if (const auto forbidden = peerpay::os::forbid_memory_dumps(); !forbidden) {
    std::fprintf(stderr, "error: %s\n", forbidden.error().sentence().c_str());
    return static_cast<int>(cli::ExitCode::kError);
  }
  const cli::Environment environment{.peerpay_node = variable("PEERPAY_NODE"),
                                     .peerpay_home = variable("PEERPAY_HOME"),
                                     .xdg_data_home = variable("XDG_DATA_HOME"),
                                     .home = variable("HOME")};
  return static_cast<int>(cli::run_program({values + 1, values + count}, environment));
}
