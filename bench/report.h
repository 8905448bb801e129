#pragma once
// Report: the named figures of one run, in order, as one JSON object or as lines for people.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace peerpay::bench {

class Report {
 public:
  using Figure = std::variant<std::uint64_t, double, std::string>;
  using Figures = std::vector<std::pair<std::string, Figure>>;  // one for each process, or stage

  void add(std::string name, std::uint64_t value);
  void add(std::string name, double value);
  void add(std::string name, std::string value);
  void add(std::string name, Figures values);
  void append(const Report& others);
  // Zero when there is none of that name, or it is no number.
  [[nodiscard]] double number(std::string_view name) const;

  // One line, one object; numbers that are not finite become null (RFC 8259 has no others).
  [[nodiscard]] std::string to_json() const;
  [[nodiscard]] std::string to_text() const;

 private:
  friend Report medians_of(const std::vector<Report>& reports);
  using Value = std::variant<Figure, Figures>;
  std::vector<std::pair<std::string, Value>> fields_;
};

// Field by field the median (the lower of two) of the numbers; texts are those of the first report.
// REQUIRES: at least one; where the others lack a field of the first, it counts without them.
[[nodiscard]] Report medians_of(const std::vector<Report>& reports);

}  // namespace peerpay::bench
