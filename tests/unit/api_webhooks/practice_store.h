#pragma once
// PracticeStore: endpoints and events in a line each.

#include <string>
#include <vector>

#include "tests/support/api/memory_store.h"

namespace peerpay::api {

class PracticeStore final : public test::MemoryStore {
 public:
  EndpointId add_endpoint(const std::string& url);
  // An event, and its delivery to each of these, due at `due`.
  EventCursor add_event(const std::vector<EndpointId>& endpoints, base::UnixMillis due);
  // REQUIRES: there is such an endpoint.
  [[nodiscard]] WebhookEndpoint endpoint(const EndpointId& id) const;
  [[nodiscard]] std::vector<Delivery> all_deliveries() const;

 private:
  std::uint8_t endpoints_made_ = 0;
  std::uint32_t events_made_ = 0;
};

}  // namespace peerpay::api
