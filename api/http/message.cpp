#include "api/http/message.h"

#include <algorithm>

#include "api/http/characters.h"
#include "base/check.h"

namespace peerpay::http {

std::string_view name(Method method) {
  switch (method) {
    case Method::kGet: return "GET";
    case Method::kHead: return "HEAD";
    case Method::kPost: return "POST";
    case Method::kDelete: return "DELETE";
    case Method::kOptions: return "OPTIONS";
    case Method::kPut: return "PUT";
    case Method::kPatch: return "PATCH";
    case Method::kTrace: return "TRACE";
    case Method::kQuery: return "QUERY";
  }
  PEERPAY_UNREACHABLE("every method has a name");
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  std::optional<std::string_view> found;
  for (const Header& field : headers) {
    if (!equals_ignoring_case(field.name, name)) continue;
    if (found) return std::nullopt;
    found = field.value;
  }
  return found;
}

std::size_t Request::count(std::string_view name) const {
  const auto counted = std::count_if(headers.begin(), headers.end(), [&](const Header& field) {
    return equals_ignoring_case(field.name, name);
  });
  return static_cast<std::size_t>(counted);
}

void Response::set(std::string name, std::string value) {
  for (Header& field : headers) {
    if (!equals_ignoring_case(field.name, name)) continue;
    field.value = std::move(value);
    return;
  }
  headers.push_back({std::move(name), std::move(value)});
}

}  // namespace peerpay::http
