#pragma once
// Report: the named figures of one run, in order, as one JSON object or as lines for people.

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace peerpay::bench {

class Report {
 public:
  using Figure = std::variant<std::uint64_t, double, std::string>;
  using ByProcess = std::vector<std::pair<std::string, Figure>>;

  void add(std::string name, std::uint64_t value);
  void add(std::string name, double value);
  void add(std::string name, ByProcess values);

  // One line, one object; numbers that are not finite become null (RFC 8259 has no others).
  [[nodiscard]] std::string to_json() const;
  [[nodiscard]] std::string to_text() const;

 private:
  using Value = std::variant<Figure, ByProcess>;
  std::vector<std::pair<std::string, Value>> fields_;
};

}  // namespace peerpay::bench
