#include "tests/durability/power_cuts.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "node/storage/sign_log.h"
#include "tests/durability/fault_disk.h"
#include "tests/durability/test_environment.h"
#include "tests/unit/storage/memory_files.h"
#include "tests/unit/storage/records.h"

namespace peerpay::durability {
namespace {

using storage::SignLog;
using storage::StorageError;
using storage::StorageFault;
using storage::Store;
using storage::test::MemoryFiles;
using storage::test::TestChain;
using Records = std::vector<consensus::SafetyRecord>;

const std::string kSignLogPath = "signer/sign.log";
const storage::SignerIdentity kSigner{{}, {}};
const storage::SignLogId kInstance{};

// A directory in memory where there is one: the test's disk alone decides what is durable.
class LifeDirectory {
 public:
  LifeDirectory() {
    std::string name = std::filesystem::is_directory("/dev/shm")
                           ? "/dev/shm/peerpay-durability-XXXXXX"
                           : std::filesystem::temp_directory_path() / "peerpay-durability-XXXXXX";
    PEERPAY_CHECK(::mkdtemp(name.data()) != nullptr, "a test may make a directory");
    path_ = name;
    std::filesystem::create_directory(path_ + "/aside");
  }
  LifeDirectory(const LifeDirectory&) = delete;
  LifeDirectory& operator=(const LifeDirectory&) = delete;
  ~LifeDirectory() { std::filesystem::remove_all(path_); }
  std::string store() const { return path_ + "/chain"; }
  std::string aside() const { return path_ + "/aside"; }

 private:
  std::string path_;
};

// What may have survived: at least what was acknowledged, at most what was attempted.
struct Promised {
  bool log_created = false;
  Records votes;
  Records votes_attempted;
  std::uint64_t height = 0;
  std::uint64_t height_attempted = 0;
  std::uint64_t body_height = 0;  // of a block that a vote may rely on
};

class Life {
 public:
  Life(const TestChain& chain, std::uint64_t seed, PowerCutTotals& totals)
      : chain_{chain}, rng_{seed}, totals_{totals}, disk_{directory_.store(), directory_.aside()} {}

  std::string run(std::uint64_t cuts_max);

 private:
  enum class Planned : std::uint8_t { kCut, kKill, kRefusal };

  Planned plan();
  void plan_refusal();
  // One process, from its start to its end. False: its life is over.
  bool process(Planned planned);
  bool log_refused(const std::string& operation, const StorageError& error);
  bool open_log(std::optional<SignLog>& log);
  bool open_store(std::unique_ptr<Store>& store);
  void work(SignLog& log, Store& store);
  bool vote(SignLog& log, const Records& records);
  void commit(SignLog& log, Store& store);
  void end(Planned planned);
  void power_cut();

  bool broken(std::string what) {
    if (defect_.empty()) defect_ = std::move(what);
    return false;
  }
  bool refusal_was_planned() const { return disk_.has_failed() || log_fault_planned_; }
  bool is_powered() const { return !disk_.is_cut(); }

