#pragma once
// Every metric that is not of a request (docs/METRICS.md).

#include "api/app/metrics.h"
#include "api/http/server.h"
#include "api/link/follower.h"
#include "api/resources/invoice_feed.h"
#include "api/webhooks/deliverer.h"

namespace peerpay::api {

struct Watched {
  const http::ServerCounters& server;
  const DelivererCounters& webhooks;
  const Follower& follower;
  const InvoiceFeed& feed;
};
// All of it outlives `metrics`.
void watch_everything(Metrics& metrics, const Watched& watched);

}  // namespace peerpay::api
