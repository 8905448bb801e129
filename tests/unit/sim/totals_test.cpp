// The sums of many runs: what none of them saw is named.
#include <gtest/gtest.h>

#include <string>

#include "tests/sim/report.h"

namespace peerpay::sim::testing {
namespace {

bool names(const Totals& totals, const std::string& what) {
  const auto unseen = totals.blind_spots();
  return unseen && unseen->find("\"" + what + "\"") != std::string::npos;
}

TEST(Totals, NameEachBlindSpot) {
  RunReport report;
  report.payments.resize(kPaymentKinds);
  report.payments[static_cast<std::size_t>(PaymentKind::kPlain)] = {5, 4, 1};
  report.payments[static_cast<std::size_t>(PaymentKind::kForged)] = {5, 0, 5};
  report.payments[static_cast<std::size_t>(PaymentKind::kSponsored)] = {5, 0, 5};
  report.faults.crashes = 1;
  report.network.sent = 1;
  report.visits["rejoined"] = 1;
  report.visits["start refused: store damaged"] = 1;
  report.visits["cut off amid sending"] = 1;
  Totals totals;
  totals.add(report, base::milliseconds(1));
  for (const char* seen : {"payment: plain", "final payment: plain", "payment: forged",
                           "final payment: forged", "payment: sponsored", "crashes",
                           "messages: sent", "rejoined", "start refused", "cut off amid sending"})
    EXPECT_FALSE(names(totals, seen)) << seen;
  for (const char* unseen : {"final payment: sponsored", "payment: garbage", "pauses",
                             "messages: replayed", "disk lost", "cut off before the sync"})
    EXPECT_TRUE(names(totals, unseen)) << unseen;
}

TEST(Totals, SayHowFastTheRunsWere) {
  RunReport report;
  report.end = {6'500'000};
  Totals totals;
  totals.add(report, base::milliseconds(4));
  totals.add(report, base::milliseconds(6));
  EXPECT_EQ(totals.table().substr(0, totals.table().find('\n')),
            "2 runs, 13.0 simulated seconds, 0 steps, 0 blocks in 0.0 s of processor time: 1300 "
            "simulated seconds a second and core");
}

}  // namespace
}  // namespace peerpay::sim::testing
