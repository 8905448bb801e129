#include "tests/sim/report.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace peerpay::sim {

namespace {

// "12.3" seconds from microseconds, without floating point.
std::string seconds(std::int64_t us) {
  return std::to_string(us / 1'000'000) + "." + std::to_string(us % 1'000'000 / 100'000);
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out{text};
  out.resize(std::max(out.size(), width), ' ');
  return out;
}

std::string padded_left(std::uint64_t value, std::size_t width) {
  const std::string text = std::to_string(value);
  return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
}

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

void Totals::add(const RunReport& report) {
  ++runs_;
  steps_ += report.steps;
  blocks_ += report.height;
  simulated_ = simulated_ + base::Duration{report.end.microseconds};
  network_.sent += report.network.sent;
  network_.lost += report.network.lost;
  network_.duplicated += report.network.duplicated;
  network_.clogs += report.network.clogs;
  network_.replayed += report.network.replayed;
  faults_.crashes += report.faults.crashes;
  faults_.crashes_of_all += report.faults.crashes_of_all;
  faults_.partitions += report.faults.partitions;
  faults_.clock_jumps += report.faults.clock_jumps;
  faults_.pauses += report.faults.pauses;
  faults_.pauses_of_all += report.faults.pauses_of_all;
  faults_.disk_errors += report.faults.disk_errors;
  for (const auto& [place, count] : report.visits) visits_[place] += count;
  payments_.resize(std::max(payments_.size(), report.payments.size()));
  for (std::size_t i = 0; i < report.payments.size(); ++i) {
    payments_[i].submitted += report.payments[i].submitted;
    payments_[i].final += report.payments[i].final;
    payments_[i].never += report.payments[i].never;
  }
}

std::string Totals::table() const {
  std::string out = std::to_string(runs_) + " runs, " + seconds(simulated_.microseconds) +
                    " simulated seconds, " + std::to_string(steps_) + " steps, " +
                    std::to_string(blocks_) + " blocks\n";
  out += "messages " + std::to_string(network_.sent) + ", lost " + std::to_string(network_.lost) +
         ", duplicated " + std::to_string(network_.duplicated) + ", clogs " +
         std::to_string(network_.clogs) + ", replayed " + std::to_string(network_.replayed) + "\n";
  out += "crashes " + std::to_string(faults_.crashes) + ", of all nodes at once " +
         std::to_string(faults_.crashes_of_all) + ", partitions " +
         std::to_string(faults_.partitions) + ", clock jumps " +
         std::to_string(faults_.clock_jumps) + ", pauses " + std::to_string(faults_.pauses) +
         ", of all nodes " + std::to_string(faults_.pauses_of_all) + ", disk errors " +
         std::to_string(faults_.disk_errors) + "\n";
  out += padded("payments", 28) + " generated      final      never\n";
  for (std::size_t i = 0; i < payments_.size(); ++i) {
    out += padded(name(static_cast<PaymentKind>(i)), 28);
    for (const std::uint64_t count :
         {payments_[i].submitted, payments_[i].final, payments_[i].never}) {
      out += padded_left(count, 10) + " ";
    }
    out.back() = '\n';
  }
  for (const auto& [place, count] : visits_)
    out += padded(place, 48) + " " + padded_left(count, 10) + "\n";
  return out;
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
