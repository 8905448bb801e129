#include "api/resources/paging.h"

#include <algorithm>
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
  const auto cursor = exchange.parameter("cursor");
  if (cursor && cursor->empty()) return base::Unexpected{invalid_cursor()};
  PageQuery out{.cursor = cursor.value_or("")};
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

Outcome page_of(const Exchange& exchange, const std::vector<NamedEntry>& entries) {
  const auto page = parse_page(exchange);
  if (!page) return base::Unexpected{page.error()};
  auto first = entries.begin();
  if (!page->cursor.empty()) {
    first = std::ranges::find(entries, page->cursor, &NamedEntry::name);
    if (first == entries.end()) return base::Unexpected{invalid_cursor()};
    ++first;
  }
  const auto rest = static_cast<std::size_t>(entries.end() - first);
  const auto count = std::min<std::size_t>(page->limit, rest);
  Json::Array data;
  for (std::size_t i = 0; i < count; ++i)
    data.push_back(first[static_cast<std::ptrdiff_t>(i)].json);
  const auto next_cursor = count < rest ? first[static_cast<std::ptrdiff_t>(count) - 1].name : "";
  return page_reply(exchange, std::move(data), next_cursor);
}

}  // namespace peerpay::api
