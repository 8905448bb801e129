#include "api/web/static_files.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "api/web/checkout.h"

namespace peerpay::api {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream in(PEERPAY_SOURCE_DIR "/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string body(std::string_view path) {
  const auto* file = static_file(path);
  return file == nullptr ? "" : std::string{file->body};
}

TEST(StaticFiles, AreTheFilesOfTheSources) {
  EXPECT_EQ(body(checkout_css_path()), file_text("api/web/checkout.css"));
  EXPECT_EQ(body(checkout_js_path()), file_text("api/web/checkout.js"));
  EXPECT_EQ(body("/openapi.yaml"), file_text("api/openapi.yaml"));
  EXPECT_FALSE(body("/openapi.yaml").empty());
}

TEST(StaticFiles, AssetsNeverChangeUnderOnePath) {
  for (const auto path : {checkout_css_path(), checkout_js_path()}) {
    const auto* file = static_file(path);
    ASSERT_NE(file, nullptr);
    const auto hash = file->etag.substr(1, file->etag.size() - 2);
    EXPECT_EQ(hash.size(), 16U);
    EXPECT_NE(path.find("." + std::string{hash} + "."), std::string_view::npos) << path;
    EXPECT_EQ(file->cache_control, "public, max-age=31536000, immutable");
  }
}

TEST(StaticFiles, DocumentsAreAskedForAgain) {
  for (const auto* path : {"/docs", "/openapi.yaml"}) {
    const auto* file = static_file(path);
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(file->cache_control, "public, max-age=300");
  }
}

TEST(StaticFiles, NothingElseIsThere) {
  for (const auto* path : {"", "/", "/docs/", "/c/assets/", "/c/assets/checkout.css"}) {
    EXPECT_EQ(static_file(path), nullptr) << path;
  }
}

TEST(StaticFiles, AssetsFitTheirBudget) {
  EXPECT_LT(body(checkout_css_path()).size() + body(checkout_js_path()).size(), 24U * 1024);
}

TEST(Docs, BringNothingOfOthersAndNoScript) {
  const auto page = body("/docs");
  ASSERT_NE(page.find("</html>"), std::string::npos);
  for (const auto* forbidden :
       {"<script", "<img", "<iframe", "@import", "url(", " style=", "onload"}) {
    EXPECT_EQ(page.find(forbidden), std::string::npos) << forbidden;
  }
  EXPECT_LT(page.size(), 200U * 1024);
}

TEST(Docs, AllowTheirOwnStyleAlone) {
  const auto policy = static_file("/docs")->content_security_policy;
  EXPECT_TRUE(policy.starts_with("default-src 'none'; style-src 'sha256-")) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string_view::npos);
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string_view::npos);
}

TEST(Docs, EveryLinkInsideLeadsSomewhere) {
  const auto page = body("/docs");
  std::size_t links = 0;
  for (auto at = page.find("href=\"#"); at != std::string::npos; at = page.find("href=\"#", at)) {
    at += 7;
    const auto anchor = page.substr(at, page.find('"', at) - at);
    EXPECT_NE(page.find("id=\"" + anchor + "\""), std::string::npos) << anchor;
    ++links;
  }
  EXPECT_GT(links, 100U);
}

TEST(Docs, ExplainEveryProblemOnce) {
  const auto page = body("/docs");
  std::set<std::string_view> codes;
  for (const auto& problem : documented_problems()) {
    EXPECT_TRUE(codes.insert(problem.code).second) << problem.code;
    EXPECT_NE(page.find("id=\"problem-" + std::string{problem.code} + "\""), std::string::npos);
    EXPECT_GE(problem.status, 400);
    EXPECT_LT(problem.status, 600);
    EXPECT_EQ(documented_problem(problem.code), &problem);
  }
  EXPECT_NE(documented_problem("idempotency_key_required"), nullptr);
  EXPECT_EQ(documented_problem("no_such_problem"), nullptr);
}

// A refusal of the ledger keeps its code, and says whether the same bytes may be applied later.
}  // namespace
}  // namespace peerpay::api
