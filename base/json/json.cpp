#include "base/json/json.h"

#include "base/utf8.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>  // the library is not linked: this is its one translation unit
#include <utility>

namespace peerpay::json {
namespace {

boost::json::value to_boost(const Json& json);

struct ToBoost {
  boost::json::value operator()(std::nullptr_t) const { return nullptr; }
  boost::json::value operator()(bool value) const { return value; }
  boost::json::value operator()(std::uint64_t value) const { return value; }
  boost::json::value operator()(const std::string& value) const {
    return boost::json::string{base::valid_utf8(value)};
  }
  boost::json::value operator()(const Json::Array& values) const {
    boost::json::array out;
    for (const auto& value : values) out.push_back(to_boost(value));
    return out;
  }
  boost::json::value operator()(const Json::Object& members) const {
    boost::json::object out;
    for (const auto& [name, value] : members) out[base::valid_utf8(name)] = to_boost(value);
    return out;
  }
};

boost::json::value to_boost(const Json& json) { return json.visit(ToBoost{}); }

// Builds the value while boost::json reads the text. Members that wait for their value keep their
// place by name, which is also what the pointer of an error is made of.
class Builder {
 public:
  // NOLINTBEGIN(readability-identifier-naming): what boost::json looks for
  constexpr static std::size_t max_object_size = std::size_t(-1);
  constexpr static std::size_t max_array_size = std::size_t(-1);
  constexpr static std::size_t max_key_size = std::size_t(-1);
  constexpr static std::size_t max_string_size = std::size_t(-1);
  // NOLINTEND(readability-identifier-naming)
  using Code = boost::json::error_code;
  using View = boost::json::string_view;

  explicit Builder(std::size_t depth_max) : depth_max_{depth_max} {}

  Json take() { return std::move(result_); }
  // Where reading stopped, and why, when it was not the text's form.
  ParseError error() const {
    return {problem_.empty() ? "json_malformed" : problem_, pointer(), sentence()};
  }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code& code) { return open(Json::Object{}, code); }
  bool on_array_begin(Code& code) { return open(Json::Array{}, code); }
  bool on_object_end(std::size_t, Code&) { return close(); }
  bool on_array_end(std::size_t, Code&) { return close(); }
  bool on_key_part(View text, std::size_t, Code&) { return append(text); }
  bool on_key(View text, std::size_t, Code& code) {
    append(text);
    auto& level = levels_.back();
    level.name = std::exchange(text_, {});
    const auto& members = std::get<Json::Object>(level.value);
    if (members.size() == kMembersMax) return refuse("json_members_too_many", code);
    for (const auto& [name, value] : members) {
      if (name == level.name) return refuse("json_member_repeated", code);
    }
    return true;
  }
  bool on_string_part(View text, std::size_t, Code&) { return append(text); }
  bool on_string(View text, std::size_t, Code&) {
    append(text);
    return add(std::exchange(text_, {}));
  }
  bool on_number_part(View, Code&) { return true; }
  bool on_int64(std::int64_t value, View text, Code& code) {
    if (value < 0 || text.front() == '-') return refuse("json_number_unsupported", code);
    return add(static_cast<std::uint64_t>(value));
  }
  bool on_uint64(std::uint64_t value, View, Code&) { return add(value); }
  template <class Fraction>
  bool on_double(Fraction, View, Code& code) {
    return refuse("json_number_unsupported", code);
  }
  bool on_bool(bool value, Code&) { return add(value); }
  bool on_null(Code&) { return add(Json{}); }
  bool on_comment_part(View, Code&) { return true; }
  bool on_comment(View, Code&) { return true; }

 private:
  struct Level {
    std::variant<Json::Object, Json::Array> value;
    std::string name;  // of the member that is being read
  };

  bool refuse(std::string_view problem, Code& code) {
    problem_ = problem;
    code = boost::json::error::syntax;
    return false;
  }
  bool append(View text) {
    text_.append(text.data(), text.size());
    return true;
  }
  bool open(std::variant<Json::Object, Json::Array> value, Code& code) {
    if (levels_.size() == depth_max_) return refuse("json_too_deep", code);
    levels_.push_back({std::move(value), {}});
    return true;
  }
  bool close() {
    auto value = std::move(levels_.back().value);
    levels_.pop_back();
    return std::visit(
        [this](auto&& content) { return add(Json{std::forward<decltype(content)>(content)}); },
        std::move(value));
  }
  bool add(Json value) {
    if (levels_.empty()) {
      result_ = std::move(value);
      return true;
    }
    auto& level = levels_.back();
    if (auto* members = std::get_if<Json::Object>(&level.value)) {
      members->emplace_back(std::exchange(level.name, {}), std::move(value));
    } else {
      std::get<Json::Array>(level.value).push_back(std::move(value));
    }
    return true;
  }

  std::string pointer() const {
    std::string out;
    for (const auto& level : levels_) {
      if (const auto* values = std::get_if<Json::Array>(&level.value)) {
        out += "/" + std::to_string(values->size());
      } else if (!level.name.empty()) {
        out += pointer_to(level.name);
      }
    }
    return out;
  }
  std::string sentence() const {
    if (problem_ == "json_too_deep") {
      return "Values are nested deeper than " + std::to_string(depth_max_) + " levels.";
    }
    if (problem_ == "json_member_repeated") return "A member stands there twice.";
    if (problem_ == "json_members_too_many") {
      return "An object has more than " + std::to_string(kMembersMax) + " members.";
    }
    if (problem_ == "json_number_unsupported") {
      return "Numbers must be whole, from 0 to 2^64 - 1, in plain digits.";
    }
    return "The text is not JSON.";
  }

  std::size_t depth_max_;
  std::vector<Level> levels_;
  std::string text_;
  std::string_view problem_;
  Json result_;
};

}  // namespace

std::string pointer_to(std::string_view name) {
  std::string out = "/";
  for (const char c : name) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

std::optional<std::string> Json::text() const {
  const auto* value = std::get_if<std::string>(&value_);
  return value == nullptr ? std::nullopt : std::optional{*value};
}

std::optional<std::uint64_t> Json::number() const {
  const auto* value = std::get_if<std::uint64_t>(&value_);
  return value == nullptr ? std::nullopt : std::optional{*value};
}

const Json* Json::member(std::string_view name) const {
  const auto* members = object();
  if (members == nullptr) return nullptr;
  for (const auto& [key, value] : *members) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::optional<std::string> Json::member_text(std::string_view name) const {
  const auto* value = member(name);
  return value == nullptr ? std::nullopt : value->text();
}

std::optional<std::uint64_t> Json::member_number(std::string_view name) const {
  const auto* value = member(name);
  return value == nullptr ? std::nullopt : value->number();
}

std::string Json::serialized() const { return boost::json::serialize(to_boost(*this)); }

base::Expected<Json, ParseError> Json::parse(std::string_view text, std::size_t depth_max) {
  boost::json::parse_options options;
  options.max_depth = depth_max + 1;  // the builder counts, and says so
  boost::json::basic_parser<Builder> parser{options, depth_max};
  boost::json::error_code error;
  const auto read = parser.write_some(false, text.data(), text.size(), error);
  if (error || read != text.size()) return base::Unexpected{parser.handler().error()};
  return parser.handler().take();
}

std::optional<Json> Json::parsed(std::string_view text) {
  auto json = parse(text);
  if (!json) return std::nullopt;
  return *std::move(json);
}

}  // namespace peerpay::json
