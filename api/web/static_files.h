#pragma once
// Static files: what the gateway serves as it was built in. embed.py makes the bytes from the files
// beside this one, from api/openapi.yaml and from the page that render_docs.py makes of it.

#include <cstdint>
#include <span>
#include <string_view>

namespace peerpay::api {

struct StaticFile {
  std::string_view path;
  std::string_view media_type;  // for Content-Type
  std::string_view body;
  std::string_view etag;           // quoted; of the body
  std::string_view cache_control;  // immutable when the path names the body's hash
  // For HTML: allows the page's own style and nothing else. Empty for other files.
  std::string_view content_security_policy;
};

// "/openapi.yaml", "/docs", and those under "/c/assets/".
[[nodiscard]] std::span<const StaticFile> static_files();
// Null when there is no such file.
[[nodiscard]] const StaticFile* static_file(std::string_view path);

[[nodiscard]] std::string_view checkout_css_path();  // "/c/assets/checkout.HASH.css"
[[nodiscard]] std::string_view checkout_js_path();

// What the contract says about a problem's code; /docs explains it at the anchor "problem-CODE".
struct DocumentedProblem {
  std::string_view code;
  std::uint16_t status = 0;  // HTTP
  std::string_view retry;    // "never", "same_id", "new_id" or "after"
  std::string_view title;
};
// In the order of the contract's x-problem-kinds.
[[nodiscard]] std::span<const DocumentedProblem> documented_problems();
// Null when the contract does not know the code.
[[nodiscard]] const DocumentedProblem* documented_problem(std::string_view code);

}  // namespace peerpay::api
