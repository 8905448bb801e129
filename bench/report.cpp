#include "bench/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/check.h"

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
  std::string operator()(const Report::Figures& values) const {
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
  std::string operator()(const Report::Figures& values) const {
    std::string out;
    for (const auto& [name, value] : values) {
      out += fmt::format("\n    {:<30}{}", name, (*this)(value));
    }
    return out;
  }
};

std::optional<double> number_of(const Report::Figure& figure) {
  if (const auto* whole = std::get_if<std::uint64_t>(&figure)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&figure)) return *real;
  return std::nullopt;
}

// REQUIRES: the first one is there.
Report::Figure median(const std::vector<const Report::Figure*>& figures) {
  std::vector<const Report::Figure*> numbers;
  for (const auto* figure : figures) {
    if (figure != nullptr && number_of(*figure)) numbers.push_back(figure);
  }
  if (numbers.empty()) return *figures.front();
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>((numbers.size() - 1) / 2);
  std::nth_element(numbers.begin(), middle, numbers.end(), [](const auto* a, const auto* b) {
    return number_of(*a).value_or(0) < number_of(*b).value_or(0);
  });
  return **middle;
}

template <class Value>
const Value* find(const std::vector<std::pair<std::string, Value>>& fields,
                  const std::string& name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const auto& field) { return field.first == name; });
  return found == fields.end() ? nullptr : &found->second;
}

}  // namespace

void Report::add(std::string name, std::uint64_t value) {
  fields_.emplace_back(std::move(name), Figure{value});
}

void Report::add(std::string name, double value) {
  fields_.emplace_back(std::move(name), Figure{value});
}

void Report::add(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), Figure{std::move(value)});
}

void Report::append(const Report& others) {
  fields_.insert(fields_.end(), others.fields_.begin(), others.fields_.end());
}

double Report::number(std::string_view name) const {
  for (const auto& [field, value] : fields_) {
    const auto* figure = std::get_if<Figure>(&value);
    if (field == name && figure != nullptr) return number_of(*figure).value_or(0);
  }
  return 0;
}

void Report::add(std::string name, Figures values) {
  fields_.emplace_back(std::move(name), std::move(values));
}

Report medians_of(const std::vector<Report>& reports) {
  PEERPAY_CHECK(!reports.empty(), "there is no median of nothing");
  const auto of_all = [&](const auto& pick) {
    std::vector<const Report::Figure*> out;
    out.reserve(reports.size());
    for (const auto& report : reports) out.push_back(pick(report));
    return median(out);
  };
  Report out;
  for (const auto& [name, value] : reports.front().fields_) {
    const auto* group = std::get_if<Report::Figures>(&value);
    if (group == nullptr) {
      out.fields_.emplace_back(name, of_all([&name = name](const Report& report) {
                                 const auto* field = find(report.fields_, name);
                                 return field ? std::get_if<Report::Figure>(field) : nullptr;
                               }));
      continue;
    }
    Report::Figures medians;
    for (const auto& [part, unused] : *group) {
      medians.emplace_back(part, of_all([&name = name, &part = part](const Report& report) {
                             const auto* field = find(report.fields_, name);
                             const auto* parts =
                                 field ? std::get_if<Report::Figures>(field) : nullptr;
                             return parts ? find(*parts, part) : nullptr;
                           }));
    }
    out.fields_.emplace_back(name, std::move(medians));
  }
  return out;
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
    out += fmt::format("{:<34}{}\n", name, std::visit(Text{}, value));
  }
  return out;
}

}  // namespace peerpay::bench
