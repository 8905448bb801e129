#include <algorithm>
#include <utility>

#include "api/resources/merchant_resources.h"
#include "api/resources/paging.h"

namespace peerpay::api {
namespace {

// Of one type: rows are decoded on the loop.
constexpr std::size_t kEventsSearchedMax = 200;

Problem invalid_type() {
  auto problem = make_problem("validation_error", "There is no event of this type.");
  problem.errors.push_back({"query/type", "unknown_value", problem.detail});
  return problem;
}

class EventResource {
 public:
  explicit EventResource(Services& services) : services_{services} {}

  // Oldest first: who keeps the cursor of the last event that they have handled misses none.
  Task<Outcome> list(Exchange& exchange) const {
    const auto page = parse_page(exchange);
    if (!page) co_return base::Unexpected{page.error()};
    std::optional<EventType> type;
    if (const auto text = exchange.parameter("type")) {
      type = parse_event_type(*text);
      if (!type) co_return base::Unexpected{invalid_type()};
    }
    std::optional<EventCursor> after;
    if (!page->cursor.empty()) {
      after = parse_cursor(page->cursor);
      if (!after) co_return base::Unexpected{invalid_cursor()};
    }
    // One more than asked for tells whether there are more. With a type, a page may hold fewer:
    // the next one begins where the search has ended.
    const std::size_t searched = type ? kEventsSearchedMax : page->limit + std::size_t{1};
    const auto found = after ? services_.store.events_after(*after, searched)
                             : services_.store.events_from_start(searched);
    if (!found) co_return base::Unexpected{store_problem()};
    co_return reply_of(exchange, *found, type, page->limit, searched);
  }

 private:
  static Reply reply_of(const Exchange& exchange, const std::vector<Event>& found,
                        std::optional<EventType> type, std::size_t limit, std::size_t searched) {
    Json::Array data;
    std::string next_cursor;
    std::size_t looked_at = 0;
    for (const auto& event : found) {
      if (data.size() == limit) break;
      ++looked_at;
      next_cursor = format_cursor(event.cursor);
      if (!type || event.type == *type) data.push_back(event_json(event));
    }
    const bool is_all = looked_at == found.size() && found.size() < searched;
    return page_reply(exchange, std::move(data), is_all ? "" : next_cursor);
  }

  Services& services_;
};

}  // namespace

void add_events(Operations& operations) {
  const EventResource resource{operations.services()};
  operations.get("/v1/events", Scope::kEventsRead, {"limit", "cursor", "type"},
                 [resource](Exchange& exchange) { return resource.list(exchange); });
}

}  // namespace peerpay::api
