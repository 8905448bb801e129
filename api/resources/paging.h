#pragma once
// Lists: ?limit and ?cursor in, {"data", "next_cursor", "has_more"} and a Link header out
// (http H26).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/resources/operation.h"

namespace peerpay::api {

inline constexpr std::uint32_t kPageLimitDefault = 20;
inline constexpr std::uint32_t kPageLimitMax = 100;

struct PageQuery {
  std::string cursor;  // empty: from the start
  std::uint32_t limit = kPageLimitDefault;
};
[[nodiscard]] base::Expected<PageQuery, Problem> parse_page(const Exchange& exchange);
[[nodiscard]] Problem invalid_cursor();

// `next_cursor`: empty at the end.
[[nodiscard]] Reply page_reply(const Exchange& exchange, Json::Array data,
                               const std::string& next_cursor);

// A page of a list that is in memory whole, each entry with what names it.
struct NamedEntry {
  std::string name;
  Json json;
};
[[nodiscard]] Outcome page_of(const Exchange& exchange, const std::vector<NamedEntry>& entries);

}  // namespace peerpay::api
