#include "tests/sim/report.h"

#include <string_view>
#include <utility>

#include "tests/sim/columns.h"

namespace peerpay::sim {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

std::string outcome(const RunReport& report) {
  return report.failure ? std::string{name(report.failure->failure_class)} : "ok";
}

}  // namespace

std::string failure_head(const RunIdentity& run, std::string_view commit) {
  std::string out = "  seed    " + std::to_string(run.seed) + "\n";
  if (!commit.empty()) out += "  commit  " + std::string{commit} + "\n";
  return out + "  " + run.shape + "\n  rerun   " + run.rerun + "\n";
}

std::string summary(const Options& options, const RunReport& report) {
  return "seed " + std::to_string(options.seed) + " " + outcome(report) + "  height " +
         std::to_string(report.height) + "  " + seconds(report.end.microseconds) + " s  " +
         std::to_string(report.steps) + " steps  " + std::to_string(report.promised_final) +
         " final  audit " + base::to_hex(report.audit.view()).substr(0, 16) + "  " +
         describe(options);
}

std::string to_json(const Options& options, const RunReport& report) {
  const std::pair<std::string_view, std::uint64_t> numbers[] = {
      {"seed", options.seed},
      {"validators", options.validators},
      {"byzantine", options.byzantine},
      {"height", report.height},
      {"simulated_ms", static_cast<std::uint64_t>(report.end.microseconds / 1000)},
      {"liveness_ms", static_cast<std::uint64_t>(report.liveness_took.milliseconds())},
      {"steps", report.steps},
      {"messages_sent", report.network.sent},
      {"messages_lost", report.network.lost},
      {"crashes", report.faults.crashes},
      {"partitions", report.faults.partitions},
      {"submissions", report.submissions},
      {"promised_final", report.promised_final},
      {"promised_never", report.promised_never},
      {"behaviour_acts", report.behaviour_acts},
      {"behaviour_witnesses", report.behaviour_witnesses},
  };
  std::string out = "{\"result\":\"" + outcome(report) + "\"";
  for (const auto& [key, value] : numbers)
    out += ",\"" + std::string{key} + "\":" + std::to_string(value);
  out += ",\"audit\":\"" + base::to_hex(report.audit.view()) + "\"";
  if (report.failure) {
    out += ",\"checker\":\"" + std::string{report.failure->checker} + "\",\"explanation\":\"" +
           escaped(report.failure->explanation) + "\"";
  }
  return out + "}";
}

void BehaviourMatrix::add(const Options& options, const RunReport& report) {
  Cell& cell = cells_[{options.behaviour, options.validators}];
  ++cell.runs;
  cell.acted += report.behaviour_acts > 0;
  cell.witnessed += report.behaviour_witnesses > 0;
}

std::string BehaviourMatrix::table() const {
  std::string out = "runs in which it acted / its outcome was seen / all\n";
  for (std::uint32_t b = 1; b <= kBehaviours; ++b) {
    const auto behaviour = static_cast<Behaviour>(b);
    out += padded(name(behaviour), 4);
    for (const std::uint32_t n : kBehaviourSizes) {
      const auto found = cells_.find({behaviour, n});
      const Cell cell = found == cells_.end() ? Cell{} : found->second;
      out += padded("n=" + std::to_string(n) + " " + std::to_string(cell.acted) + "/" +
                        std::to_string(cell.witnessed) + "/" + std::to_string(cell.runs),
                    20);
    }
    out += std::string{text(behaviour).title} + "\n";
  }
  return out;
}

std::string BehaviourMatrix::to_json() const {
  std::string out = "{\"behaviours\":[";
  for (const auto& [key, cell] : cells_) {
    if (out.back() != '[') out += ",";
    out += "{\"behaviour\":\"" + std::string{name(key.first)} +
           "\",\"validators\":" + std::to_string(key.second) +
           ",\"runs\":" + std::to_string(cell.runs) + ",\"acted\":" + std::to_string(cell.acted) +
           ",\"witnessed\":" + std::to_string(cell.witnessed) + "}";
  }
  return out + "]}\n";
}

std::optional<std::string> BehaviourMatrix::empty_cell() const {
  for (std::uint32_t b = 1; b <= kBehaviours; ++b) {
    for (const std::uint32_t n : kBehaviourSizes) {
      const auto found = cells_.find({static_cast<Behaviour>(b), n});
      const std::string where = std::string{name(static_cast<Behaviour>(b))} + " with " +
                                std::to_string(n) + " validators";
      if (found == cells_.end() || found->second.acted == 0) return where + " never acted";
      if (found->second.witnessed == 0) return where + ": its expected outcome was never seen";
    }
  }
  return std::nullopt;
}

}  // namespace peerpay::sim
