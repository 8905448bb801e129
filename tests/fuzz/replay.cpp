// fuzz_replay TARGET [FILE or FOLDER]...: runs a fuzz target without libFuzzer, so that every
// compiler and sanitizer can. First nothing, then each file, then mutations of the files, always
// the same ones. Ends with 77 when the target fails, as libFuzzer does, and keeps the input in the
// folder of temporary files; 64: usage, or a place where there is nothing to replay.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/rng.h"
#include "tests/fuzz/replay_targets.h"

namespace peerpay::fuzz {
namespace {

constexpr int kUsage = 64;
constexpr int kFailed = 77;
constexpr std::size_t kMutationsOfAFile = 100;
constexpr std::size_t kMutationsMax = 1'200;
constexpr std::size_t kEditsMax = 4;

// For the handler of signals, which may neither allocate nor lock.
struct Running {
  base::ByteView input;
  std::array<char, 512> story{};
  std::array<char, 4'096> kept_in{};
};
Running running;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

extern "C" void report_failure(int) {
  const auto say = [](const char* text) { return ::write(STDERR_FILENO, text, std::strlen(text)); };
  const int file = ::open(running.kept_in.data(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const bool is_kept = file >= 0 && ::write(file, running.input.data(), running.input.size()) >= 0;
  // Nothing can be done about a failure to say so: the exit status remains.
  static_cast<void>(say(running.story.data()) >= 0 &&
                    (!is_kept || (say("; kept in ") >= 0 && say(running.kept_in.data()) >= 0)) &&
                    say("\n") >= 0);
  ::_exit(kFailed);
}

void run(const Target& target, base::ByteView input, const std::string& origin) {
  // Memory of exactly this size: a sanitizer sees a read behind it.
  const base::Bytes copy{input.begin(), input.end()};
  running.input = copy;
  std::snprintf(running.story.data(), running.story.size(), "fuzz_replay: %s fails on %s",
                std::string{target.name}.c_str(), origin.c_str());
  target.entry(copy.data(), copy.size());
}

struct Seed {
  std::string path;
  base::Bytes bytes;
};

// A replay of nothing would pass whatever the target does.
[[noreturn]] void refuse(const std::filesystem::path& place, const char* reason) {
  std::fprintf(stderr, "fuzz_replay: %s: %s\n", place.c_str(), reason);
  std::exit(kUsage);
}

Seed read_seed(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) refuse(path, "this file cannot be read");
  return {path.string(), base::Bytes{std::istreambuf_iterator<char>{in}, {}}};
}

std::vector<Seed> read_folder(const std::filesystem::path& folder) {
  std::vector<Seed> seeds;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.is_regular_file()) seeds.push_back(read_seed(entry.path()));
  }
  if (seeds.empty()) refuse(folder, "no file is in this folder");
  return seeds;
}

std::vector<Seed> read_seeds(const std::vector<std::filesystem::path>& places) {
  std::vector<Seed> seeds;
  for (const auto& place : places) {
    if (!std::filesystem::exists(place)) refuse(place, "there is no such file or folder");
    if (std::filesystem::is_directory(place)) {
      std::ranges::move(read_folder(place), std::back_inserter(seeds));
    } else {
      seeds.push_back(read_seed(place));
    }
  }
  std::ranges::sort(seeds, {}, &Seed::path);
  return seeds;
}

// One for each process: tests of several builds run at the same time.
std::filesystem::path kept_in(const Target& target) {
  const std::string name = "fuzz_replay." + std::string{target.name};
  return std::filesystem::temp_directory_path() / (name + "." + std::to_string(getpid()));
}

void edit(base::Bytes& bytes, const base::Bytes& other, base::Rng& rng) {
  const auto at = static_cast<std::ptrdiff_t>(rng.below(bytes.size() + 1));
  const auto length = static_cast<std::ptrdiff_t>(
      rng.below(static_cast<std::uint64_t>(std::ssize(bytes) - at) + 1));
  switch (rng.below(5)) {
    case 0: bytes.resize(static_cast<std::size_t>(at)); return;
    case 1: bytes.erase(bytes.begin() + at, bytes.begin() + at + length); return;
    case 2: bytes.insert(bytes.begin() + at, static_cast<std::uint8_t>(rng.below(256))); return;
    case 3: {
      const auto from = static_cast<std::ptrdiff_t>(rng.below(other.size() + 1));
      bytes.resize(static_cast<std::size_t>(at));
      bytes.insert(bytes.end(), other.begin() + from, other.end());
      return;
    }
    default:
      if (at < std::ssize(bytes)) {
        auto& byte = bytes[static_cast<std::size_t>(at)];
        byte = static_cast<std::uint8_t>(byte ^ (1U << rng.below(8)));
      }
  }
}

std::size_t run_mutations(const Target& target, const std::vector<Seed>& seeds) {
  std::size_t done = 0;
  for (std::size_t round = 0; round < kMutationsOfAFile; ++round) {
    for (std::size_t i = 0; i < seeds.size() && done < kMutationsMax; ++i, ++done) {
      base::Rng rng{round * 1'000'003 + i};
      base::Bytes bytes = seeds[i].bytes;
      const auto& other = seeds[rng.below(seeds.size())].bytes;
      for (auto edits = rng.between(1, kEditsMax); edits > 0; --edits) edit(bytes, other, rng);
      run(target, bytes, "mutation " + std::to_string(round) + " of " + seeds[i].path);
    }
  }
  return done;
}

int replay(const Target& target, const std::vector<std::filesystem::path>& places) {
  const auto seeds = read_seeds(places);
  std::snprintf(running.kept_in.data(), running.kept_in.size(), "%s", kept_in(target).c_str());
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    std::signal(signal, report_failure);
  }
  run(target, {}, "the empty input");
  for (const auto& seed : seeds) run(target, seed.bytes, seed.path);
  const auto mutations = run_mutations(target, seeds);
  std::printf("%s: %zu files, %zu mutations\n", std::string{target.name}.c_str(), seeds.size(),
              mutations);
  return 0;
}

}  // namespace
}  // namespace peerpay::fuzz

int main(int argc, char** argv) {
  using namespace peerpay::fuzz;
  const std::vector<std::string> arguments{argv + 1, argv + argc};
  if (!arguments.empty()) {
    const auto target = std::ranges::find(targets(), arguments.front(), &Target::name);
    if (target != targets().end()) {
      return replay(*target, {arguments.begin() + 1, arguments.end()});
    }
  }
  std::fputs("usage: fuzz_replay TARGET [FILE or FOLDER]...; the targets:", stderr);
  for (const auto& target : targets()) std::fprintf(stderr, " %s", target.name.data());
  std::fputs("\n", stderr);
  return kUsage;
}
