#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "base/os/lock_file.h"
#include "consensus/effects.h"
#include "node/app/commands.h"
#include "node/app/home.h"
#include "node/app/recovery.h"
#include "node/app/signer.h"
#include "node/app/storage_failure.h"
#include "node/core/replica.h"
#include "node/storage/files.h"

namespace peerpay::app {
namespace {

struct RejoinOptions {
  std::string home;
  bool outdated = false;
};

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
  return base::Unexpected{failure_of(os::IoError{path, "move aside", error.value()})};
}

enum class LogState : std::uint8_t {
  kUnusable = 0,    // missing, damaged, or older than the store remembers
  kIncomplete = 1,  // it says itself that votes are missing
  kWhole = 2,       // as far as this home can tell
};

LogState usable(const Signer::Opened& opened) {
  return consensus::is_incomplete(opened.journal) ? LogState::kIncomplete : LogState::kWhole;
}

// `home` is given up: opening the log takes its key.
base::Expected<LogState, Failure> state_of_log(Home home) {
  const auto opened = Signer::open(home);
  if (!opened && opened.error().code != ExitCode::kDataCorrupt)
    return base::Unexpected{opened.error()};
  if (!opened || !*opened) return LogState::kUnusable;
  const auto state = usable(**opened);
  std::error_code error;
  const bool has_store = std::filesystem::exists(home.paths.store, error);
  if (state == LogState::kIncomplete || (!has_store && !error)) return state;
  const auto store = open_store(home);
  if (!store) return base::Unexpected{store.error()};
  const auto current = (*store)->check_sign_log((*opened)->signer.log());
  if (current) return state;
  if (current.error().fault == storage::StorageFault::kOutdated) return LogState::kUnusable;
  return base::Unexpected{failure_of(current.error())};
}

base::Unexpected<Failure> refuse_whole(const Home& home) {
  return base::Unexpected{Failure{
      ExitCode::kUsage,
      fmt::format("{0} holds every vote that this home knows of, so the node can vote with it: "
                  "nothing was changed. If an older copy was put in its place, or in that of the "
                  "whole home: peerpayd rejoin --home {1} --outdated",
                  home.paths.sign_log, home.paths.directory)}};
}

// Durable on return.
base::Expected<void, Failure> rename_durably(const std::string& from, const std::string& to) {
  auto done = storage::posix_files().rename(from, to, os::Existing::kRefuse);
  if (done) done = storage::posix_files().sync_directory_of(to);
  if (!done) return base::Unexpected{failure_of(done.error())};
  return {};
}

// Gives the new log the place of the old one, and returns the old one's new name.
base::Expected<std::string, Failure> exchange(const std::string& log, const std::string& next) {
  auto aside = move_aside(log);
  if (!aside) return aside;
  if (const auto named = rename_durably(next, log); !named) {
    if (!aside->empty()) (void)rename_durably(*aside, log);
    return base::Unexpected{named.error()};
  }
  return aside;
}

// The new log is whole and durable before the old one is touched: on a full disk nothing changes.
base::Expected<void, Failure> replace_log(const Home& home) {
  const auto& log = home.paths.sign_log;
  const auto next = log + ".next";
  storage::posix_files().remove(next);  // of a rejoin that was cut short: it never had this name
  if (auto made = Signer::create_log(next, home.network.chain, home.validator_key.public_key(),
                                     KeyHistory::kMayHaveVoted);
      !made) {
    return made;
  }
  const auto aside = exchange(log, next);
  if (!aside) {
    storage::posix_files().remove(next);
    return base::Unexpected{aside.error()};
  }
  if (!aside->empty()) fmt::print("moved the old sign log to {}\n", *aside);
  fmt::print("made a new one that says that votes are missing\n");
  return {};
}

base::Expected<void, Failure> rejoin(const RejoinOptions& options) {
  const auto home = load_home(options.home);
  if (!home) return base::Unexpected{home.error()};
  const auto lock = os::DirectoryLock::acquire(home->paths.directory);
  if (!lock) return base::Unexpected{failure_of(lock.error())};
  auto state = LogState::kUnusable;
  if (!options.outdated) {
    auto again = load_home(options.home);
    if (!again) return base::Unexpected{again.error()};
    const auto found = state_of_log(*std::move(again));
    if (!found) return base::Unexpected{found.error()};
    state = *found;
  }
  switch (state) {
    case LogState::kWhole: return refuse_whole(*home);
    case LogState::kIncomplete:
      fmt::print("{} says already that votes are missing; it stays\n", home->paths.sign_log);
      break;
    case LogState::kUnusable:
      if (auto made = replace_log(*home); !made) return made;
  }
  const auto validators = node::validator_set(home->network.genesis);
  fmt::print(
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
             options.home);
  return {};
}

}  // namespace

void add_rejoin(CLI::App& app, const Selected& selected) {
  auto options = std::make_shared<RejoinOptions>();
  auto* command = app.add_subcommand(
      "rejoin", "Lets a validator whose sign log is lost, damaged or outdated vote again");
  command->add_option("--home", options->home, "Directory of the node")->required();
  command->add_flag("--outdated", options->outdated,
                    "The log is an older copy, or the whole home is, though nothing here shows it");
  command->callback([options, selected] {
    selected([options] {
      const auto done = rejoin(*options);
      return done ? ExitCode::kOk : report(done.error());
    });
  });
}

}  // namespace peerpay::app
