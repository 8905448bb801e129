#include "api/resources/fields.h"

#include <algorithm>
#include <utility>

namespace peerpay::api {
namespace {

using json::pointer_to;

constexpr std::size_t kErrorsMax = 100;

}  // namespace

const json::Json* Fields::find(std::string_view name) {
  known_.emplace_back(name);
  return object_.member(name);
}

std::optional<std::string> Fields::text(std::string_view name) {
  const auto* member = find(name);
  if (member == nullptr) return std::nullopt;
  auto text = member->text();
  if (!text) fail(pointer_to(name), "text_expected", "A text in quotes is expected.");
  return text;
}

std::string Fields::required_text(std::string_view name) {
  const auto* member = find(name);
  if (member == nullptr) {
    fail(pointer_to(name), "member_missing", "This member is needed.");
    return {};
  }
  known_.pop_back();
  return text(name).value_or("");
}

const json::Json* Fields::object(std::string_view name) {
  const auto* member = find(name);
  if (member == nullptr || member->object() != nullptr) return member;
  fail(pointer_to(name), "object_expected", "An object is expected.");
  return nullptr;
}

const json::Json* Fields::array(std::string_view name) {
  const auto* member = find(name);
  if (member == nullptr || member->array() != nullptr) return member;
  fail(pointer_to(name), "array_expected", "An array is expected.");
  return nullptr;
}

void Fields::fail(std::string pointer, std::string_view code, std::string detail) {
  if (errors_.size() == kErrorsMax) return;
  errors_.push_back({std::move(pointer), std::string{code}, std::move(detail)});
}

std::optional<Problem> Fields::problem() {
  for (const auto& [name, value] : *object_.object()) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    fail(pointer_to(name), "unknown_member", "There is no member of this name.");
  }
  if (errors_.empty()) return std::nullopt;
  auto problem = make_problem("validation_error", errors_.size() == 1
                                                      ? errors_.front().detail
                                                      : "Several members are wrong: see errors.");
  problem.errors = std::move(errors_);
  return problem;
}

}  // namespace peerpay::api
