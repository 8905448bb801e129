#include "api/http/router.h"

#include <algorithm>

#include "base/check.h"

namespace peerpay::http {
namespace {

// Without the first "/": "/v1/assets" has two, "/" has one, which is empty.
std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    segments.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

std::string_view parameter_name(std::string_view segment) {
  return segment.substr(1, segment.size() - 2);
}

bool matches(const std::vector<std::string_view>& pattern,
             const std::vector<std::string_view>& path) {
  return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                    [](std::string_view part, std::string_view segment) {
                      return is_parameter(part) ? !segment.empty() : part == segment;
                    });
}

// Both match the same path; the first place where one has a constant and the other has not decides.
bool is_more_exact(const std::vector<std::string_view>& a, const std::vector<std::string_view>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (is_parameter(a[i]) != is_parameter(b[i])) return is_parameter(b[i]);
  }
  return false;
}

Task<Response> at_once(Response response) { co_return response; }

}  // namespace

const std::string& Call::parameter(std::string_view name) const {
  for (const auto& [part, value] : path) {
    if (part == name) return value;
  }
  PEERPAY_UNREACHABLE("the route's pattern has no such part");
}

const Handler* Router::Route::handler(Method method) const {
  for (const auto& [own, handler] : handlers) {
    if (own == method) return &handler;
  }
  return method == Method::kHead ? handler(Method::kGet) : nullptr;
}

std::string Router::Route::allow() const {
  std::string methods;
  for (const Method method : kMethods) {
    if (method != Method::kOptions && handler(method) == nullptr) continue;
    if (!methods.empty()) methods += ", ";
    methods += name(method);
  }
  return methods;
}

void Router::add(Method method, std::string_view pattern, Handler handler) {
  PEERPAY_CHECK(pattern.starts_with('/'), "a pattern begins with a slash");
  auto route = std::find_if(routes_.begin(), routes_.end(),
                            [&](const Route& known) { return known.pattern == pattern; });
  if (route == routes_.end()) {
    route = routes_.insert(route, Route{pattern, segments_of(pattern), {}});
  }
  for (const auto& [own, unused] : route->handlers) {
    PEERPAY_CHECK(own != method, "a route has one handler for a method");
  }
  route->handlers.emplace_back(method, std::move(handler));
}

void Router::set_fallback(std::function<Response(const Request&, unsigned status)> fallback) {
  fallback_ = std::move(fallback);
}

const Router::Route* Router::find(std::string_view path) const {
  const std::vector<std::string_view> segments = segments_of(path);
  const Route* best = nullptr;
  for (const Route& route : routes_) {
    if (!matches(route.segments, segments)) continue;
    if (best == nullptr || is_more_exact(route.segments, best->segments)) best = &route;
  }
  return best;
}

Task<Response> Router::handle(Request request) const {
  const auto refuse = [&](unsigned status) {
    Response response = fallback_ ? fallback_(request, status) : Response{};
    response.status = status;
    return response;
  };
  const Route* const route = find(request.path);
  if (route == nullptr) return at_once(refuse(404));
  const Handler* const handler = route->handler(request.method);
  if (handler == nullptr) {
    const bool asks = request.method == Method::kOptions;
    Response response = asks ? Response{} : refuse(405);
    if (asks) response.status = 204;
    response.set("Allow", route->allow());
    return at_once(std::move(response));
  }
  Call call{.request = std::move(request), .route = route->pattern, .path = {}};
  const std::vector<std::string_view> segments = segments_of(call.request.path);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (!is_parameter(route->segments[i])) continue;
    call.path.emplace_back(parameter_name(route->segments[i]), segments[i]);
  }
  return (*handler)(std::move(call));
}

std::string_view Router::route_of(const Request& request) const {
  const Route* const route = find(request.path);
  return route == nullptr ? std::string_view{} : route->pattern;
}

}  // namespace peerpay::http
