#include "api/resources/operation.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"

namespace peerpay::api {
namespace {

using http::Response;

constexpr std::size_t kBodyDepthMax = 16;
constexpr std::string_view kJson = "application/json";

// A media type without its parameters, in lower case.
std::string media_type_of(std::string_view header) {
  header = header.substr(0, header.find(';'));
  const auto first = std::min(header.find_first_not_of(" \t"), header.size());
  const auto end = header.find_last_not_of(" \t") + 1;
  auto out = std::string{header.substr(first, end > first ? end - first : 0)};
  for (auto& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

base::Unexpected<Problem> refuse_field(std::string_view problem, std::string pointer,
                                       std::string_view code, std::string detail) {
  auto out = make_problem(problem, detail);
  out.errors.push_back({std::move(pointer), std::string{code}, std::move(detail)});
  return base::Unexpected{std::move(out)};
}

base::Expected<Json, Problem> parse_body(const http::Request& request) {
  if (request.body.empty()) return Json{Json::Object{}};
  const auto type = request.header("Content-Type");
  if (!type || media_type_of(*type) != kJson) {
    return refuse("media_type_unsupported", "The body must be of Content-Type application/json.");
  }
  auto json = Json::parse(request.body, kBodyDepthMax);
  if (!json) {
    const auto& error = json.error();
    return refuse_field("json_malformed", error.pointer, error.code, error.sentence);
  }
  if (json->object() == nullptr) {
    return refuse_field("json_malformed", "", "object_expected", "The body must be an object.");
  }
  return *std::move(json);
}

base::Expected<http::Query, Problem> parse_parameters(const http::Request& request,
                                                      const std::vector<std::string_view>& known) {
  auto query = http::parse_query(request.query);
  if (!query) return refuse("validation_error", "The query of the URL can't be read.");
  for (const auto& [name, value] : *query) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return refuse_field("validation_error", "query/" + name, "unknown_parameter",
                          "There is no parameter of this name.");
    }
  }
  return *std::move(query);
}

base::Unexpected<Problem> unauthorized(std::string_view code, std::string detail) {
  auto problem = make_problem(code, std::move(detail));
  problem.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"peerpay\"");
  return base::Unexpected{std::move(problem)};
}

base::Expected<const ApiKey*, Problem> caller_of(const Services& services,
                                                 const http::Request& request) {
  constexpr std::string_view kBearer = "bearer ";
  const auto header = request.header("Authorization");
  if (!header) {
    return unauthorized("api_key_missing", "Send the key as Authorization: Bearer sk_….");
  }
  std::string scheme{header->substr(0, kBearer.size())};
  for (auto& c : scheme) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto* key = scheme == kBearer
                        ? find_api_key(services.api_keys(), header->substr(kBearer.size()))
                        : nullptr;
  if (key == nullptr) {
    return unauthorized("api_key_invalid", "This API key is unknown here, or was revoked.");
  }
  return key;
}

base::Expected<const ApiKey*, Problem> authorize(const Services& services,
                                                 const http::Request& request, Scope scope) {
  auto caller = caller_of(services, request);
  if (!caller) return caller;
  if (!(*caller)->allows(scope)) {
    return refuse("scope_missing", "The API key \"" + (*caller)->name + "\" lacks the scope " +
                                       std::string{name(scope)} + ".");
  }
  return caller;
}

Problem store_failed() { return make_problem("internal_error", "The gateway's store has failed."); }

Response replay_of(const IdempotencyRecord& record) {
  Response out;
  out.status = record.status;
  for (const auto& [name, value] : record.headers) out.set(name, value);
  out.set("Idempotent-Replayed", "true");
  out.body = record.body;
  return out;
}

base::Expected<Response, Problem> marked_as_replay(base::Expected<Response, Problem> answer) {
  constexpr std::string_view kHeader = "Idempotent-Replayed";
  if (answer) {
    answer->set(std::string{kHeader}, "true");
    return answer;
  }
  auto problem = answer.error();
  problem.headers.emplace_back(kHeader, "true");
  return base::Unexpected{std::move(problem)};
}

// Only what has had an effect is answered from memory; everything else is tried anew.
bool is_kept(const Reply& reply) { return reply.status >= 200 && reply.status < 300; }

}  // namespace

