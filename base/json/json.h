#pragma once
// Json: a small ordered JSON value, for the --json output of programs and for small public files.
// The library that writes and reads the text is behind json.cpp.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/expected.h"

namespace peerpay::json {

// Of one object that is read: a member that comes twice is searched for among all before it.
inline constexpr std::size_t kMembersMax = 1024;

// Why a text is no value. Codes: "json_malformed", "json_too_deep", "json_member_repeated",
// "json_members_too_many" (above kMembersMax), "json_number_unsupported" (a sign, a fraction, an
// exponent, or above 2^64 - 1).
struct ParseError {
  std::string_view code;
  std::string pointer;  // RFC 6901, to where it was noticed
  std::string sentence;
};

// "/NAME" with "~" and "/" of the name escaped: one step of a JSON pointer (RFC 6901, 3).
[[nodiscard]] std::string pointer_to(std::string_view name);

class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;  // in the order written

  Json() = default;                             // null
  Json(bool value) : value_{value} {}           // NOLINT: implicit, so that objects read well
  Json(std::uint64_t value) : value_{value} {}  // NOLINT
  Json(std::string value) : value_{std::move(value)} {}         // NOLINT
  Json(std::string_view value) : value_{std::string{value}} {}  // NOLINT
  Json(const char* value) : value_{std::string{value}} {}       // NOLINT
  Json(Array value) : value_{std::move(value)} {}               // NOLINT
  Json(Object value) : value_{std::move(value)} {}              // NOLINT

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  // Empty when the value is of another kind.
  [[nodiscard]] std::optional<std::string> text() const;
  [[nodiscard]] std::optional<std::uint64_t> number() const;
  [[nodiscard]] const Array* array() const { return std::get_if<Array>(&value_); }
  [[nodiscard]] const Object* object() const { return std::get_if<Object>(&value_); }
  // Null when this is no object or has no such member.
  [[nodiscard]] const Json* member(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> member_text(std::string_view name) const;
  [[nodiscard]] std::optional<std::uint64_t> member_number(std::string_view name) const;

  template <class Visitor>
  decltype(auto) visit(Visitor&& visitor) const {
    return std::visit(std::forward<Visitor>(visitor), value_);
  }

  // One line without spaces, in UTF-8: bytes of a text that are none become U+FFFD.
  [[nodiscard]] std::string serialized() const;
  // Strict: one value, at most kMembersMax members of an object, each named once, numbers that are
  // unsigned integers of 64 bits.
  [[nodiscard]] static base::Expected<Json, ParseError> parse(std::string_view text,
                                                              std::size_t depth_max = 32);
  // The same for whoever has no use for the reason.
  [[nodiscard]] static std::optional<Json> parsed(std::string_view text);

 private:
  std::variant<std::nullptr_t, bool, std::uint64_t, std::string, Array, Object> value_;
};

}  // namespace peerpay::json
