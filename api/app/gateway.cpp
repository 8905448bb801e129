#include "api/app/gateway.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <filesystem>
#include <future>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "api/app/key_file.h"
#include "api/app/metrics.h"
#include "api/app/metrics_catalog.h"
#include "api/app/network_pin.h"
#include "api/http/server.h"
#include "api/link/grpc_node_link.h"
#include "api/link/node_gate.h"
#include "api/resources/documents.h"
#include "api/resources/health.h"
#include "api/resources/ledger_resources.h"
#include "api/resources/merchant_resources.h"
#include "api/store/rocksdb_store.h"
#include "api/webhooks/deliverer.h"
#include "base/check.h"
#include "base/os/clock.h"
#include "base/os/entropy.h"
#include "base/os/file.h"
#include "base/os/lock_file.h"
#include "wallet/payment_uri.h"

namespace peerpay::api {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using http::Response;

constexpr std::size_t kPemBytesMax = std::size_t{1} << 20;
constexpr std::size_t kAccountsCached = 100'000;
constexpr std::chrono::milliseconds kServerPatience{1'200};
constexpr std::chrono::milliseconds kWebhookPatience{500};
constexpr std::chrono::minutes kTidyInterval{10};
constexpr base::Duration kRecordLife = base::seconds(48 * 3'600);
constexpr std::size_t kRecordsForgottenAtOnce = 10'000;

static_assert(kNodeCallsMax + kFinalityWaitersMax < http::ServerLimits{}.requests_under_way_max,
              "requests that need no node have room whatever the node does");

base::UnixMillis wall_clock() { return os::read_clock().wall; }

void fill_or_stop(std::span<std::uint8_t> out) {
  const auto filled = os::fill_with_entropy(out);
  PEERPAY_CHECK(filled.has_value(), "the kernel gives randomness");
}

std::uint64_t random_number() {
  std::array<std::uint8_t, 8> bytes{};
  fill_or_stop(bytes);
  std::uint64_t out = 0;
  for (const auto byte : bytes) out = out << 8 | byte;
  return out;
}

Result<std::optional<std::string>> read_authorities(const std::string& path) {
  if (path.empty()) return std::optional<std::string>{};
  const auto pem = os::read_file(path, kPemBytesMax);
  if (!pem) return fail(ExitCode::kUsage, pem.error().sentence());
  return std::optional{base::to_text(*pem)};
}

// The genesis, asked for once in the life of a data directory.
Task<void> ask_genesis(NodeLink& node, const Gateway::ShouldStop& should_stop,
                       std::optional<Answer<proto::GenesisFile>>& answer) {
  constexpr int kTries = 20;
  asio::steady_timer pause{co_await asio::this_coro::executor};
  for (int i = 0; i < kTries && !should_stop(); ++i) {
    answer.emplace(co_await node.genesis());
    if (*answer) co_return;
    pause.expires_after(std::chrono::milliseconds{500});
    co_await pause.async_wait(use_awaitable);
  }
}

void run_or_stop(asio::io_context& loop, NodeLink& node, const Gateway::ShouldStop& should_stop) {
  while (!loop.stopped()) {
    loop.run_for(std::chrono::milliseconds{100});
    if (loop.stopped() || !should_stop()) continue;
    asio::co_spawn(loop, node.stop(), asio::detached);
    loop.run();
  }
  loop.restart();
}

struct Learned {
  Network network;
  base::Bytes unpinned;  // the genesis, at the first start: to be pinned when all else is there
};

Result<Learned> learned(base::Bytes genesis, const std::string& source) {
  auto network = check_network(genesis, source);
  if (!network) return base::Unexpected{network.error()};
  spdlog::info("[gateway] network {} with chain id {}: compare it with what you trust",
               network->genesis.network, base::to_hex(network->chain.view()));
  return Learned{*std::move(network), std::move(genesis)};
}

Result<Learned> learn_network(asio::io_context& loop, NodeLink& node, const GatewayConfig& config,
                              const Gateway::ShouldStop& should_stop) {
  auto pinned = read_pinned_network(config.data);
  if (pinned) return Learned{*std::move(pinned), {}};
  if (pinned.error().code != ExitCode::kNodeUnreachable) return base::Unexpected{pinned.error()};
  if (!config.genesis.empty()) {
    auto bytes = os::read_file(config.genesis, std::size_t{1} << 31);
    if (!bytes) return fail(ExitCode::kUsage, bytes.error().sentence());
    return learned(*std::move(bytes), config.genesis);
  }
  spdlog::info("[gateway] asking node {} which network it is of", config.node);
  std::optional<Answer<proto::GenesisFile>> answer;
  asio::co_spawn(loop, ask_genesis(node, should_stop, answer), asio::detached);
  run_or_stop(loop, node, should_stop);
  if (should_stop()) return fail(ExitCode::kOk, "Stopped before the node had answered.");
  if (!answer || !*answer) {
    return fail(ExitCode::kNodeUnreachable,
                "Node " + config.node +
                    " does not answer, so the gateway can't learn which network it is for: start "
                    "the node, or name the network's genesis file with --genesis.");
  }
  return learned((*answer)->genesis, "node " + config.node);
}

}  // namespace

class Gateway::Impl {
 public:
  struct Parts {
    GatewayConfig config;
    Failed failed;
    std::unique_ptr<asio::io_context> loop;
    os::DirectoryLock lock;
    std::unique_ptr<NodeLink> node;
    Network network;
    std::unique_ptr<RocksDbStore> store;
    std::vector<ApiKey> keys;
    std::optional<ledger::Address> payee;
    std::optional<ChainPoint> followed;
  };

  explicit Impl(Parts parts)
      : parts_{std::move(parts)},
        objects_{.genesis = parts_.network.genesis,
                 .base_url = parts_.config.public_url,
                 .label = parts_.config.label,
                 .format_payment_uri =
                     [this](const wallet::PaymentRequest& request) {
                       return wallet::format_payment_uri(parts_.network.genesis.kind, request);
                     }},
        settings_{.payee = parts_.payee, .webhook_reach = reach_of(parts_.config)},
        book_{*parts_.store, objects_},
        keys_{KeyFile{parts_.config.data}, std::move(parts_.keys),
              [](const std::string& trouble) { spdlog::error("[keys] {}", trouble); }},
        accounts_{parts_.network.genesis, kAccountsCached},
        follower_{*parts_.node, BlockVerifier{parts_.network.genesis, parts_.network.chain},
                  parts_.followed, [this](const ChainPoint& point) { return begin(point); },
                  [this](const std::vector<FollowedBlock>& blocks) { return follow(blocks); }},
        deliverer_{*parts_.loop, *parts_.store, deliverer_settings(), deliverer_ports()},
        services_{.network = parts_.network,
                  .settings = settings_,
                  .objects = objects_,
                  .node = node_gate_,
                  .follower = follower_,
                  .accounts = accounts_,
                  .finality = finality_,
                  .store = *parts_.store,
                  .book = book_,
                  .store_thread = store_thread_,
                  .feed = feed_,
                  .api_keys = [this]() -> const std::vector<ApiKey>& { return keys_.keys(); },
                  .wake_webhooks = [this] { deliverer_.wake(); },
                  .now = wall_clock,
                  .sight =
                      [this] {
                        const bool is_ready = readiness_of(follower_, wall_clock()).is_ready();
                        return is_ready ? Sight::kUpToDate : Sight::kBlind;
                      },
                  .entropy = fill_or_stop},
        operations_{router_, services_} {
    add_routes();
    if (parts_.followed) accounts_.follow_from(parts_.followed->height);
    parts_.store->on_failure([this](const StoreError& error) {
      give_up({ExitCode::kDurabilityLost, error.message});
    });
  }

  ~Impl() {
    parts_.store->on_failure({});
    stop();
  }

  Result<void> listen() {
    const auto at = *base::parse_endpoint(parts_.config.listen);
    auto server = http::Server::listen(
        *parts_.loop,
        {.host = at.host == "localhost" ? "127.0.0.1" : at.host,
         .port = at.port,
         .limits = {.connections_max = parts_.config.connections_max,
                    .connections_per_address_max = parts_.config.connections_per_address_max},
         .long_bodies = http::LongBodies{http::Method::kPost, std::string{kTransactionsPath},
                                         kTransactionBodyBytesMax},
         .wants_body =
             [this](const http::Request& request) { return operations_.wants_body(request); },
         .on_handler_failure =
             [](std::string_view id, std::string_view reason) {
               spdlog::error("[http] request {}: {}", id, reason);
             }},
        [this](http::Request request) { return serve(std::move(request)); },
        [this](const http::Refusal& refusal, std::string_view id) {
          return response_of(make_problem(refusal.code, std::string{refusal.sentence}),
                             objects_.base_url, id);
        });
    if (!server) return fail(ExitCode::kAddressInUse, server.error());
    server_ = *std::move(server);
    address_ = base::Endpoint{at.host, server_->port()}.text();
    if (objects_.base_url.empty()) objects_.base_url = "http://" + address_;
    watch_everything(metrics_, {server_->counters(), deliverer_.counters(), follower_, feed_});
    return {};
  }

  void run() {
    asio::co_spawn(*parts_.loop, follower_.run(), http::rethrow);
    asio::co_spawn(*parts_.loop, tidy(), http::rethrow);
    deliverer_.wake();
    thread_ = std::thread{[this] { parts_.loop->run(); }};
  }

  const std::string& address() const { return address_; }

  void stop() {
    if (!thread_.joinable()) return;
    std::promise<void> done;
    asio::co_spawn(*parts_.loop, shut_down(),
                   [&done](const std::exception_ptr&) { done.set_value(); });
    done.get_future().wait();
    work_.reset();
    thread_.join();
    // Whatever happens to the log now, what was acknowledged is in tables.
    if (const auto flushed = parts_.store->flush(); !flushed) {
      spdlog::error("[store] {}", flushed.error().message);
    }
  }

 private:
  static http::Reach reach_of(const GatewayConfig& config) {
    return config.allows_loopback_webhooks ? http::Reach::kPublicAndLoopback : http::Reach::kPublic;
  }

  DelivererSettings deliverer_settings() const {
    const auto& ca = parts_.config.webhook_ca;
    return {.reach = settings_.webhook_reach,
            .ca_file = ca.empty() ? std::nullopt : std::optional{ca},
            .user_agent = "peerpay-gateway/" PEERPAY_VERSION};
  }
  DelivererPorts deliverer_ports() {
    return {.now = wall_clock,
            .random = random_number,
            .fetch = http::fetch,
            .change = [this](ChangeMaker maker) { return change(std::move(maker)); },
            .notice = [this](const DelivererNotice& notice) { log(notice); }};
  }
  void log(const DelivererNotice& notice) {
    const auto endpoint = format_id(notice.endpoint);
    switch (notice.kind) {
      case DelivererNotice::Kind::kEndpointDisabled:
        return spdlog::warn("[webhooks] endpoint {} is disabled: {}", endpoint, notice.reason);
      case DelivererNotice::Kind::kGivenUp:
        return spdlog::warn("[webhooks] endpoint {} will not get event {}", endpoint,
                            format_cursor(notice.event));
      case DelivererNotice::Kind::kStoreFailed:
        return give_up({ExitCode::kDurabilityLost, notice.reason});
    }
  }
  Task<StoreResult<void>> change(ChangeMaker maker) {
    co_return co_await store_thread_.run([&] { return book_.settle_deliveries(maker); });
  }

  void add_routes() {
    add_transactions(operations_);
    add_accounts(operations_);
    add_assets(operations_);
    add_ledger(operations_);
    add_invoices(operations_);
    add_webhook_endpoints(operations_);
    add_events(operations_);
    add_checkout(operations_);
    add_health(router_, services_);
    add_documents(operations_);
    router_.add(http::Method::kGet, "/metrics", [this](http::Call) -> Task<Response> {
      Response out;
      out.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
      out.body = metrics_.text();
      co_return out;
    });
    router_.set_fallback([this](const http::Request& request, unsigned status) {
      return response_of(
          status == 405 ? make_problem("method_not_allowed", "This path does not have the method.")
                        : make_problem("not_found", "There is nothing at this path."),
          objects_.base_url, request.id);
    });
  }

  Task<Response> serve(http::Request request) {
    const auto begin = std::chrono::steady_clock::now();
    const auto route = router_.route_of(request);
    const auto method = http::name(request.method);
    auto response = co_await router_.handle(std::move(request));
    metrics_.request(method, route, response.status, std::chrono::steady_clock::now() - begin);
    co_return response;
  }

  Task<bool> begin(const ChainPoint& point) {
    const auto begun = co_await store_thread_.run([&] {
      return book_.begin(
          {.height = point.height, .block = point.block, .timestamp = point.timestamp});
    });
    if (!begun) {
      give_up(begun.error());
      co_return false;
    }
    accounts_.follow_from(point.height);
    spdlog::info("[follow] from block {}", point.height.value);
    co_return true;
  }

  Task<bool> follow(const std::vector<FollowedBlock>& blocks) {
    const auto happened = co_await store_thread_.run([&]() -> BookResult<std::vector<Happenings>> {
      std::vector<Happenings> out;
      for (const auto& block : blocks) {
        auto step = book_.follow_block(block.block, block.hash, wall_clock());
        if (!step) return base::Unexpected{step.error()};
        out.push_back(*std::move(step));
      }
      return out;
    });
    if (!happened) {
      give_up(happened.error());
      co_return false;
    }
    accounts_.on_blocks(blocks);
    finality_.on_blocks(blocks);
    for (const auto& step : *happened) services_.tell(step);
    co_return true;
  }

  // Answers under Idempotency-Keys are kept for two days.
  Task<void> tidy() {
    boost::system::error_code stopped;
    while (!is_stopping_) {
      const auto until = base::UnixMillis{wall_clock().value -
                                          static_cast<std::uint64_t>(kRecordLife.milliseconds())};
      const auto forgotten = co_await store_thread_.run(
          [&] { return book_.forget_records_before(until, kRecordsForgottenAtOnce); });
      if (!forgotten || is_stopping_) co_return;
      if (*forgotten == kRecordsForgottenAtOnce) continue;
      tidy_pause_.expires_after(kTidyInterval);
      co_await tidy_pause_.async_wait(asio::redirect_error(use_awaitable, stopped));
    }
  }

  void give_up(const BookError& error) {
    give_up({error.fault == BookFault::kStore ? ExitCode::kDurabilityLost : ExitCode::kError,
             error.message});
  }
  void give_up(Failure failure) {
    if (!has_failed_.exchange(true)) parts_.failed(std::move(failure));
  }

  Task<void> shut_down() {
    is_stopping_ = true;
    tidy_pause_.cancel();
    feed_.close();
    finality_.close();
    follower_.stop();
    if (server_) co_await server_->stop(kServerPatience);
    co_await deliverer_.stop(kWebhookPatience);
    co_await parts_.node->stop();
  }

  Parts parts_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{parts_.loop->get_executor()};
  ObjectSettings objects_;
  MerchantSettings settings_;
  MerchantBook book_;
  StoreThread store_thread_;
  LiveKeys keys_;
  AccountCache accounts_;
  FinalityWatch finality_;
  InvoiceFeed feed_;
  Follower follower_;
  NodeGate node_gate_{*parts_.node, [this] { return follower_.is_following(); }};
  Deliverer deliverer_;
  Services services_;
  Metrics metrics_;
  http::Router router_;
  Operations operations_;
  std::unique_ptr<http::Server> server_;
  asio::steady_timer tidy_pause_{*parts_.loop};
  std::string address_;
  bool is_stopping_ = false;
  std::atomic<bool> has_failed_ = false;
  std::thread thread_;
};

namespace {

Result<std::optional<ledger::Address>> parse_payee(const GatewayConfig& config,
                                                   const Network& network) {
  if (config.payee.empty()) return std::optional<ledger::Address>{};
  auto address = ledger::parse_address(network.genesis.kind, config.payee);
  if (!address) return fail(ExitCode::kUsage, "The payee is no address: " + address.error());
  return std::optional{*address};
}

ExitCode exit_code_of(const StoreError& error) {
  return error.fault == StoreFault::kDamaged ? ExitCode::kDataCorrupt : ExitCode::kDurabilityLost;
}

// The genesis is pinned last: where it is, there was a store, and one that has gone is no empty
// shop.
Result<std::unique_ptr<RocksDbStore>> open_store(const std::string& directory,
                                                 const Learned& network) {
  const auto path = directory + "/store";
  std::error_code error;
  const bool is_there = std::filesystem::exists(path + "/CURRENT", error);
  if (error)
    return fail(ExitCode::kError, "Cannot look into " + path + ": " + error.message() + ".");
  if (network.unpinned.empty() && !is_there) {
    return fail(
        ExitCode::kDataCorrupt,
        "Directory " + path +
            " is empty or gone: restore it from a backup, or begin anew in another directory.");
  }
  auto store = RocksDbStore::open(path, network.network.chain);
  if (!store) return fail(exit_code_of(store.error()), store.error().message);
  if (!network.unpinned.empty()) {
    if (auto pinned = pin_network(directory, network.unpinned); !pinned) {
      return base::Unexpected{pinned.error()};
    }
  }
  return *std::move(store);
}

Result<os::DirectoryLock> take_directory(const std::string& directory) {
  if (const auto made = os::create_directories(directory, 0700); !made) {
    return fail(ExitCode::kError, made.error().sentence());
  }
  auto lock = os::DirectoryLock::acquire(directory);
  if (!lock) return fail(ExitCode::kDataInUse, lock.error().sentence());
  return *std::move(lock);
}

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::start(const GatewayConfig& config, Failed failed,
                                                const ShouldStop& should_stop) {
  if (const auto checked = config.check(); !checked) return base::Unexpected{checked.error()};
  const auto authorities = read_authorities(config.node_tls_ca);
  if (!authorities) return base::Unexpected{authorities.error()};
  if (const auto webhooks = read_authorities(config.webhook_ca); !webhooks) {
    return base::Unexpected{webhooks.error()};
  }
  auto lock = take_directory(config.data);
  if (!lock) return base::Unexpected{lock.error()};
  auto keys = KeyFile{config.data}.read();
  if (!keys) return base::Unexpected{keys.error()};

  auto loop = std::make_unique<asio::io_context>(1);
  auto node = make_grpc_node_link(*loop, *base::parse_endpoint(config.node), *authorities);
  auto network = learn_network(*loop, *node, config, should_stop);
  if (!network) return base::Unexpected{network.error()};
  const auto payee = parse_payee(config, network->network);
  if (!payee) return base::Unexpected{payee.error()};
  auto store = open_store(config.data, *network);
  if (!store) return base::Unexpected{store.error()};
  const auto point = (*store)->follow_point();
  if (!point) return fail(exit_code_of(point.error()), point.error().message);
  std::optional<ChainPoint> followed;
  if (*point) followed = ChainPoint{(*point)->height, (*point)->block, (*point)->timestamp};

  auto impl = std::make_unique<Impl>(Impl::Parts{
      config, std::move(failed), std::move(loop), *std::move(lock), std::move(node),
      std::move(network->network), *std::move(store), *std::move(keys), *payee, followed});
  if (const auto listening = impl->listen(); !listening) {
    return base::Unexpected{listening.error()};
  }
  impl->run();
  return std::unique_ptr<Gateway>{new Gateway{std::move(impl)}};
}

Gateway::Gateway(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Gateway::~Gateway() = default;
std::string Gateway::address() const { return impl_->address(); }
void Gateway::stop() { impl_->stop(); }

}  // namespace peerpay::api
