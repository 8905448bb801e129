#include "base/json/json.h"

#include "base/utf8.h"

#include <boost/json/src.hpp>  // the library is not linked: this is its one translation unit

namespace peerpay::json {
namespace {

constexpr std::size_t kDepthMax = 32;

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

std::optional<Json> from_boost(const boost::json::value& value);

std::optional<Json> array_from(const boost::json::array& values) {
  Json::Array out;
  for (const auto& value : values) {
    auto one = from_boost(value);
    if (!one) return std::nullopt;
    out.push_back(*std::move(one));
  }
  return Json{std::move(out)};
}

std::optional<Json> object_from(const boost::json::object& members) {
  Json::Object out;
  for (const auto& member : members) {
    auto one = from_boost(member.value());
    if (!one) return std::nullopt;
    out.emplace_back(std::string{member.key()}, *std::move(one));
  }
  return Json{std::move(out)};
}

std::optional<Json> from_boost(const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null: return Json{};
    case boost::json::kind::bool_: return Json{value.get_bool()};
    case boost::json::kind::uint64: return Json{value.get_uint64()};
    case boost::json::kind::int64:
      if (value.get_int64() < 0) return std::nullopt;
      return Json{static_cast<std::uint64_t>(value.get_int64())};
    case boost::json::kind::double_: return std::nullopt;
    case boost::json::kind::string: return Json{std::string{std::string_view{value.get_string()}}};
    case boost::json::kind::array: return array_from(value.get_array());
    case boost::json::kind::object: return object_from(value.get_object());
  }
  return std::nullopt;
}

}  // namespace

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

std::optional<Json> Json::parsed(std::string_view text) {
  boost::json::error_code error;
  boost::json::parse_options options;
  options.max_depth = kDepthMax;
  const auto value = boost::json::parse({text.data(), text.size()}, error, {}, options);
  if (error) return std::nullopt;
  return from_boost(value);
}

}  // namespace peerpay::json
