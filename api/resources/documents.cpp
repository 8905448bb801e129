#include "api/resources/documents.h"

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

}  // namespace

void add_documents(http::Router& router) {
  for (const auto& file : static_files()) {
    router.add(http::Method::kGet, file.path,
               [&file](Call call) -> Task<Response> { co_return answer(call.request, file); });
  }
  router.add(http::Method::kGet, "/docs/problems/{code}", [](Call call) -> Task<Response> {
    Response out;
    if (documented_problem(call.parameter("code")) == nullptr) {
      out.status = 404;
      co_return out;
    }
    out.status = 303;
    out.set("Location", "/docs#problem-" + http::percent_encode(call.parameter("code")));
    co_return out;
  });
}

}  // namespace peerpay::api
