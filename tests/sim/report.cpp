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
  faults_.crashes += report.faults.crashes;
  faults_.crashes_of_all += report.faults.crashes_of_all;
  faults_.partitions += report.faults.partitions;
  faults_.clock_jumps += report.faults.clock_jumps;
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
         std::to_string(network_.clogs) + "\n";
  out += "crashes " + std::to_string(faults_.crashes) + ", of all nodes at once " +
         std::to_string(faults_.crashes_of_all) + ", partitions " +
         std::to_string(faults_.partitions) + ", clock jumps " +
         std::to_string(faults_.clock_jumps) + "\n";
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

}  // namespace peerpay::sim
