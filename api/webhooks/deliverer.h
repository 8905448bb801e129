#pragma once
// Deliverer: sends events to the merchants' endpoints, as often as docs/spec/webhooks.md says.
//
//   wake() ─► per endpoint: deliveries that are due ─► attempts (fetch) ─► judged ─► changes, in
//   batches
//
// At least once: a delivery leaves the store after its attempt was answered, so an attempt whose
// end the process did not live to write is made again, with the same webhook-id. Endpoints are
// apart: each has its own queue, and one attempt of every endpoint can always be under way.
//
// Everything runs on the loop's one thread. The store must outlive the loop's last turn.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/client/http_client.h"
#include "api/core/webhook.h"
#include "api/http/task.h"
#include "api/store/merchant_store.h"
#include "api/webhooks/policy.h"

namespace boost::asio {
class io_context;
}

namespace peerpay::api {

struct DelivererSettings {
  http::Reach reach = http::Reach::kPublic;
  std::chrono::milliseconds attempt_deadline{20'000};
  std::optional<std::string> ca_file = {};  // instead of the system's certificate authorities
  std::string user_agent;
  std::size_t under_way_max = 64;  // REQUIRES: at least kEndpointsMax
  std::size_t under_way_per_endpoint_max = 16;
};

// Makes the changes out of what the store holds then; called on the thread that changes the store,
// right before the changes are applied, so that nothing comes in between.
using ChangeMaker = std::function<Changes(const MerchantStore&)>;
using ChangeSink = std::function<http::Task<StoreResult<void>>(ChangeMaker)>;

// What somebody should read in a log.
struct DelivererNotice {
  enum class Kind : std::uint8_t {
    kEndpointDisabled,  // `reason`: "gone", "failing"
    kGivenUp,           // an event will not be delivered: after the last attempt, or disabled
    kStoreFailed,       // no attempt is made any more; `reason`: the store's sentence
  };
  Kind kind = Kind::kStoreFailed;
  EndpointId endpoint;
  EventCursor event;
  std::string reason;
};

// The world of a Deliverer. All are called on the loop.
struct DelivererPorts {
  std::function<base::UnixMillis()> now;
  std::function<std::uint64_t()> random;  // for jitter
  http::Fetch fetch;
  ChangeSink change;
  std::function<void(const DelivererNotice&)> notice;
};

struct DelivererCounters {
  std::array<std::uint64_t, kAttemptResults> attempts{};  // by AttemptResult
  std::uint64_t given_up = 0;
  std::uint64_t batches = 0;  // of changes
  std::size_t under_way = 0;
};

class Deliverer {
 public:
  Deliverer(boost::asio::io_context& loop, const MerchantStore& store, DelivererSettings settings,
            DelivererPorts ports);
  ~Deliverer();
  Deliverer(const Deliverer&) = delete;
  Deliverer& operator=(const Deliverer&) = delete;

  // New deliveries or endpoints are in the store; also begins the work. Cheap.
  void wake();
  [[nodiscard]] const DelivererCounters& counters() const;

  // No new attempts. Those under way get `patience`, then they are cancelled and stay due. Done
  // when all is written that was found out.
  [[nodiscard]] http::Task<void> stop(std::chrono::milliseconds patience);

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace peerpay::api
