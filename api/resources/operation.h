#pragma once
// Operations: what every request passes before a resource sees it, and every answer after: who
// asks, whether they may, whether it was done before, what the body says.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/core/api_key.h"
#include "api/core/idempotency.h"
#include "api/http/query.h"
#include "api/http/router.h"
#include "api/resources/reply.h"
#include "api/resources/services.h"

namespace peerpay::api {

// One request, as a resource sees it.
struct Exchange {
  http::Call call;
  http::Query query = {};
  Json body = Json::Object{};      // of a POST; an empty object when there is none
  const ApiKey* caller = nullptr;  // until the next suspension; null where anybody may ask
  // The Idempotency-Key of a POST, bound to caller, path and body.
  std::optional<IdempotencyRecord> record = {};
  // Set by a resource that has stored its record together with the effect.
  bool is_recorded = false;

  [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
};

using Resource = std::function<Task<Outcome>(Exchange&)>;

// What a request gets whose Idempotency-Key was answered before.
enum class Replay : std::uint8_t {
  kStored,     // the answer that was given
  kDoneAgain,  // doing it again is harmless, and may be needed: the answer of now
};

class Operations {
 public:
  Operations(http::Router& router, Services& services);
  ~Operations();
  Operations(const Operations&) = delete;
  Operations& operator=(const Operations&) = delete;

  // GET for anybody, from any web page, or for holders of a key with `scope`. Query parameters that
  // are not in `parameters` are refused.
  void get(std::string_view pattern, std::optional<Scope> scope,
           std::vector<std::string_view> parameters, Resource resource);
  // With Idempotency-Key and, unless it is empty, a JSON object.
  void post(std::string_view pattern, Scope scope, Replay replay, Resource resource);
  void erase(std::string_view pattern, Scope scope, Resource resource);
  // Without any of this: pages, health.
  void plain(http::Method method, std::string_view pattern, http::Handler handler);

  // Whether a request's body may be waited for: nobody without a key has a use for one.
  [[nodiscard]] bool wants_body(const http::Request& request) const;

  [[nodiscard]] Services& services() const { return services_; }

 private:
  struct Route;
  struct State;
  void add(http::Method method, std::string_view pattern, Route route);

  http::Router& router_;
  Services& services_;
  std::unique_ptr<State> state_;
};

// Whether Accept names `wanted`, and not `usual` before it. Order alone decides: no client of ours
// has a use for weights.
[[nodiscard]] bool accepts_rather(const http::Request& request, std::string_view wanted,
                                  std::string_view usual);

// The same reply, and what to store of it under the request's Idempotency-Key.
[[nodiscard]] IdempotencyRecord recorded(IdempotencyRecord record, const Reply& reply);

[[nodiscard]] http::Response response_of(Reply&& reply);
[[nodiscard]] http::Response response_of(const Problem& problem, std::string_view public_url,
                                         std::string_view request_id);

}  // namespace peerpay::api
