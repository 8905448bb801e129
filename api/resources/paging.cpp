#include "api/resources/paging.h"

#include <charconv>
#include <utility>

#include "api/http/query.h"

namespace peerpay::api {
namespace {

Problem invalid_parameter(std::string_view name, std::string_view code, std::string detail) {
  auto problem = make_problem("validation_error", detail);
  problem.errors.push_back({"query/" + std::string{name}, std::string{code}, std::move(detail)});
  return problem;
}

}  // namespace

base::Expected<PageQuery, Problem> parse_page(const Exchange& exchange) {
  PageQuery out{.cursor = exchange.parameter("cursor").value_or("")};
  const auto limit = exchange.parameter("limit");
  if (!limit) return out;
  const auto* last = limit->data() + limit->size();
  const auto parsed = std::from_chars(limit->data(), last, out.limit);
  if (parsed.ec == std::errc{} && parsed.ptr == last && out.limit >= 1 &&
      out.limit <= kPageLimitMax) {
    return out;
  }
  return base::Unexpected{
      invalid_parameter("limit", "out_of_range", "limit must be a number from 1 to 100.")};
}

Problem invalid_cursor() {
  return invalid_parameter("cursor", "cursor_unknown",
                           "cursor must be the next_cursor of a page before.");
}

Reply page_reply(const Exchange& exchange, Json::Array data, const std::string& next_cursor) {
  Reply reply;
  const bool has_more = !next_cursor.empty();
  if (has_more) {
    std::string link = exchange.call.request.path + "?cursor=" + http::percent_encode(next_cursor);
    for (const auto& [name, value] : exchange.query) {
      if (name != "cursor") link += "&" + name + "=" + http::percent_encode(value);
    }
    reply.headers.emplace_back("Link", "<" + link + ">; rel=\"next\"");
  }
  reply.body = Json::Object{{"data", std::move(data)},
                            {"next_cursor", has_more ? Json{next_cursor} : Json{}},
                            {"has_more", has_more}};
  return reply;
}

}  // namespace peerpay::api