struct Operations::Route {
  http::Method method;
  std::optional<Scope> scope;
  std::vector<std::string_view> parameters = {};
  Replay replay = Replay::kStored;
  Resource resource;
};

struct Operations::State {
  std::set<IdempotencyKey> under_way;

  // While a request with the key is worked on.
  class Place {
   public:
    Place(std::set<IdempotencyKey>& keys, const IdempotencyKey& key) : keys_{keys}, key_{key} {}
    ~Place() { keys_.erase(key_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    std::set<IdempotencyKey>& keys_;
    IdempotencyKey key_;
  };

  static Task<base::Expected<Response, Problem>> answer(const Route& route, Services& services,
                                                        Exchange& exchange);
  static Task<base::Expected<Response, Problem>> answer_again(const Route& route,
                                                              Services& services,
                                                              Exchange& exchange,
                                                              const IdempotencyRecord& known);
  Task<base::Expected<Response, Problem>> answer_once(const Route& route, Services& services,
                                                      Exchange& exchange);
  Task<base::Expected<Response, Problem>> serve(const Route& route, Services& services,
                                                Exchange& exchange);
};

std::optional<std::string> Exchange::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Operations::Operations(http::Router& router, Services& services)
    : router_{router}, services_{services}, state_{std::make_unique<State>()} {}
Operations::~Operations() = default;

Task<base::Expected<Response, Problem>> Operations::State::answer(const Route& route,
                                                                  Services& services,
                                                                  Exchange& exchange) {
  auto outcome = co_await route.resource(exchange);
  if (!outcome) co_return base::Unexpected{outcome.error()};
  if (exchange.record && !exchange.is_recorded && is_kept(*outcome)) {
    const auto record = recorded(*exchange.record, *outcome);
    const auto stored = co_await services.store_thread.run(
        [&] { return services.book.keep(record, Sync::kUnsynced); });
    // What can be done again has had its effect: a record that is missing must not hide it.
    if (!stored && route.replay == Replay::kStored) co_return base::Unexpected{store_failed()};
  }
  co_return response_of(*std::move(outcome));
}

// http H24. While nothing newer can be told, what was told stands: a failure would hide that the
// first request had an effect.
Task<base::Expected<Response, Problem>> Operations::State::answer_again(
    const Route& route, Services& services, Exchange& exchange, const IdempotencyRecord& known) {
  auto answered = co_await answer(route, services, exchange);
  if (!answered && answered.error().kind->status >= 500) co_return replay_of(known);
  co_return marked_as_replay(std::move(answered));
}

// http H21 to H24.
Task<base::Expected<Response, Problem>> Operations::State::answer_once(const Route& route,
                                                                       Services& services,
                                                                       Exchange& exchange) {
  const auto& request = exchange.call.request;
  const auto header = request.header("Idempotency-Key");
  const auto text = header ? parse_idempotency_key(*header) : std::nullopt;
  if (!text) {
    co_return refuse("idempotency_key_required",
                     "Every POST needs a header Idempotency-Key of 1 to 255 printable characters.");
  }
  const auto key =
      idempotency_key(exchange.caller->id, http::name(request.method), request.path, *text);
  const auto hash = request_hash(exchange.body);
  if (!under_way.insert(key).second) {
    auto problem =
        make_problem("idempotency_in_flight", "A request with this Idempotency-Key is under way.");
    problem.headers.emplace_back("Retry-After", "1");
    co_return base::Unexpected{std::move(problem)};
  }
  const Place place{under_way, key};
  const auto remembered = services.store.idempotency(key);
  if (!remembered && route.replay == Replay::kStored) co_return base::Unexpected{store_failed()};
  const auto known = remembered ? *remembered : std::nullopt;
  if (known && known->request != hash) {
    co_return refuse("idempotency_conflict",
                     "This Idempotency-Key was used with another body: take a new one.");
  }
  if (known && route.replay == Replay::kStored) co_return replay_of(*known);
  if (known) co_return co_await answer_again(route, services, exchange, *known);
  exchange.record.emplace();
  exchange.record->key = key;
  exchange.record->request = hash;
  exchange.record->made_at = services.now();
  co_return co_await answer(route, services, exchange);
}

Task<base::Expected<Response, Problem>> Operations::State::serve(const Route& route,
                                                                 Services& services,
                                                                 Exchange& exchange) {
  const auto& request = exchange.call.request;
  if (route.scope) {
    const auto caller = authorize(services, request, *route.scope);
    if (!caller) co_return base::Unexpected{caller.error()};
    exchange.caller = *caller;
  }
  auto query = parse_parameters(request, route.parameters);
  if (!query) co_return base::Unexpected{query.error()};
  exchange.query = *std::move(query);
  if (route.method != http::Method::kPost) co_return co_await answer(route, services, exchange);
  if (request.is_body_unread) {
    co_return unauthorized("api_key_invalid", "This API key has only just become known here.");
  }
  auto body = parse_body(request);
  if (!body) co_return base::Unexpected{body.error()};
  exchange.body = *std::move(body);
  co_return co_await answer_once(route, services, exchange);
}

void Operations::add(http::Method method, std::string_view pattern, Route route) {
  const auto shared = std::make_shared<const Route>(std::move(route));
  router_.add(method, pattern, [this, shared](http::Call call) -> Task<Response> {
    Exchange exchange{.call = std::move(call)};
    auto answer = co_await state_->serve(*shared, services_, exchange);
    auto response =
        answer ? *std::move(answer)
               : response_of(answer.error(), services_.objects.base_url, exchange.call.request.id);
    response.set("Cache-Control", "no-store");
    if (!shared->scope) response.set("Access-Control-Allow-Origin", "*");
    co_return response;
  });
}

bool Operations::wants_body(const http::Request& request) const {
  return request.method == http::Method::kPost && caller_of(services_, request).has_value();
}

void Operations::get(std::string_view pattern, std::optional<Scope> scope,
                     std::vector<std::string_view> parameters, Resource resource) {
  add(http::Method::kGet, pattern,
      {http::Method::kGet, scope, std::move(parameters), Replay::kStored, std::move(resource)});
}
void Operations::post(std::string_view pattern, Scope scope, Replay replay, Resource resource) {
  add(http::Method::kPost, pattern, {http::Method::kPost, scope, {}, replay, std::move(resource)});
}
void Operations::erase(std::string_view pattern, Scope scope, Resource resource) {
  add(http::Method::kDelete, pattern,
      {http::Method::kDelete, scope, {}, Replay::kStored, std::move(resource)});
}
void Operations::plain(http::Method method, std::string_view pattern, http::Handler handler) {
  router_.add(method, pattern, std::move(handler));
}

bool accepts_rather(const http::Request& request, std::string_view wanted, std::string_view usual) {
  const auto header = request.header("Accept");
  std::string_view rest = header ? std::string_view{*header} : std::string_view{};
  while (!rest.empty()) {
    const auto end = std::min(rest.find(','), rest.size());
    const auto type = media_type_of(rest.substr(0, end));
    if (type == wanted || type == usual) return type == wanted;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

IdempotencyRecord recorded(IdempotencyRecord record, const Reply& reply) {
  record.status = reply.status;
  record.headers = reply.headers;
  record.headers.emplace_back("Content-Type", kJson);
  record.body = reply.body.serialized();
  return record;
}

Response response_of(Reply&& reply) {
  Response out;
  out.status = reply.status;
  for (auto& [name, value] : reply.headers) out.set(std::move(name), std::move(value));
  if (!reply.content_type.empty()) {
    out.set("Content-Type", std::move(reply.content_type));
    out.body = std::move(reply.content);
  } else if (reply.status != 204) {
    out.set("Content-Type", std::string{kJson});
    out.body = reply.body.serialized();
  }
  return out;
}

Response response_of(const Problem& problem, std::string_view public_url,
                     std::string_view request_id) {
  Response out;
  out.status = problem.kind->status;
  out.set("Content-Type", "application/problem+json");
  for (const auto& [name, value] : problem.headers) out.set(name, value);
  out.body = problem_body(problem, public_url, request_id);
  return out;
}

}  // namespace peerpay::api
