// The parts of the simulator, each alone.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sim/disk.h"
#include "tests/sim/network.h"
#include "tests/sim/scheduler.h"
#include "tests/unit/sim/chain_builder.h"

namespace peerpay::sim::testing {
namespace {

TEST(Scheduler, RunsInOrderOfTimeThenOfAsking) {
  Scheduler scheduler;
  std::string order;
  scheduler.at({20}, [&] { order += 'c'; });
  scheduler.at({10}, [&] { order += 'a'; });
  scheduler.at({10}, [&] {
    order += 'b';
    scheduler.at({5}, [&] { order += 'p'; });  // the past is now
  });
  while (scheduler.step({100})) {
  }
  EXPECT_EQ(order, "abpc");
  EXPECT_EQ(scheduler.now(), base::TimePoint{100});
}

TEST(Scheduler, DoesNotRunWhatIsDueLater) {
  Scheduler scheduler;
  bool ran = false;
  scheduler.at({11}, [&] { ran = true; });
  EXPECT_FALSE(scheduler.step({10}));
  EXPECT_FALSE(ran);
  EXPECT_TRUE(scheduler.step({11}));
  EXPECT_TRUE(ran);
}

struct TwoNodes {
  explicit TwoNodes(const NetworkOptions& o) : options{o} {
    for (const NodeIndex node : {a, b}) {
      network.attach(node,
                     {[this, node](NodeIndex, const SentMessagePtr&) { ++received[node.value]; },
                      [this, node](NodeIndex, bool up) { links[node.value].push_back(up); }});
      network.set_running(node, true);
    }
    run();
  }
  void run(base::Duration duration = base::seconds(5)) {
    const base::TimePoint end = scheduler.now() + duration;
    while (scheduler.step(end)) {
    }
  }
  void send(NodeIndex from, NodeIndex to, int count = 1) {
    for (int i = 0; i < count; ++i) network.send(from, to, std::make_shared<const SentMessage>());
  }

