#pragma once
// /livez and /readyz: for whoever restarts a gateway, and for whoever sends it customers.

#include <functional>
#include <optional>
#include <string>

#include "api/http/router.h"
#include "api/link/follower.h"
#include "api/resources/services.h"

namespace peerpay::api {

// Following may be this far behind the clock, or as long as a node may be silent if that is longer.
inline constexpr base::Duration kBehindMax = base::seconds(30);

// Ready: final blocks are coming, and the newest is not old.
struct Readiness {
  bool is_node_reached;
  bool is_in_step;
  [[nodiscard]] bool is_ready() const { return is_node_reached && is_in_step; }
};
[[nodiscard]] Readiness readiness_of(const Follower& follower, base::UnixMillis now);

void add_health(http::Router& router, const Services& services);

}  // namespace peerpay::api
