#pragma once
// Router: from method and path to a handler.
//
//   Router router;
//   router.add(Method::kGet, "/v1/invoices/{id}", [&](Call call) { return get_invoice(call); });
//
// A path that exists with another method is answered 405 with Allow; HEAD is answered as GET
// without its body; OPTIONS with 204 and Allow.

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http/message.h"

namespace peerpay::http {

// A request with what the route's pattern matched.
struct Call {
  Request request;
  std::string_view route;                                      // the pattern; a constant text
  std::vector<std::pair<std::string_view, std::string>> path;  // {"id", "inv_…"}

  // REQUIRES: the pattern has a part {name}.
  [[nodiscard]] const std::string& parameter(std::string_view name) const;
};

using Handler = std::function<Task<Response>(Call)>;

class Router {
 public:
  // REQUIRES: `pattern` is a constant text and new for this method. At equal places a constant
  // segment wins over {name}.
  void add(Method method, std::string_view pattern, Handler handler);
  // Answers what no handler takes: 404 and 405 (which gets its Allow header from the router).
  // Without one such answers have no body.
  void set_fallback(std::function<Response(const Request&, unsigned status)> fallback);

  [[nodiscard]] Task<Response> handle(Request request) const;
  // The pattern that would answer, or "" : for the labels of metrics.
  [[nodiscard]] std::string_view route_of(const Request& request) const;

 private:
  struct Route {
    std::string_view pattern;
    std::vector<std::string_view> segments;  // of the pattern
    std::vector<std::pair<Method, Handler>> handlers;

    [[nodiscard]] const Handler* handler(Method method) const;
    [[nodiscard]] std::string allow() const;
  };
  [[nodiscard]] const Route* find(std::string_view path) const;

  std::vector<Route> routes_;
  std::function<Response(const Request&, unsigned status)> fallback_;
};

}  // namespace peerpay::http
