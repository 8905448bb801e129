// What durability costs: one sync of the sign log for each turn of the loop.

#include <benchmark/benchmark.h>

#include <string>

#include "base/check.h"
#include "bench/temporary_home.h"
#include "node/storage/sign_log.h"

namespace peerpay::bench {
namespace {

consensus::SafetyRecord vote_of(std::uint64_t view) {
  consensus::Proposal proposal;
  proposal.view = {view};
  return consensus::OwnVote{consensus::Subject::notarize(proposal)};
}

void append_sign_log(benchmark::State& state) {
  const auto home = TemporaryHome::create();
  PEERPAY_CHECK(home.has_value(), "a benchmark of the disk needs a writable temporary directory");
  auto log = storage::SignLog::create(storage::posix_files(), home->path() + "/sign.log", {}, {});
  PEERPAY_CHECK(log.has_value(), "the directory is new");
  std::uint64_t view = 1;
  for (auto _ : state) {
    const consensus::SafetyRecord records[] = {vote_of(view++)};
    PEERPAY_CHECK(log->append(records).has_value(), "the disk takes a record");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(append_sign_log)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace peerpay::bench
