#include "api/resources/documents.h"

#include <algorithm>
#include <utility>

#include "api/web/static_files.h"

namespace peerpay::api {
namespace {

using http::Call;
using http::Response;

Response answer(const http::Request& request, const StaticFile& file) {
  Response out;
  out.set("ETag", std::string{file.etag});
  out.set("Cache-Control", std::string{file.cache_control});
  out.set("X-Content-Type-Options", "nosniff");
  if (!file.content_security_policy.empty()) {
    out.set("Content-Security-Policy", std::string{file.content_security_policy});
  }
  if (request.header("If-None-Match") == file.etag) {
    out.status = 304;
    return out;
  }
  out.set("Content-Type", std::string{file.media_type});
  out.body = file.body;
  return out;
}

// Where a problem's "type" leads to.
Response problem_place(const Call& call, const std::string& base_url) {
  const auto& code = call.parameter("code");
  const auto& kinds = problem_kinds();
  if (std::ranges::find(kinds, code, &ProblemKind::code) == kinds.end()) {
    return response_of(make_problem("not_found", "There is no problem with this code."), base_url,
                       call.request.id);
  }
  Response out;
  out.status = 303;
  out.set("Location", "/docs#problem-" + code);
  return out;
}

}  // namespace

void add_documents(Operations& operations) {
  for (const auto& file : static_files()) {
    operations.plain(http::Method::kGet, file.path, [&file](Call call) -> Task<Response> {
      co_return answer(call.request, file);
    });
  }
  operations.plain(http::Method::kGet, "/docs/problems/{code}",
                   [&objects = operations.services().objects](Call call) -> Task<Response> {
                     co_return problem_place(call, objects.base_url);
                   });
}

}  // namespace peerpay::api