  const TestChain& chain_;
  base::Rng rng_;
  PowerCutTotals& totals_;
  LifeDirectory directory_;
  FaultDisk disk_;
  std::optional<EnvironmentOfTest> environment_;
  MemoryFiles files_;
  Promised promised_;
  std::uint64_t view_ = 0;
  std::uint64_t cuts_ = 0;
  bool log_fault_planned_ = false;
  bool store_met_holes_ = false;
  std::string defect_;
};

// Few operations, so that most plans are met; some more, so that some processes end at rest.
Life::Planned Life::plan() {
  environment_.reset();
  environment_.emplace(disk_.start_process());
  files_.no_fault();
  files_.restart_steps();
  log_fault_planned_ = false;
  const std::uint64_t dice = rng_.below(20);
  if (dice < 3) return Planned::kRefusal;
  if (dice < 5) return Planned::kKill;
  if (dice < 9) {
    files_.crash_at(rng_.below(40));
  } else {
    disk_.cut_after(rng_.below(rng_.chance(1, 2) ? 60 : 400));
  }
  return Planned::kCut;
}

void Life::plan_refusal() {
  const bool is_full = rng_.chance(1, 3);
  if (rng_.chance(1, 4)) {
    log_fault_planned_ = true;
    files_.fail_at(files_.steps() + rng_.below(20), is_full ? ENOSPC : EIO);
    return;
  }
  const auto operation = static_cast<Operation>(rng_.below(kOperations));
  disk_.fail(operation, rng_.below(operation == Operation::kRead ? 40 : 8),
             is_full ? Refusal::kNoSpace : Refusal::kError);
}

// Only what the plan made fail may be refused, and then as a disk's failure.
bool Life::log_refused(const std::string& operation, const StorageError& error) {
  if (!files_.has_failed() || error.fault != StorageFault::kIo) {
    return broken("the sign log can't be " + operation + ": " + error.message);
  }
  if (!log_fault_planned_) disk_.cut_now();  // the power went, for the store too
  return false;
}

bool Life::open_log(std::optional<SignLog>& log) {
  if (!promised_.log_created && !files_.exists(kSignLogPath)) {
    auto made = SignLog::create(files_, kSignLogPath, kSigner, kInstance);
    if (!made) return log_refused("made", made.error());
    promised_.log_created = true;
    log.emplace(std::move(*made));
    return true;
  }
  auto opened = SignLog::open(files_, kSignLogPath, kSigner);
  if (!opened) return log_refused("opened", opened.error());
  promised_.log_created = true;
  if (opened->records != promised_.votes && opened->records != promised_.votes_attempted) {
    return broken("the sign log holds " + std::to_string(opened->records.size()) + " records, " +
                  std::to_string(promised_.votes.size()) + " were acknowledged");
  }
  promised_.votes = promised_.votes_attempted = std::move(opened->records);
  log.emplace(std::move(opened->log));
  return true;
}

bool Life::open_store(std::unique_ptr<Store>& store) {
  const auto refused = [&](const StorageError& error) {
    if (disk_.has_failed()) return false;
    if (!store_met_holes_) return broken("the store is refused: " + error.message);
    if (error.fault != StorageFault::kCorrupt) {
      return broken("the store that met holes is refused otherwise: " + error.message);
    }
    ++totals_.refusals_promised;
    return false;
  };
  auto opened = Store::open(directory_.store(), chain_.network(), storage::HistoryIndex::kKept);
  if (!opened) return refused(opened.error());
  const auto head = (*opened)->head();
  if (!head) return refused(head.error());
  const std::uint64_t height = head->header.height.value;
  if (height < promised_.height || height > promised_.height_attempted) {
    return broken("the store ends at " + std::to_string(height) + ", acknowledged were " +
                  std::to_string(promised_.height) + ", attempted " +
                  std::to_string(promised_.height_attempted));
  }
  const std::string found = storage::test::content_defect(**opened, chain_, height);
  if (const auto failure = (*opened)->failure()) return refused(*failure);
  if (!found.empty()) return broken(found);
  if (promised_.body_height > 0) {
    const auto body = (*opened)->block(chain_.at(promised_.body_height).hash);
    if (!body || !*body) return broken("a block is gone that a vote may have relied on");
  }
  store_met_holes_ = false;
  totals_.commits_lost_unacknowledged += promised_.height_attempted - height;
  if (is_powered()) promised_.height = promised_.height_attempted = height;
  store = std::move(*opened);
  return true;
}

bool Life::vote(SignLog& log, const Records& records) {
  promised_.votes_attempted.insert(promised_.votes_attempted.end(), records.begin(), records.end());
  const auto done = log.append(records);
  if (!done) return log_refused("appended to", done.error());
  if (!is_powered()) return false;
  promised_.votes = promised_.votes_attempted;
  totals_.votes_acknowledged += records.size();
  return true;
}

void Life::commit(SignLog& log, Store& store) {
  const auto& next = chain_.at(promised_.height + 1);
  store.note_sign_log({log.header().instance, log.view_highest()});
  promised_.height_attempted = promised_.height + 1;
  const auto done = store.commit(next.finalized());
  if (!done) {
    if (!refusal_was_planned()) broken("a commit failed: " + done.error().message);
    return;
  }
  if (!is_powered()) return;
  promised_.height = promised_.height_attempted;
  ++totals_.commits_acknowledged;
}

void Life::work(SignLog& log, Store& store) {
  for (std::uint64_t left = rng_.between(1, 12); left > 0; --left) {
    if (promised_.height == chain_.height()) return;
    const auto& block = chain_.at(promised_.height + 1).block;
    view_ = std::max(view_, log.view_highest().value) + 1;
    if (!vote(log, {storage::test::notarization(view_, 12), storage::test::notarize(view_)}))
      return;
    if (rng_.chance(1, 2)) {
      const auto kept =
          store.put_block(block.header, ledger::block_hash(block.header), ledger::encode(block));
      if (!kept && !refusal_was_planned()) broken("a block failed: " + kept.error().message);
      if (!kept || !is_powered()) return;
      promised_.body_height = promised_.height + 1;
    }
    const Records last = {storage::test::finalize(view_)};
    if (!vote(log, last)) return;
    const std::uint64_t before = promised_.height;
    commit(log, store);
    if (promised_.height == before) return;
    if (rng_.chance(1, 3) && !store.flush_state() && !refusal_was_planned()) {
      broken("the accounts could not be written");
    }
    if (!is_powered() || store.failure()) return;
    if (!rng_.chance(1, 10)) continue;
    promised_.votes_attempted = last;
    if (const auto done = log.compact(last); !done) {
      (void)log_refused("rewritten", done.error());
      return;
    }
    if (!is_powered()) return;
    promised_.votes = last;
  }
}

bool Life::process(Planned planned) {
  std::optional<SignLog> log;
  if (!open_log(log)) return defect_.empty();
  std::unique_ptr<Store> store;
  if (!open_store(store)) return defect_.empty() && !store_met_holes_;
  // Both were opened by a process whose power may have gone: then nothing is said.
  if (const auto fits = store->check_sign_log(*log); !fits && !disk_.has_failed()) {
    return broken(fits.error().message);
  }
  // Not earlier: RocksDB 7.8 may end the process by an assertion when opening meets a refusal
  // (refusals_test.cpp).
  if (planned == Planned::kRefusal) plan_refusal();
  if (is_powered()) work(*log, *store);
  return defect_.empty();
}

void Life::power_cut() {
  const Tail tail = rng_.chance(1, 5) ? Tail::kHoles : Tail::kCutShort;
  const Loss loss = disk_.power_cut(rng_, tail);
  files_.power_cut(rng_);
  store_met_holes_ = store_met_holes_ || loss.holes > 0;
  ++cuts_;
  ++totals_.cuts;
  totals_.bytes_lost += loss.bytes;
  totals_.files_torn += loss.torn;
  totals_.sectors_zeroed += loss.holes;
  totals_.names_undone += loss.changes;
}

void Life::end(Planned planned) {
  totals_.refusals_injected += disk_.has_failed() ? 1 : 0;
  const bool was_cut = disk_.is_cut();
  disk_.end_process();
  if (planned == Planned::kCut || was_cut || rng_.chance(1, 3)) return power_cut();
  files_.kill();
  ++totals_.kills;
}

std::string Life::run(std::uint64_t cuts_max) {
  ++totals_.lives;
  while (cuts_ < cuts_max && promised_.height < chain_.height()) {
    const Planned planned = plan();
    const bool goes_on = process(planned);
    end(planned);
    if (!goes_on) break;
  }
  return defect_;
}

}  // namespace

std::unique_ptr<TestChain> chain_of_lives() {
  auto chain = std::make_unique<TestChain>();
  base::Rng rng{1};
  while (chain->height() < kLifeBlocks) {
    const bool is_certified = rng.chance(3, 4);
    chain->extend(rng.below(6),
                  is_certified ? storage::test::Certified::kYes : storage::test::Certified::kNo);
  }
  return chain;
}

std::string run_life(const TestChain& chain, std::uint64_t seed, std::uint64_t cuts_max,
                     PowerCutTotals& totals) {
  return Life{chain, seed, totals}.run(cuts_max);
}

}  // namespace peerpay::durability
