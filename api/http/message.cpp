#include "api/http/message.h"

#include <boost/beast/core/string.hpp>

#include "base/check.h"

namespace peerpay::http {

std::string_view name(Method method) {
  switch (method) {
    case Method::kGet: return "GET";
    case Method::kHead: return "HEAD";
    case Method::kPost: return "POST";
    case Method::kDelete: return "DELETE";
    case Method::kOptions: return "OPTIONS";
  }
  PEERPAY_UNREACHABLE("every method has a name");
}

std::optional<std::string_view> find_header(const std::vector<Header>& headers,
                                            std::string_view name) {
  std::optional<std::string_view> found;
  for (const auto& header : headers) {
    if (!boost::beast::iequals(header.name, name)) continue;
    if (found) return std::nullopt;
    found = header.value;
  }
  return found;
}

std::optional<std::string_view> Request::header(std::string_view header_name) const {
  return find_header(headers, header_name);
}

std::size_t Request::count(std::string_view header_name) const {
  std::size_t count = 0;
  for (const auto& header : headers) count += boost::beast::iequals(header.name, header_name);
  return count;
}

void Response::set(std::string header_name, std::string value) {
  for (auto& header : headers) {
    if (!boost::beast::iequals(header.name, header_name)) continue;
    header.value = std::move(value);
    return;
  }
  headers.push_back({std::move(header_name), std::move(value)});
}

}  // namespace peerpay::http
