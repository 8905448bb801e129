// A small cluster with at most one liar: the input draws its seed, losses and crashes, and who is
// cut off, stopped or started when. The checkers of the cluster hold throughout (safety), and once
// the faults end everybody gets every payment (liveness).

#include "tests/fuzz/draw.h"
#include "tests/fuzz/promises.h"
#include "tests/unit/consensus/cluster.h"

namespace {

using namespace peerpay;
using consensus::test::Cluster;

constexpr std::size_t kStepsMax = 24;

consensus::test::ClusterOptions draw_options(fuzz::Draw& draw) {
  consensus::test::ClusterOptions options;
  constexpr std::uint32_t kSizes[] = {1, 4, 4, 7};
  options.validators = kSizes[draw.below(std::size(kSizes))];
  options.seed = draw.integer(2);
  options.drops_per_1000 = draw.below(300);
  options.crashes_per_10000 = draw.below(200);
  const auto liar = static_cast<std::uint32_t>(draw.below(8));
  if (options.validators > 1 && liar < options.validators) options.adversary = liar;
  return options;
}

void step(Cluster& cluster, fuzz::Draw& draw) {
  const auto node = static_cast<std::uint32_t>(draw.below(cluster.size()));
  switch (draw.below(8)) {
    case 0: return cluster.submit();
    case 1:
      if (cluster.is_up(node)) cluster.crash(node);
      return;
    case 2:
      if (!cluster.is_up(node)) cluster.restart(node);
      return;
    case 3: {
      std::set<std::uint32_t> left;
      std::set<std::uint32_t> right;
      const auto sides = draw.byte();
      for (std::uint32_t i = 0; i < cluster.size(); ++i)
        ((sides >> i) & 1 ? left : right).insert(i);
      return cluster.partition({left, right});
    }
    case 4: return cluster.heal();
    default:
      return cluster.run_for(base::milliseconds(static_cast<std::int64_t>(draw.below(1'500))));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Draw draw{{data, size}};
  Cluster cluster{draw_options(draw)};
  std::uint64_t payments = 0;
  for (std::size_t i = 0; i < kStepsMax && !draw.empty(); ++i) step(cluster, draw);
  PEERPAY_CHECK(cluster.violation().empty(), cluster.violation().c_str());

  cluster.stop_faults();
  cluster.restart_all();
  cluster.heal();
  cluster.submit();
  for (std::uint32_t node = 0; node < cluster.size(); ++node) {
    payments = std::max(payments, cluster.payments_final(node));
  }
  const bool is_live = cluster.run_until_final(payments + 1, base::seconds(300));
  PEERPAY_CHECK(cluster.violation().empty(), cluster.violation().c_str());
  PEERPAY_CHECK(is_live, "once the faults end, everybody goes on");
  return 0;
}
