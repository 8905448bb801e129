#include "api/web/static_files.h"

#include <algorithm>

#include "base/check.h"

namespace peerpay::api {
namespace {

// REQUIRES: embed.py was given a file whose path begins and ends so.
std::string_view embedded_path(std::string_view prefix, std::string_view suffix) {
  const auto files = static_files();
  const auto file = std::find_if(files.begin(), files.end(), [&](const StaticFile& each) {
    return each.path.starts_with(prefix) && each.path.ends_with(suffix);
  });
  PEERPAY_CHECK(file != files.end(), "the file is built in");
  return file->path;
}

}  // namespace

const StaticFile* static_file(std::string_view path) {
  const auto files = static_files();
  const auto file = std::find_if(files.begin(), files.end(),
                                 [path](const StaticFile& each) { return each.path == path; });
  return file == files.end() ? nullptr : &*file;
}

std::string_view checkout_css_path() {
  static const auto kPath = embedded_path("/c/assets/checkout.", ".css");
  return kPath;
}

std::string_view checkout_js_path() {
  static const auto kPath = embedded_path("/c/assets/checkout.", ".js");
  return kPath;
}

const DocumentedProblem* documented_problem(std::string_view code) {
  const auto problems = documented_problems();
  const auto problem =
      std::find_if(problems.begin(), problems.end(),
                   [code](const DocumentedProblem& each) { return each.code == code; });
  return problem == problems.end() ? nullptr : &*problem;
}

}  // namespace peerpay::api
