#pragma once
// Metrics: what /metrics shows, for Prometheus (docs/METRICS.md). prometheus-cpp is behind this
// header. On the loop.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace peerpay::api {

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // A request that was answered. `route`: the pattern, never a path that somebody chose.
  void request(std::string_view method, std::string_view route, unsigned status,
               std::chrono::nanoseconds took);

  enum class Kind : std::uint8_t { kCounter, kGauge };
  // Read whenever somebody asks. `name` ends in _total for counters; `labels`: "result" and
  // "delivered", or none.
  void watch(Kind kind, std::string_view name, std::string_view help, std::function<double()> value,
             const std::vector<std::pair<std::string, std::string>>& labels = {});

  // The text format of Prometheus.
  [[nodiscard]] std::string text();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace peerpay::api
