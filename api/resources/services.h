#pragma once
// Services: what the resources work with. All of it lives on the loop, for as long as the server.

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "api/client/http_client.h"
#include "api/core/api_key.h"
#include "api/core/objects.h"
#include "api/link/account_cache.h"
#include "api/link/finality_watch.h"
#include "api/link/follower.h"
#include "api/link/node_gate.h"
#include "api/resources/invoice_feed.h"
#include "api/resources/store_thread.h"
#include "api/store/merchant_book.h"
#include "api/store/merchant_store.h"
#include "base/time.h"
#include "ledger/genesis.h"

namespace peerpay::api {

// What the operator chose.
struct MerchantSettings {
  std::optional<ledger::Address> payee;  // of invoices that name none
  http::Reach webhook_reach = http::Reach::kPublic;
};

using ledger::Network;

struct Services {
  const Network& network;
  const MerchantSettings& settings;
  const ObjectSettings& objects;
  NodeGate& node;
  Follower& follower;
  AccountCache& accounts;
  FinalityWatch& finality;
  const MerchantStore& store;
  MerchantBook& book;  // on the store thread only
  StoreThread& store_thread;
  InvoiceFeed& feed;
  std::function<const std::vector<ApiKey>&()> api_keys;
  std::function<void()> wake_webhooks;
  // After a step of the book: wakes checkout pages and webhooks.
  void tell(const Happenings& happened);
  std::function<base::UnixMillis()> now;
  std::function<Sight()> sight;  // up to date when /readyz says ready
  // Fills all of it with secret randomness.
  std::function<void(std::span<std::uint8_t> out)> entropy;
};

}  // namespace peerpay::api
