#pragma once
// Fields: reads the members of a request's body, and gathers everything that is wrong with it, so
// that a developer sees all of it at once.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/core/problem.h"
#include "base/expected.h"
#include "base/json/json.h"

namespace peerpay::api {

class Fields {
 public:
  // REQUIRES: `object` is one, and outlives this.
  explicit Fields(const json::Json& object) : object_{object} {}

  // A member of the wrong kind, null too, is an error, and reads as missing.
  [[nodiscard]] std::optional<std::string> text(std::string_view name);
  [[nodiscard]] std::string required_text(std::string_view name);
  // Null when missing.
  [[nodiscard]] const json::Json* object(std::string_view name);
  [[nodiscard]] const json::Json* array(std::string_view name);

  // `pointer`: "/amount/value". The first 100 are told.
  void fail(std::string pointer, std::string_view code, std::string detail);

  // The problem, when anything was wrong or a member was never asked for.
  [[nodiscard]] std::optional<Problem> problem();

 private:
  [[nodiscard]] const json::Json* find(std::string_view name);

  const json::Json& object_;
  std::vector<std::string> known_;
  std::vector<FieldError> errors_;
};

}  // namespace peerpay::api
