#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "base/os/lock_file.h"
#include "node/app/commands.h"
#include "node/app/home.h"
#include "node/app/signer.h"
#include "node/core/replica.h"

namespace peerpay::app {
namespace {

// Moves what is at `path` to a name beside it that is free. Empty when there was nothing.
base::Expected<std::string, Failure> move_aside(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return std::string{};
  for (unsigned number = 1; !error; ++number) {
    const auto aside = fmt::format("{}.replaced-{}", path, number);
    if (std::filesystem::exists(aside, error) || error) continue;
    std::filesystem::rename(path, aside, error);
    if (!error) return aside;
  }
  return base::Unexpected{
      Failure{ExitCode::kError, fmt::format("Can't move {} aside: {}.", path, error.message())}};
}

base::Expected<void, Failure> rejoin(const std::string& directory) {
  const auto home = load_home(directory);
  if (!home) return base::Unexpected{home.error()};
  const auto lock = os::DirectoryLock::acquire(home->paths.directory);
  if (!lock) return base::Unexpected{Failure{ExitCode::kHomeInUse, lock.error().sentence()}};
  const auto aside = move_aside(home->paths.sign_log);
  if (!aside) return base::Unexpected{aside.error()};
  if (!aside->empty()) fmt::print("moved the old sign log to {}\n", *aside);
  if (auto made = Signer::create_log(home->paths, home->chain, home->validator_key.public_key(),
                                     KeyHistory::kMayHaveVoted);
      !made) {
    return made;
  }
  const auto validators = node::validator_set(home->genesis);
  fmt::print(
      "made a new one that says that votes are missing\n"
      "The node will follow, ask the others which votes they have seen, and vote once it can't "
      "contradict any:\nwhen {} of the other {} validators have answered and some {} more views "
      "are final.\n",
      validators.quorum(), validators.size() - 1, 2 * validators.size() + 1);
  if (validators.faulty_max() == 0) {
    fmt::print(
        "This network has fewer than 4 validators: without this one nothing becomes final, so it "
        "can't get there.\n");
  }
  fmt::print("Make sure that no other process uses this key.\nnext: peerpayd run --home {}\n",
             directory);
  return {};
}

}  // namespace

void add_rejoin(CLI::App& app, const Selected& selected) {
  auto directory = std::make_shared<std::string>();
  auto* command = app.add_subcommand(
      "rejoin", "Lets a validator whose sign log is lost, damaged or outdated vote again");
  command->add_option("--home", *directory, "Directory of the node")->required();
  command->callback([directory, selected] {
    selected([directory] {
      const auto done = rejoin(*directory);
      return done ? ExitCode::kOk : report(done.error());
    });
  });
}

}  // namespace peerpay::app