  const NodeIndex a{0};
  const NodeIndex b{1};
  NetworkOptions options;
  Scheduler scheduler;
  SimNetwork network{options, 2, scheduler, base::Rng{1}};
  int received[2] = {0, 0};
  std::vector<bool> links[2];
};

TEST(Network, DeliversAndTellsThatLinksAreUp) {
  TwoNodes two{{}};
  two.send(two.a, two.b, 100);
  two.run();
  EXPECT_EQ(two.received[1], 100);
  EXPECT_EQ(two.received[0], 0);
  EXPECT_EQ(two.links[0], std::vector<bool>{true});
}

TEST(Network, CutsOneDirectionWithoutAnybodyBeingTold) {
  TwoNodes two{{}};
  two.network.cut(two.a, two.b);
  two.send(two.a, two.b);
  two.send(two.b, two.a);
  two.run();
  EXPECT_EQ(two.received[1], 0);
  EXPECT_EQ(two.received[0], 1);
  EXPECT_EQ(two.links[0], std::vector<bool>{true});
}

TEST(Network, LosesWhatIsOnALinkThatBreaksAndTellsBothEnds) {
  TwoNodes two{{}};
  two.send(two.a, two.b);
  two.network.cut(two.a, two.b);
  two.network.cut(two.b, two.a);
  two.network.heal(two.a, two.b);
  two.network.heal(two.b, two.a);
  two.run();
  EXPECT_EQ(two.received[1], 0);
  EXPECT_EQ(two.links[1], (std::vector<bool>{true, false, true}));
  two.send(two.a, two.b);
  two.run();
  EXPECT_EQ(two.received[1], 1);
}

TEST(Network, ARestartedNodeHearsOfItsLinksAnew) {
  TwoNodes two{{}};
  two.network.set_running(two.b, false);
  two.network.set_running(two.b, true);
  two.run();
  EXPECT_EQ(two.links[0], (std::vector<bool>{true, false, true}));
  EXPECT_EQ(two.links[1], (std::vector<bool>{true, true}));
}

TEST(Network, LosesAndDuplicatesAboutAsOftenAsAsked) {
  TwoNodes two{{.loss_permille = 200, .duplicate_permille = 100}};
  two.send(two.a, two.b, 10'000);
  two.run();
  EXPECT_NEAR(static_cast<double>(two.network.stats().lost), 2'000, 200);
  EXPECT_NEAR(static_cast<double>(two.network.stats().duplicated), 1'000, 150);
  two.network.calm(two.a, two.b);
  const auto lost = two.network.stats().lost;
  two.send(two.a, two.b, 1'000);
  EXPECT_EQ(two.network.stats().lost, lost);
}

TEST(Delay, HasAboutTheMeanThatWasAsked) {
  base::Rng rng{1};
  std::int64_t sum = 0;
  for (int i = 0; i < 20'000; ++i) sum += draw_interval(base::milliseconds(10), rng).microseconds;
  EXPECT_NEAR(static_cast<double>(sum) / 20'000, 10'000, 800);
}

consensus::SafetyRecord record(std::uint64_t view) {
  return consensus::OwnVote{consensus::Subject::nullify({view})};
}

TEST(Disk, KeepsWhatWasSyncedAndLosesOnlyTheEnd) {
  const World world{calm_options()};
  std::set<std::size_t> kept;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimDisk disk{world.genesis};
    base::Rng rng{seed};
    for (const std::uint64_t view : {1U, 2U}) (void)disk.append(record(view));
    (void)disk.sync();
    for (const std::uint64_t view : {3U, 4U, 5U}) (void)disk.append(record(view));
    const std::size_t lost = disk.crash(rng);
    const auto journal = disk.load().journal;
    ASSERT_EQ(journal.size() + lost, 5U);
    for (std::size_t i = 0; i < journal.size(); ++i) EXPECT_EQ(journal[i], record(i + 1));
    kept.insert(journal.size());
  }
  EXPECT_EQ(kept, (std::set<std::size_t>{2, 3, 4, 5}));
}

TEST(Disk, NoticesEveryDamagedRecordAndBlock) {
  const World world{calm_options()};
  ChainBuilder builder{world};
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    SimDisk disk{world.genesis};
    base::Rng rng{seed};
    EXPECT_FALSE(disk.damage_sign_log(rng)) << "there is nothing to damage";
    EXPECT_FALSE(disk.damage_store(rng));
    for (const std::uint64_t view : {1U, 2U, 3U}) (void)disk.append(record(view));
    (void)disk.sync();
    EXPECT_EQ(disk.health(), DiskHealth::kGood);
    EXPECT_TRUE(disk.damage_sign_log(rng));
    EXPECT_EQ(disk.health(), DiskHealth::kSignLogDamaged) << seed;
  }
  SimDisk disk{world.genesis};
  base::Rng rng{1};
  (void)disk.commit(builder.next({}));
  EXPECT_TRUE(disk.damage_store(rng));
  EXPECT_EQ(disk.health(), DiskHealth::kStoreDamaged);
}

TEST(Disk, FailsOnceAndForgetsInACrash) {
  const World world{calm_options()};
  SimDisk disk{world.genesis};
  disk.fail_next(SimDisk::Failing::kWrite);
  EXPECT_FALSE(disk.append(record(1)));
  EXPECT_TRUE(disk.append(record(1)));
  disk.fail_next(SimDisk::Failing::kSync);
  EXPECT_FALSE(disk.sync());
  base::Rng rng{1};
  disk.fail_next(SimDisk::Failing::kSync);
  (void)disk.crash(rng);
  EXPECT_TRUE(disk.sync());
}

TEST(Network, ReplaysWhatItRecorded) {
  TwoNodes two{{.replay_permille = 500}};
  two.send(two.a, two.b, 1'000);
  two.run();
  EXPECT_NEAR(static_cast<double>(two.network.stats().replayed), 500, 80);
  EXPECT_EQ(two.received[1], 1'000 + static_cast<int>(two.network.stats().replayed));
}

TEST(Disk, ReplaysBlocksAboveTheStateItHolds) {
  const World world{calm_options()};
  ChainBuilder builder{world};
  SimDisk disk{world.genesis};
  for (std::uint64_t nonce = 1; nonce <= 5; ++nonce) {
    (void)disk.commit(builder.next({pay(world, {.nonce = nonce})}));
    if (nonce == 2) disk.flush_state();
  }
  const auto bootstrap = disk.load();
  EXPECT_EQ(bootstrap.head, builder.head());
  EXPECT_EQ(bootstrap.state.root(), builder.head().state_root);
  ASSERT_TRUE(bootstrap.finalization);
}

TEST(Disk, EndsASyncBatchAtACertificateWhenOneIsInReach) {
  const World world{calm_options()};
  ChainBuilder builder{world};
  SimDisk disk{world.genesis};
  for (int i = 0; i < 5; ++i) {
    auto block = builder.next({});
    if (i != 1) block.certificate.reset();
    (void)disk.commit(block);
  }
  EXPECT_EQ(disk.sync_batch({1}, 4).blocks.size(), 2U);
  EXPECT_TRUE(disk.sync_batch({1}, 4).certificate);
  EXPECT_EQ(disk.sync_batch({3}, 4).blocks.size(), 3U);
  EXPECT_FALSE(disk.sync_batch({3}, 4).certificate);
  EXPECT_TRUE(disk.sync_batch({6}, 4).blocks.empty());
}

TEST(Disk, ForgetsBlocksThatAreRuledOut) {
  const World world{calm_options()};
  ChainBuilder builder{world};
  ChainBuilder other{world};
  SimDisk disk{world.genesis};
  const auto loser = other.next({pay(world, {})});
  disk.store({loser.block.header, loser.hash, ledger::encode(loser.block)});
  EXPECT_EQ(disk.load().unfinalized.size(), 1U);
  (void)disk.commit(builder.next({}));
  EXPECT_TRUE(disk.load().unfinalized.empty());
  EXPECT_FALSE(disk.block(loser.hash));
}

TEST(Keyring, RefusesAForgedVote) {
  const World world{calm_options()};
  const auto subject = consensus::Subject::nullify({3});
  const auto message = consensus::signing_message(world.context, subject);
  const auto sign_as = [&](std::uint32_t key) {
    return world.keyring.sign(world.keyring.validators()[key], message);
  };
  const auto accepts = [&](const consensus::Vote& vote) {
    return world.keyring.verify_vote(world.context, world.validators, vote);
  };
  EXPECT_TRUE(accepts({subject, {1}, sign_as(1)}));
  EXPECT_FALSE(accepts({subject, {2}, sign_as(1)}));
  EXPECT_FALSE(accepts({consensus::Subject::nullify({4}), {1}, sign_as(1)}));
  EXPECT_FALSE(accepts({subject, {9}, sign_as(1)}));
}

TEST(Keyring, RefusesACertificateThatIsNoQuorum) {
  const World world{calm_options()};
  const auto subject = consensus::Subject::nullify({3});
  const auto accepts = [&](const consensus::Certificate& certificate) {
    return world.keyring.verify_certificate(world.context, world.validators, certificate);
  };
  auto certificate = certificate_of(world, subject, 3);
  EXPECT_TRUE(accepts(certificate));
  EXPECT_FALSE(accepts(certificate_of(world, subject, 2)));
  certificate.signatures.push_back(certificate.signatures.back());
  EXPECT_FALSE(accepts(certificate));
}

TEST(LedgerModel, AgreesWithTheLedgerOnNonces) {
  const World world{calm_options()};
  LedgerModel model{world.genesis};
  ChainBuilder builder{world};
  const auto block = builder.next({pay(world, {.nonce = 100})});
  EXPECT_EQ(model.apply(block.block, block.outcomes), std::nullopt);
  const auto applies = [&](std::uint64_t nonce) {
    return model.applies(pay(world, {.nonce = nonce}).transaction, {kEpochMs});
  };
  EXPECT_FALSE(applies(100));
  EXPECT_FALSE(applies(35));
  EXPECT_TRUE(applies(36));
  EXPECT_TRUE(applies(100 + 65'536));
  EXPECT_FALSE(applies(100 + 65'537));
  EXPECT_EQ(model.state_root(), builder.head().state_root);
}

TEST(LedgerModel, RefusesMoneyThatIsNotThere) {
  const World world{calm_options()};
  const LedgerModel model{world.genesis};
  EXPECT_TRUE(model.applies(pay(world, {.units = 99'997}).transaction, {kEpochMs}));
  EXPECT_FALSE(model.applies(pay(world, {.units = 99'998}).transaction, {kEpochMs}));
}

TEST(Audit, DependsOnEveryRecordAndItsOrder) {
  const auto digest = [](std::initializer_list<std::uint64_t> numbers) {
    Audit audit;
    for (const std::uint64_t number : numbers) audit.add(AuditKind::kEvent, {number});
    return audit.digest();
  };
  EXPECT_EQ(digest({1, 2}), digest({1, 2}));
  EXPECT_NE(digest({1, 2}), digest({2, 1}));
  EXPECT_NE(digest({1, 2}), digest({1, 2, 0}));
}

}  // namespace
}  // namespace peerpay::sim::testing
