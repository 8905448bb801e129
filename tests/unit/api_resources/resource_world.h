#pragma once
// ResourceWorld: the resources over a store in memory and a node that does what the test says. No
// socket: requests go straight to the router.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/resources/documents.h"
#include "api/resources/ledger_resources.h"
#include "api/resources/merchant_resources.h"
#include "base/rng.h"
#include "tests/support/api/memory_store.h"
#include "tests/support/api/practice_link.h"
#include "tests/support/ledger/ledger_world.h"

namespace peerpay::api::test {

class ResourceWorld {
 public:
  explicit ResourceWorld(MerchantSettings chosen = {.payee = std::nullopt})
      : settings{std::move(chosen)} {
    (void)book.begin({.height = ledger::Height{7}, .block = {}, .timestamp = now});
    add_transactions(operations);
    add_accounts(operations);
    add_assets(operations);
    add_ledger(operations);
    add_invoices(operations);
    add_webhook_endpoints(operations);
    add_events(operations);
    add_checkout(operations);
    add_documents(operations);
    add_key("all", {Scope::kTransactionsWrite, Scope::kInvoicesRead, Scope::kInvoicesWrite,
                    Scope::kWebhooksRead, Scope::kWebhooksWrite, Scope::kEventsRead});
  }

  void add_key(const std::string& key, std::vector<Scope> scopes) {
    ApiKey entry;
    entry.id.bytes[0] = static_cast<std::uint8_t>(keys.size() + 1);
    entry.name = key;
    entry.scopes = std::move(scopes);
    entry.hash = hash_api_key(key);
    keys.push_back(std::move(entry));
  }

  struct Ask {
    http::Method method = http::Method::kGet;
    std::string path;
    std::string query = {};
    std::string body = {};
    std::string idempotency_key = {};  // empty: no header
    std::string api_key = "all";       // empty: no header
    std::string type = "application/json";
    std::vector<http::Header> headers = {};
    bool is_body_unread = false;
  };
  Task<http::Response> answer(Ask ask) const {
    http::Request request;
    request.method = ask.method;
    request.path = std::move(ask.path);
    request.query = std::move(ask.query);
    request.headers = std::move(ask.headers);
    request.id = "req_1";
    if (!ask.api_key.empty()) request.headers.push_back({"Authorization", "Bearer " + ask.api_key});
    if (!ask.idempotency_key.empty()) {
      request.headers.push_back({"Idempotency-Key", ask.idempotency_key});
    }
    if (!ask.body.empty()) request.headers.push_back({"Content-Type", ask.type});
    request.body = std::move(ask.body);
    request.is_body_unread = ask.is_body_unread;
    return router.handle(std::move(request));
  }
  // Runs one request to its end.
  http::Response get(Ask ask) { return get_on(loop, std::move(ask)); }
  // The same, while another one is under way. REQUIRES: it waits for nothing of the loop.
  http::Response get_meanwhile(Ask ask) {
    boost::asio::io_context own{1};
    return get_on(own, std::move(ask));
  }
  http::Response get_on(boost::asio::io_context& context, Ask ask) {
    std::optional<http::Response> out;
    boost::asio::co_spawn(
        context,
        [](ResourceWorld& world, Ask what, std::optional<http::Response>& result) -> Task<void> {
          auto response = co_await world.answer(std::move(what));
          result.emplace(std::move(response));
        }(*this, std::move(ask), out),
        boost::asio::detached);
    context.restart();
    context.run();
    return *std::move(out);
  }
  Json json(Ask ask) {
    auto parsed = Json::parsed(get(std::move(ask)).body);
    return parsed ? *std::move(parsed) : Json{};
  }
  http::Response post(const std::string& path, const std::string& body, const std::string& key) {
    return get({.method = http::Method::kPost, .path = path, .body = body, .idempotency_key = key});
  }
  std::string code_of(Ask ask) { return json(std::move(ask)).member_text("code").value_or("none"); }

  base::UnixMillis now{1'700'000'000'000};
  Network network{ledger::test::test_genesis(), ledger::chain_id(ledger::test::test_genesis())};
  MerchantSettings settings;
  ObjectSettings objects{.genesis = network.genesis,
                         .base_url = "https://pay.example",
                         .label = "Corner Shop",
                         .format_payment_uri = [](const wallet::PaymentRequest& request) {
                           return "peerpay:" + request.reference;
                         }};
  boost::asio::io_context loop{1};
  PracticeLink node{loop};
  bool is_node_proven = true;
  NodeGate node_gate{node, [this] { return is_node_proven; }, 1};
  MemoryStore store;
  MerchantBook book{store, objects};
  StoreThread store_thread;
  AccountCache accounts{network.genesis, 10};
  FinalityWatch finality{2};
  Follower follower{node, BlockVerifier{network.genesis, network.chain}, std::nullopt, {}, {}};
  InvoiceFeed feed;
  std::vector<ApiKey> keys;
  Sight sight = Sight::kUpToDate;
  int webhook_wakes = 0;
  base::Rng random{1};
  Services services{.network = network,
                    .settings = settings,
                    .objects = objects,
                    .node = node_gate,
                    .follower = follower,
                    .accounts = accounts,
                    .finality = finality,
                    .store = store,
                    .book = book,
                    .store_thread = store_thread,
                    .feed = feed,
                    .api_keys = [this]() -> const std::vector<ApiKey>& { return keys; },
                    .wake_webhooks = [this] { ++webhook_wakes; },
                    .now = [this] { return now; },
                    .sight = [this] { return sight; },
                    .entropy =
                        [this](std::span<std::uint8_t> out) {
                          for (auto& byte : out)
                            byte = static_cast<std::uint8_t>(random.below(256));
                        }};
  http::Router router;
  Operations operations{router, services};
};

inline std::string header_of(const http::Response& response, std::string_view name) {
  for (const auto& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return "";
}

}  // namespace peerpay::api::test
