// Totals: sums over many runs, and what none of them saw.

#include <algorithm>
#include <string>
#include <string_view>

#include "base/check.h"
#include "tests/sim/columns.h"
#include "tests/sim/report.h"

namespace peerpay::sim {

namespace {

// Beside these, each kind of fault and each CrashPoint must have been seen. A place belongs here
// when 200 runs visit it again and again: then nothing but a change of the simulator or of the node
// keeps them away. It is named by how it begins.
constexpr std::string_view kPlacesThatMustBeSeen[] = {
    "block committed by a later one's certificate",
    "block served from disk",
    "crash that lost unsynced votes",
    "disk lost",
    "evidence against a Byzantine validator",
    "evidence file verified",
    "expired by the node's clock, not by the ledger's",
    "fault of a Byzantine peer",
    "forgotten votes noticed",
    "nullification kept",
    "older copy of a disk restored",
    "rejoined",
    "restart with unfinalized blocks",
    "sign log compacted",
    "sign log lost",
    "start refused",
    "stopped: a sync failed",
    "stopped: a write failed",
    "sync batch",
    "sync batch without a certificate",
};

bool can_become_final(PaymentKind kind) {
  switch (kind) {
    case PaymentKind::kPlain:
    case PaymentKind::kManyLegs:
    case PaymentKind::kSponsored:
    case PaymentKind::kSponsoredInOtherAsset:
    case PaymentKind::kShortExpiry:
    case PaymentKind::kNonceOutOfOrder:
    case PaymentKind::kNonceLeap:
    case PaymentKind::kConflict:
    case PaymentKind::kMoneyOfOthers:
    case PaymentKind::kToNewAccount: return true;
    case PaymentKind::kAlreadyExpired:
    case PaymentKind::kNonceTooFar:
    case PaymentKind::kTooExpensive:
    case PaymentKind::kToNobody:
    case PaymentKind::kForged:
    case PaymentKind::kFeeTooLow:  // but where nothing costs a fee
    case PaymentKind::kGarbage: return false;
  }
  PEERPAY_UNREACHABLE("every kind is named above");
}

// "sent 12, lost 3".
template <class Counts>
std::string listed(const Counts& counts) {
  std::string out;
  for (const auto& [name, count] : counts) {
    if (!out.empty()) out += ", ";
    out += std::string{name} + " " + std::to_string(count);
  }
  return out;
}

// {"sent":12,"lost":3}.
template <class Counts>
std::string object_of(const Counts& counts) {
  std::string out;
  for (const auto& [name, count] : counts) {
    out += out.empty() ? "{" : ",";
    out += "\"" + std::string{name} + "\":" + std::to_string(count);
  }
  return out.empty() ? "{}" : out + "}";
}

}  // namespace

void Totals::add(const RunReport& report, base::Duration cpu) {
  ++runs_;
  steps_ += report.steps;
  blocks_ += report.height;
  simulated_ = simulated_ + base::Duration{report.end.microseconds};
  cpu_ = cpu_ + cpu;
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

Totals::Counts Totals::message_counts() const {
  return {{"sent", network_.sent},
          {"lost", network_.lost},
          {"duplicated", network_.duplicated},
          {"clogs", network_.clogs},
          {"replayed", network_.replayed}};
}

Totals::Counts Totals::fault_counts() const {
  return {{"crashes", faults_.crashes},        {"crashes of all", faults_.crashes_of_all},
          {"partitions", faults_.partitions},  {"clock jumps", faults_.clock_jumps},
          {"pauses", faults_.pauses},          {"pauses of all", faults_.pauses_of_all},
          {"disk errors", faults_.disk_errors}};
}

std::uint64_t Totals::cpu_ms() const { return static_cast<std::uint64_t>(cpu_.milliseconds()); }

std::uint64_t Totals::rate() const {
  return static_cast<std::uint64_t>(simulated_.milliseconds()) /
         std::max<std::uint64_t>(1, cpu_ms());
}

std::string Totals::table() const {
  std::string out = std::to_string(runs_) + " runs, " + seconds(simulated_.microseconds) +
                    " simulated seconds, " + std::to_string(steps_) + " steps, " +
                    std::to_string(blocks_) + " blocks in " + seconds(cpu_.microseconds) +
                    " s of processor time: " + std::to_string(rate()) +
                    " simulated seconds a second and core\n";
  out += "messages: " + listed(message_counts()) + "\n";
  out += "faults: " + listed(fault_counts()) + "\n";
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

std::string Totals::to_json() const {
  std::string out = "{\"runs\":" + std::to_string(runs_) +
                    ",\"simulated_ms\":" + std::to_string(simulated_.milliseconds()) +
                    ",\"cpu_ms\":" + std::to_string(cpu_ms()) +
                    ",\"simulated_s_per_s_and_core\":" + std::to_string(rate()) +
                    ",\"steps\":" + std::to_string(steps_) +
                    ",\"blocks\":" + std::to_string(blocks_) +
                    ",\"messages\":" + object_of(message_counts()) +
                    ",\"faults\":" + object_of(fault_counts()) + ",\"payments\":{";
  for (std::size_t i = 0; i < payments_.size(); ++i) {
    const Counts counts{{"generated", payments_[i].submitted},
                        {"final", payments_[i].final},
                        {"never", payments_[i].never}};
    if (i > 0) out += ",";
    out += "\"" + std::string{name(static_cast<PaymentKind>(i))} + "\":" + object_of(counts);
  }
  return out + "},\"visits\":" + object_of(visits_) + "}";
}

std::optional<std::string> Totals::blind_spots() const {
  std::string unseen;
  const auto must = [&unseen](bool is_seen, std::string_view what) {
    if (is_seen) return;
    unseen += unseen.empty() ? " \"" : ", \"";
    unseen += std::string{what} + "\"";
  };
  for (std::uint32_t i = 0; i < kPaymentKinds; ++i) {
    const auto kind = static_cast<PaymentKind>(i);
    const KindCount count = i < payments_.size() ? payments_[i] : KindCount{};
    must(count.submitted > 0, "payment: " + std::string{name(kind)});
    must(count.final > 0 || !can_become_final(kind), "final payment: " + std::string{name(kind)});
  }
  for (const auto& [name, count] : message_counts())
    must(count > 0, "messages: " + std::string{name});
  for (const auto& [name, count] : fault_counts()) must(count > 0, name);
  for (const CrashPoint point : kCrashPoints) must(visits_.contains(name(point)), name(point));
  for (const std::string_view place : kPlacesThatMustBeSeen) {
    const auto first = visits_.lower_bound(place);
    must(first != visits_.end() && first->first.starts_with(place), place);
  }
  if (unseen.empty()) return std::nullopt;
  return "in " + std::to_string(runs_) + " runs never seen:" + unseen;
}

}  // namespace peerpay::sim
