#pragma once
// Services: what the resources work with. All of it lives on the loop, for as long as the server.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/core/api_key.h"
#include "api/link/account_cache.h"
#include "api/link/follower.h"
#include "api/link/node_link.h"
#include "api/resources/invoice_feed.h"
#include "api/resources/store_thread.h"
#include "api/store/merchant_book.h"
#include "api/store/merchant_store.h"
#include "base/time.h"
#include "ledger/genesis.h"

namespace peerpay::api {

// What the operator chose.
struct MerchantSettings {
  std::string public_url;  // of links: "https://pay.shop.example", no slash at the end
  std::string label;       // the shop's name, shown to payers; may be empty
  std::optional<ledger::Address> payee;  // of invoices that name none
  bool allows_loopback_webhooks = false;
};

struct Network {
  ledger::Genesis genesis;
  ledger::ChainId chain;
};

struct Services {
  const Network& network;
  const MerchantSettings& settings;
  NodeLink& node;
  Follower& follower;
  AccountCache& accounts;
  const MerchantStore& store;
  MerchantBook& book;  // on the store thread only
  StoreThread& store_thread;
  InvoiceFeed& feed;
  std::function<const std::vector<ApiKey>&()> api_keys;
  std::function<void()> wake_webhooks;
  std::function<base::UnixMillis()> now;
  std::function<void(base::Bytes& out, std::size_t size)> entropy;
};

}  // namespace peerpay::api
