#include "api/app/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <tuple>
#include <utility>

namespace peerpay::api {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30};

}  // namespace

struct Metrics::State {
  struct Watched {
    Kind kind = Kind::kCounter;
    std::string help;
    std::vector<std::pair<std::vector<prometheus::ClientMetric::Label>, std::function<double()>>>
        values;
  };

  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter()
          .Name("peerpay_gateway_requests_total")
          .Help("Requests answered, by route and status.")
          .Register(registry);
  prometheus::Family<prometheus::Histogram>& durations =
      prometheus::BuildHistogram()
          .Name("peerpay_gateway_request_duration_seconds")
          .Help("Time from a whole request to its answer, by route.")
          .Register(registry);
  // By address of a constant text: no string is made on the way of a request.
  std::map<std::tuple<const char*, const char*, unsigned>, prometheus::Counter*> counters;
  std::map<const char*, prometheus::Histogram*> histograms;
  std::map<std::string, Watched> watched;

  prometheus::MetricFamily family_of(const std::string& name, const Watched& source) const {
    prometheus::MetricFamily out;
    out.name = name;
    out.help = source.help;
    out.type = source.kind == Kind::kCounter ? prometheus::MetricType::Counter
                                             : prometheus::MetricType::Gauge;
    for (const auto& [labels, value] : source.values) {
      prometheus::ClientMetric metric;
      metric.label = labels;
      metric.counter.value = value();
      metric.gauge.value = metric.counter.value;
      out.metric.push_back(std::move(metric));
    }
    return out;
  }
};

Metrics::Metrics() : state_{std::make_unique<State>()} {}
Metrics::~Metrics() = default;

void Metrics::request(std::string_view method, std::string_view route, unsigned status,
                      std::chrono::nanoseconds took) {
  auto& counter = state_->counters[{method.data(), route.data(), status}];
  if (counter == nullptr) {
    counter = &state_->requests.Add({{"method", std::string{method}},
                                     {"route", std::string{route}},
                                     {"status", std::to_string(status)}});
  }
  counter->Increment();
  auto& histogram = state_->histograms[route.data()];
  if (histogram == nullptr) {
    histogram = &state_->durations.Add({{"route", std::string{route}}}, kSeconds);
  }
  histogram->Observe(std::chrono::duration<double>(took).count());
}

void Metrics::watch(Kind kind, std::string_view name, std::string_view help,
                    std::function<double()> value,
                    const std::vector<std::pair<std::string, std::string>>& labels) {
  auto& watched = state_->watched[std::string{name}];
  watched.kind = kind;
  watched.help = help;
  std::vector<prometheus::ClientMetric::Label> out;
  out.reserve(labels.size());
  for (const auto& [key, text] : labels) out.push_back({key, text});
  watched.values.emplace_back(std::move(out), std::move(value));
}

std::string Metrics::text() {
  auto families = state_->registry.Collect();
  for (const auto& [name, source] : state_->watched) {
    families.push_back(state_->family_of(name, source));
  }
  return prometheus::TextSerializer{}.Serialize(families);
}

}  // namespace peerpay::api
