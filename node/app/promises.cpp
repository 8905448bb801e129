#include "node/app/promises.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "node/app/storage_failure.h"
#include "node/core/replica.h"
#include "node/storage/recovery.h"

namespace peerpay::app {
namespace {

// S30.
base::Expected<void, Failure> look_for_missing_votes(Promises& promises, const Home& home,
                                                     storage::Store& store) {
  if (consensus::is_incomplete(promises.journal)) {
    spdlog::warn(
        "[node] {} lacks votes that this validator may have made: it finds out from the others "
        "where they end, and votes after that",
        home.paths.sign_log);
    const auto adopted = store.adopt_sign_log(promises.signer->mark());
    if (!adopted) return base::Unexpected{failure_of(adopted.error())};
    return {};
  }
  if (const auto current = store.check_sign_log(promises.signer->log()); !current) {
    spdlog::warn(
        "[node] {} So this validator follows and does not vote. Next: stop it, then peerpayd "
        "rejoin --home {}",
        current.error().message, home.paths.directory);
    promises = {};
  }
  return {};
}

// S32.
base::Expected<void, Failure> look_for_lost_blocks(const Promises& promises, const Home& home,
                                                   const storage::Store& store) {
  const auto lost = storage::newest_lost_block(store, promises.journal,
                                               consensus::ValidatorIndex{home.validator_index});
  if (!lost) return base::Unexpected{failure_of(lost.error())};
  if (!*lost) return {};
  const auto what = fmt::format(
      "Database {} lacks blocks up to view {}, which this validator had stored there before it "
      "voted for them: the directory is another one, or files of it were lost.",
      store.path(), (*lost)->view.value);
  if (node::validator_set(home.network.genesis).quorum() > 1) {
    spdlog::warn("[node] {} They are fetched from the other validators", what);
    return {};
  }
  return base::Unexpected{
      Failure{ExitCode::kDataCorrupt,
              what + " No other validator has them, so balances would be wrong. Next: put a copy "
                     "of the whole directory that holds them in its place."}};
}

}  // namespace

base::Expected<Promises, Failure> open_promises(Home& home) {
  auto opened = Signer::open(home);
  if (!opened) return base::Unexpected{opened.error()};
  Promises out;
  if (!*opened) {
    spdlog::warn(
        "[node] {} is missing: this validator can't know what it has promised, so it follows and "
        "does not vote. Next: stop it, then peerpayd rejoin --home {}",
        home.paths.sign_log, home.paths.directory);
    return out;
  }
  if ((*opened)->torn_bytes > 0) {
    spdlog::warn("[node] cut off {} bytes of an append that was never finished",
                 (*opened)->torn_bytes);
  }
  out.signer = std::move((*opened)->signer);
  out.journal = std::move((*opened)->journal);
  return out;
}

base::Expected<void, Failure> compare_with_store(Promises& promises, const Home& home,
                                                 storage::Store& store) {
  if (!promises.signer) return {};
  if (const auto looked = look_for_lost_blocks(promises, home, store); !looked) return looked;
  return look_for_missing_votes(promises, home, store);
}

}  // namespace peerpay::app
