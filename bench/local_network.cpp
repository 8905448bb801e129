#include "bench/local_network.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include "base/os/clock.h"
#include "base/os/descriptor.h"
#include "base/rng.h"
#include "bench/node_client.h"
#include "node/app/home.h"
#include "node/app/node_config.h"
#include "node/app/testnet.h"

namespace peerpay::bench {
namespace {

constexpr base::Duration kPollInterval = base::milliseconds(20);
constexpr base::Duration kStartPatience = base::seconds(60);
constexpr base::Duration kStopPatience = base::seconds(10);
// One core checks a genesis and makes a store of it at this pace, if two validators share it.
constexpr base::Duration kStartPatienceByAccount = base::microseconds(60);
constexpr ledger::Amount kFunding{1'000'000'000};
// Below the ports that the kernel gives to outgoing connections (ip_local_port_range).
constexpr std::uint64_t kPortLowest = 20'000;
constexpr std::uint64_t kPortHighest = 32'000;

Result<std::string> program_beside_us(const std::string& name) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto path = (self.parent_path() / name).string();
  if (error || ::access(path.c_str(), X_OK) != 0) {
    return fail(fmt::format("{} is not there: build it, it is started by this program.", path));
  }
  return path;
}

bool is_free(std::uint16_t port) {
  const os::Descriptor listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(listener.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
         0;
}

Result<std::uint16_t> free_ports(std::uint32_t count) {
  constexpr int kAttempts = 100;
  base::Rng rng{static_cast<std::uint64_t>(os::read_clock().monotonic.microseconds)};
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto base = rng.between(kPortLowest, kPortHighest - count);
    std::uint32_t free = 0;
    while (free < count && is_free(static_cast<std::uint16_t>(base + free))) ++free;
    if (free == count) return static_cast<std::uint16_t>(base);
  }
  return fail(fmt::format("There are no {} free ports in a row on 127.0.0.1.", count));
}

std::string last_lines(const std::string& path) {
  constexpr std::size_t kLines = 5;
  std::ifstream file{path};
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    lines.push_back(line);
    if (lines.size() > kLines) lines.erase(lines.begin());
  }
  return fmt::format("{}", fmt::join(lines, "\n"));
}

Result<void> leave_out_history(const std::string& home) {
  const auto path = app::HomePaths{home}.config;
  app::NodeConfig config;
  {
    std::ifstream file{path};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    auto parsed = app::parse_node_config(text, path);
    if (!parsed) return fail(parsed.error());
    config = std::move(*parsed);
  }
  config.keep_history = false;
  std::ofstream file{path, std::ios::trunc};
  file << app::format_node_config(config) << std::flush;
  if (!file) return fail(fmt::format("{} can't be written.", path));
  return {};
}

app::TestnetOptions testnet_of(const LocalNetworkOptions& options, const Accounts& accounts) {
  app::TestnetOptions out;
  out.validators = options.validators;
  out.assets = app::testnet_assets();
  out.check = ledger::GenesisCheck::kAllButAccounts;  // each of them has been seen to be a point
  out.funds.reserve(accounts.size());
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    out.funds.push_back({accounts.id(i), {0}, kFunding});
  }
  return out;
}

}  // namespace

LocalNetwork::LocalNetwork(TemporaryHome home, std::string program, Interruption& interruption)
    : home_{std::move(home)}, program_{std::move(program)}, interruption_{&interruption} {}

Result<LocalNetwork> LocalNetwork::start(const LocalNetworkOptions& options,
                                         const Accounts& accounts, Interruption& interruption) {
  auto program = program_beside_us("peerpayd");
  if (!program) return base::Unexpected{program.error()};
  auto home = TemporaryHome::create();
  if (!home) return base::Unexpected{home.error()};
  if (options.keep) home->keep();
  const auto ports = free_ports(2 * options.validators);
  if (!ports) return base::Unexpected{ports.error()};

  auto testnet = testnet_of(options, accounts);
  testnet.output = home->path() + "/homes";
  testnet.base_port = *ports;
  const auto made = app::make_testnet(testnet);
  if (!made) return fail(made.error().sentence);

  LocalNetwork network{std::move(*home), std::move(*program), interruption};
  network.chain_ = ledger::chain_id(made->genesis);
  for (const auto& node : made->nodes) {
    network.nodes_.push_back({node.name, node.home, node.client_address, std::nullopt});
    if (options.keep_history) continue;
    if (auto left = leave_out_history(node.home); !left) return base::Unexpected{left.error()};
  }
  const auto begin = os::read_clock().monotonic;
  for (std::size_t i = 0; i < network.size(); ++i) {
    if (auto launched = network.launch(i); !launched) return base::Unexpected{launched.error()};
  }
  const auto patience = kStartPatience + kStartPatienceByAccount *
                                             static_cast<std::int64_t>(accounts.size()) *
                                             std::max<std::int64_t>(2, options.validators);
  if (auto ready = network.await_ready(patience); !ready) return base::Unexpected{ready.error()};
  network.first_start_ = os::read_clock().monotonic - begin;
  return network;
}

