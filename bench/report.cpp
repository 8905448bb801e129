#include "bench/report.h"

#include <fmt/format.h>

#include <cmath>

namespace peerpay::bench {
namespace {

std::string quote(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

struct Json {
  std::string operator()(std::uint64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const {
    return std::isfinite(value) ? fmt::format("{:.6g}", value) : "null";
  }
  std::string operator()(const Report::Figure& value) const { return std::visit(*this, value); }
  std::string operator()(const std::string& value) const { return quote(value); }
  std::string operator()(const Report::ByProcess& values) const {
    std::string out;
    for (const auto& [name, value] : values) {
      out += fmt::format("{}{}:{}", out.empty() ? "" : ",", quote(name), (*this)(value));
    }
    return "{" + out + "}";
  }
};

struct Text {
  std::string operator()(std::uint64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const { return fmt::format("{:.3f}", value); }
  std::string operator()(const Report::Figure& value) const { return std::visit(*this, value); }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const Report::ByProcess& values) const {
    std::string out;
    for (const auto& [name, value] : values) {
      out += fmt::format("\n    {:<26}{}", name, (*this)(value));
    }
    return out;
  }
};

}  // namespace

void Report::add(std::string name, std::uint64_t value) {
  fields_.emplace_back(std::move(name), Figure{value});
}

void Report::add(std::string name, double value) {
  fields_.emplace_back(std::move(name), Figure{value});
}

void Report::add(std::string name, ByProcess values) {
  fields_.emplace_back(std::move(name), std::move(values));
}

std::string Report::to_json() const {
  std::string out;
  for (const auto& [name, value] : fields_) {
    out += fmt::format("{}{}:{}", out.empty() ? "" : ",", quote(name), std::visit(Json{}, value));
  }
  return "{" + out + "}\n";
}

std::string Report::to_text() const {
  std::string out;
  for (const auto& [name, value] : fields_) {
    out += fmt::format("{:<30}{}\n", name, std::visit(Text{}, value));
  }
  return out;
}

}  // namespace peerpay::bench
