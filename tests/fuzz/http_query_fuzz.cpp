// Queries and percent-encoding: every text comes back, names come once, values are clean.

#include <set>
#include <string>

#include "api/http/query.h"
#include "base/utf8.h"
#include "tests/fuzz/promises.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace peerpay;
  const auto text = fuzz::as_text({data, size});
  PEERPAY_CHECK(http::percent_decode(http::percent_encode(text)) == text, "every text comes back");
  const auto query = http::parse_query(text);
  if (!query) return 0;
  PEERPAY_CHECK(query->size() <= http::kQueryParametersMax, "parameters are bounded");
  std::set<std::string> names;
  std::string again;
  for (const auto& [name, value] : *query) {
    PEERPAY_CHECK(names.insert(name).second, "a name comes once");
    PEERPAY_CHECK(base::valid_utf8(value) == value, "values are UTF-8");
    PEERPAY_CHECK(value.find('\0') == std::string::npos, "and have no zero byte");
    again += (again.empty() ? "" : "&") + http::percent_encode(name) + "=";
    again += http::percent_encode(value);
  }
  PEERPAY_CHECK(http::parse_query(again) == query, "written again it means the same");
  return 0;
}