const std::string& LocalNetwork::address(std::size_t index) const { return nodes_[index].address; }

std::vector<std::string> LocalNetwork::addresses() const {
  std::vector<std::string> out;
  for (const auto& node : nodes_) out.push_back(node.address);
  return out;
}

std::string LocalNetwork::log_path(const Node& node) const { return path_of(node.name + ".log"); }

std::string LocalNetwork::path_of(const std::string& file) const {
  return home_.path() + "/" + file;
}

void LocalNetwork::kill(std::size_t index) { nodes_[index].process.reset(); }

Result<void> LocalNetwork::launch(std::size_t index) {
  auto& node = nodes_[index];
  auto process = ChildProcess::spawn({program_, "run", "--home", node.home}, log_path(node));
  if (!process) return base::Unexpected{process.error()};
  node.process = std::move(*process);
  return {};
}

std::size_t LocalNetwork::running_count() const {
  return static_cast<std::size_t>(std::count_if(
      nodes_.begin(), nodes_.end(), [](const Node& node) { return node.process.has_value(); }));
}

base::Unexpected<Failure> LocalNetwork::ended_early(const Node& node) const {
  return fail(
      fmt::format("{} has ended. Its last words:\n{}", node.name, last_lines(log_path(node))));
}

Result<bool> LocalNetwork::is_ready(Node& node) const {
  if (node.process->ended()) return ended_early(node);
  const auto status = NodeClient{node.address}.status();
  if (!status || status->syncing) return false;
  const auto connected = std::count_if(status->peers.begin(), status->peers.end(),
                                       [](const auto& peer) { return peer.connected; });
  return static_cast<std::size_t>(connected) + 1 >= running_count();
}

Result<void> LocalNetwork::await_ready(base::Duration patience) {
  const auto deadline = os::read_clock().monotonic + patience;
  for (auto& node : nodes_) {
    while (node.process) {
      const auto ready = is_ready(node);
      if (!ready) return base::Unexpected{ready.error()};
      if (*ready) break;
      if (os::read_clock().monotonic > deadline) {
        return fail(fmt::format("{} is not ready after {} s. Its last words:\n{}", node.name,
                                patience.milliseconds() / 1000, last_lines(log_path(node))));
      }
      if (!interruption_->sleep_for(kPollInterval)) return fail("Interrupted.");
    }
  }
  return {};
}

Result<void> LocalNetwork::await_agreement(base::Duration patience) {
  const auto deadline = os::read_clock().monotonic + patience;
  for (;;) {
    std::set<ledger::BlockHash> heads;
    std::optional<Failure> unanswered;
    for (auto& node : nodes_) {
      if (!node.process) continue;
      const auto head = NodeClient{node.address}.head();
      if (!head) unanswered = head.error();
      if (head) heads.insert(head->hash);
    }
    if (!unanswered && heads.size() <= 1) return {};
    if (os::read_clock().monotonic > deadline) {
      if (unanswered) return base::Unexpected{std::move(*unanswered)};
      return fail("The validators' heads differ.");
    }
    if (!interruption_->sleep_for(kPollInterval)) return fail("Interrupted.");
  }
}

Result<void> LocalNetwork::stop() {
  std::optional<Failure> failure;
  for (auto& node : nodes_) {
    if (!node.process) continue;
    const int status = node.process->terminate(kStopPatience);
    if (!failure && !(WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
      failure = Failure{fmt::format("{} did not end well. Its last words:\n{}", node.name,
                                    last_lines(log_path(node)))};
    }
    node.process.reset();
  }
  if (failure) return base::Unexpected{*failure};
  return {};
}

std::vector<base::Duration> LocalNetwork::cpu_times() const {
  std::vector<base::Duration> out;
  for (const auto& node : nodes_) {
    const auto time = node.process ? cpu_time_of(node.process->pid()) : std::nullopt;
    out.push_back(time.value_or(base::Duration{}));
  }
  return out;
}

std::vector<pid_t> LocalNetwork::processes() const {
  std::vector<pid_t> out;
  for (const auto& node : nodes_) {
    if (node.process) out.push_back(node.process->pid());
  }
  return out;
}

ThreadTimes LocalNetwork::thread_times() const {
  ThreadTimes out;
  for (const auto process : processes()) {
    for (const auto& [name, time] : thread_times_of(process)) out[name] = out[name] + time;
  }
  return out;
}

std::uint64_t LocalNetwork::home_bytes(std::size_t index) const {
  std::uint64_t out = 0;
  std::error_code ignored;  // a file that has just gone has no bytes
  for (std::filesystem::recursive_directory_iterator next{nodes_[index].home, ignored}, end;
       next != end; next.increment(ignored)) {
    const auto bytes = next->file_size(ignored);
    if (!ignored) out += bytes;
  }
  return out;
}

Report::Figures LocalNetwork::resident_bytes() const {
  Report::Figures out;
  for (const auto& node : nodes_) {
    const auto bytes = node.process ? resident_bytes_of(node.process->pid()) : std::nullopt;
    out.emplace_back(node.name, bytes.value_or(0));
  }
  return out;
}

}  // namespace peerpay::bench
