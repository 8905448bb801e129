#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "base/os/process.h"
#include "wallet/cli/program.h"

namespace {

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

// Services and cron jobs often have no HOME.
std::optional<std::string> home_of_user() {
  if (auto home = variable("HOME")) return home;
  const passwd* user = getpwuid(geteuid());
  return user == nullptr ? std::nullopt : std::optional<std::string>{user->pw_dir};
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
                                     .home = home_of_user()};
  return static_cast<int>(cli::run_program({values + 1, values + count}, environment));
}
