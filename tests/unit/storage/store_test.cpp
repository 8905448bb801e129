#include "node/storage/store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "ledger/limits.h"
#include "node/storage/tables.h"
#include "tests/unit/storage/memory_files.h"
#include "tests/unit/storage/records.h"
#include "tests/unit/storage/test_chain.h"

namespace peerpay::storage {
namespace {

using ledger::Height;
using test::Certified;
using test::StoreFixture;
using test::TestChain;

StorageFault fault_of_open(const std::string& path, const ledger::Network& network,
                           HistoryIndex history = HistoryIndex::kKept) {
  const auto store = Store::open(path, network, history);
  return store ? StorageFault::kExists : store.error().fault;
}

TEST(Store, AFirstStartHoldsTheGenesis) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  const auto store = fixture.open();
  const auto head = store->head();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->header, chain.world().tip());
  EXPECT_EQ(head->hash, ledger::block_hash(chain.world().tip()));
  EXPECT_TRUE(store->block_at(Height{0}).value());
  EXPECT_FALSE(std::filesystem::exists(fixture.path() + ".new"));
  const auto loaded = store->load_state();
  EXPECT_EQ(ledger::test::records_of(loaded->accounts),
            ledger::test::records_of(chain.world().state()));
}

TEST(Store, HoldsEveryCommittedBlockAfterReopening) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  {
    const auto store = fixture.open();
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE(store->commit(
          chain.extend(3, i % 2 == 0 ? Certified::kYes : Certified::kNo).finalized()));
    }
  }
  EXPECT_EQ(test::defect(fixture.path(), chain, 5), "");
}

TEST(Store, EmptyBlocksAreKeptToo) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  { ASSERT_TRUE(fixture.open()->commit(chain.extend(0).finalized())); }
  EXPECT_EQ(test::defect(fixture.path(), chain, 1), "");
}

TEST(Store, ABlockThatWasPutIsThereBeforeItIsFinal) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  const auto& block = chain.extend();
  const auto bytes = ledger::encode(block.block);
  const auto store = fixture.open();
  ASSERT_TRUE(store->put_block(block.block.header, block.hash, bytes));
  ASSERT_TRUE(store->put_block(block.block.header, block.hash, bytes));
  const auto after_kill = fixture.open_at(fixture.snapshot());
  const auto found = after_kill->unfinalized_blocks();
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().bytes, bytes);
  EXPECT_EQ(after_kill->block(block.hash).value()->bytes, bytes);
  EXPECT_FALSE(after_kill->block_at(Height{1}).value());
  ASSERT_TRUE(store->commit(block.finalized()));
  EXPECT_TRUE(store->unfinalized_blocks()->empty());
  EXPECT_EQ(store->block_at(Height{1}).value()->bytes, bytes);
}

TEST(Store, BlocksThatLostAreDropped) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  const auto store = fixture.open();
  const auto loser = chain.sibling();
  const auto hash = ledger::block_hash(loser.header);
  ASSERT_TRUE(store->put_block(loser.header, hash, ledger::encode(loser)));
  ASSERT_TRUE(store->commit(chain.extend().finalized()));
  EXPECT_FALSE(store->block(hash).value());
  ASSERT_TRUE(store->put_block(loser.header, hash, ledger::encode(loser)));
  EXPECT_FALSE(store->block(hash).value());
}

TEST(Store, AStateThatLagsBehindIsReplayed) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  const auto store = fixture.open();
  for (std::uint64_t height = 1; height <= 6; ++height) {
    ASSERT_TRUE(store->commit(chain.extend().finalized()));
    if (height == 3) {
      ASSERT_TRUE(store->flush_state());
    }
    const std::string copy = fixture.snapshot();
    EXPECT_EQ(test::defect(copy, chain, height), "");
    const auto reopened = Store::open(copy, chain.network(), HistoryIndex::kKept);
    const auto recovered = recover(**reopened, chain.genesis());
    ASSERT_TRUE(recovered);
    EXPECT_EQ(recovered->blocks_replayed, height < 3 ? height : height - 3);
    EXPECT_EQ(recovered->state.root(), chain.world().tip().state_root);
  }
}

TEST(Store, ReplayedChangesAreFlushedToo) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  {
    const auto store = fixture.open();
    ASSERT_TRUE(store->commit(chain.extend().finalized()));
  }
  { ASSERT_TRUE(fixture.open()->flush_state()); }
  const auto store = Store::open(fixture.path(), chain.network(), HistoryIndex::kKept);
  const auto recovered = recover(**store, chain.genesis());
  ASSERT_TRUE(recovered) << recovered.error().message;
  EXPECT_EQ(recovered->blocks_replayed, 0U);
}

TEST(Store, GoesOnAfterRecovery) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  for (int i = 0; i < 3; ++i) {
    const auto store = fixture.open();
    ASSERT_TRUE(store->commit(chain.extend().finalized()));
    if (i == 1) {
      ASSERT_TRUE(store->flush_state());
    }
  }
  EXPECT_EQ(test::defect(fixture.path(), chain, 3), "");
}

TEST(Store, RefusesAnotherNetwork) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  { ASSERT_TRUE(fixture.open()); }
  ledger::Genesis other = chain.genesis();
  other.network = "other";
  const auto refused = Store::open(fixture.path(), ledger::network_of(other), HistoryIndex::kKept);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, StorageFault::kIdentityMismatch);
  EXPECT_NE(refused.error().message.find(fixture.path()), std::string::npos);
  EXPECT_EQ(test::defect(fixture.path(), chain, 0), "");
}

TEST(Store, RefusesTheOtherHistorySetting) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  { ASSERT_TRUE(Store::open(fixture.path(), chain.network(), HistoryIndex::kNone)); }
  EXPECT_EQ(fault_of_open(fixture.path(), chain.network()), StorageFault::kSettingMismatch);
  const auto store = Store::open(fixture.path(), chain.network(), HistoryIndex::kNone);
  ASSERT_TRUE((*store)->commit(chain.extend().finalized()));
  EXPECT_TRUE((*store)->history(ledger::test::test_account(0), "", 5)->transactions.empty());
  EXPECT_TRUE((*store)->find_transaction(chain.at(1).block.transactions[0].id).value());
}

TEST(Store, WithoutHistoryTransactionsAreFoundAfterAFlushAndARestart) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  const auto open = [&] {
    auto store = Store::open(fixture.path(), chain.network(), HistoryIndex::kNone).value();
    EXPECT_TRUE(recover(*store, chain.genesis()));
    return store;
  };
  {
    const auto store = open();
    ASSERT_TRUE(store->commit(chain.extend(2).finalized()));
    ASSERT_TRUE(store->flush_state());
    ASSERT_TRUE(store->commit(chain.extend(2).finalized()));
  }
  const auto store = open();
  for (const std::uint64_t height : {1U, 2U}) {
    const auto& transaction = chain.at(height).block.transactions[1];
    EXPECT_EQ(store->find_transaction(transaction.id).value()->bytes, transaction.bytes);
  }
  EXPECT_TRUE(store->history(ledger::test::test_account(0), "", 5)->transactions.empty());
}

TEST(Store, OneProcessAtATime) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  const auto store = fixture.open();
  EXPECT_EQ(fault_of_open(fixture.path(), chain.network()), StorageFault::kInUse);
}

// A kill while the first database is made leaves it under its other name.
TEST(Store, AFirstStartThatWasCutShortIsDoneAgain) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  { ASSERT_TRUE(fixture.open()->commit(chain.extend().finalized())); }
  std::filesystem::rename(fixture.path(), fixture.path() + ".new");
  EXPECT_EQ(test::defect(fixture.path(), chain, 0), "");
}

TEST(Store, TheCertificateOfADescendantCoversABlock) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  const auto store = fixture.open();
  for (const Certified certified :
       {Certified::kNo, Certified::kNo, Certified::kYes, Certified::kYes, Certified::kNo}) {
    ASSERT_TRUE(store->commit(chain.extend(1, certified).finalized()));
  }
  const auto covering = store->certified_chain(Height{1});
  ASSERT_TRUE(covering && *covering);
  ASSERT_EQ((*covering)->headers.size(), 3U);
  EXPECT_EQ((*covering)->headers.front(), chain.at(1).block.header);
  EXPECT_EQ((*covering)->certificate, *chain.at(3).certificate);
  EXPECT_EQ(store->certified_chain(Height{4}).value()->headers.size(), 1U);
  EXPECT_FALSE(store->certified_chain(Height{5}).value());
  EXPECT_FALSE(store->certified_chain(Height{6}).value());
}

TEST(Store, ACoveringCertificateIsLookedForAtABoundedDistance) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  { ASSERT_TRUE(fixture.open()); }
  {
    const auto database = open_database(fixture.path());
    auto batch = (*database)->batch();
    ChainEntry entry;
    for (std::uint64_t height = 1; height <= ledger::kReceiptChainMax + 1; ++height) {
      entry.header.height = entry.header.height.next();
      entry.header.view = height;
      if (height > ledger::kReceiptChainMax)
        entry.certificate = test::finalization_of(entry.header);
      batch.put(Table::kChain, height_key(entry.header.height), encode(entry));
    }
    ASSERT_TRUE((*database)->write(std::move(batch), Durability::kUnsynced));
  }
  const auto store = Store::open(fixture.path(), chain.network(), HistoryIndex::kKept);
  ASSERT_TRUE(store);
  EXPECT_FALSE((*store)->certified_chain(Height{1}).value());
  EXPECT_EQ((*store)->certified_chain(Height{2}).value()->headers.size(), ledger::kReceiptChainMax);
}

TEST(Store, WhatIsStoredMakesAReceiptThatVerifies) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  const auto store = fixture.open();
  const auto transaction = ledger::test::signed_by(
      chain.world().chain(),
      ledger::test::payment(chain.genesis(), ledger::test::test_account(5), ledger::Nonce{1},
                            {{ledger::test::test_account(6), 10}}),
      {5});
  ASSERT_TRUE(
      store->commit(chain.extend_with({chain.pay(0, 1), transaction}, Certified::kNo).finalized()));
  ASSERT_TRUE(store->commit(chain.extend(1, Certified::kYes).finalized()));

  const auto found = store->find_transaction(transaction.id).value();
  const auto block = ledger::decode_block(store->block_at(found->position.height).value()->bytes);
  const auto outcomes = store->outcomes(found->position.height);
  const auto covering = store->certified_chain(found->position.height).value();
  const auto certificate = consensus::encode(covering->certificate);
  const auto receipt = ledger::make_receipt(
      {*block, *outcomes, std::span{covering->headers}.subspan(1), certificate},
      found->position.index);
  const auto proved = ledger::check_receipt(chain.world().chain(), receipt);
  ASSERT_TRUE(proved);
  EXPECT_EQ(*proved, chain.at(2).hash);
}

TEST(Store, SyncRangesEndAtACertificateWithinTheBudget) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  const auto store = fixture.open();
  for (const Certified certified : {Certified::kNo, Certified::kYes, Certified::kNo, Certified::kNo,
                                    Certified::kYes, Certified::kNo}) {
    ASSERT_TRUE(store->commit(chain.extend(2, certified).finalized()));
  }
  const std::size_t size = ledger::encode(chain.at(1).block).size();
  const auto count = [&](std::uint64_t from, std::size_t bytes_max) {
    return store->blocks_from(Height{from}, bytes_max)->size();
  };
  EXPECT_EQ(count(1, 100 * size), 5U);
  EXPECT_EQ(count(1, 4 * size + size / 2), 2U);
  EXPECT_EQ(count(1, 0), 1U);
  EXPECT_EQ(count(3, 2 * size + size / 2), 2U);  // none certified: whatever fits
  EXPECT_EQ(count(6, 100 * size), 1U);
  EXPECT_EQ(count(7, 100 * size), 0U);
  EXPECT_EQ(store->blocks_from(Height{2}, size)->front().hash, chain.at(2).hash);
}

TEST(Store, ChecksTheSignLogAgainstWhatItHasSeen) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  test::MemoryFiles disk;
  SignLogId instance;
  instance.bytes.fill(1);
  auto log = SignLog::create(disk, "sign.log", {}, instance);
  const auto store = fixture.open();
  EXPECT_TRUE(store->check_sign_log(*log));

  const auto mark = [&](std::uint8_t id, std::uint64_t view) {
    SignLogMark out{{}, consensus::View{view}};
    out.instance.bytes.fill(id);
    store->note_sign_log(out);
    ASSERT_TRUE(store->commit(chain.extend(0).finalized()));
  };
  ASSERT_TRUE(log->append(std::vector{test::notarize(5)}));
  mark(1, 5);
  EXPECT_TRUE(store->check_sign_log(*log));
  mark(1, 6);
  const auto older = store->check_sign_log(*log);
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().fault, StorageFault::kOutdated);
  mark(2, 1);
  EXPECT_FALSE(store->check_sign_log(*log));
  ASSERT_TRUE(store->adopt_sign_log({instance, consensus::View{0}}));
  EXPECT_TRUE(store->check_sign_log(*log)) << "a log that lacks votes, and says so";
  EXPECT_FALSE(store->failure());
}

consensus::Proposal proposal_of(const test::ChainBlock& block) {
  consensus::Proposal out{consensus::View{block.block.header.view}, {}, {}};
  out.digest.bytes = block.hash.bytes;
  return out;
}

// S32. What each kind of record shows, on a store that has block 1 final, block 2 above it, and
// never saw block 3.
TEST(Store, WhatTheSignLogShowsToHaveBeenThereIsMissed) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  const auto store = fixture.open();
  for (int i = 0; i < 3; ++i) (void)chain.extend();
  ASSERT_TRUE(store->commit(chain.at(1).finalized()));
  const auto& second = chain.at(2);
  ASSERT_TRUE(store->put_block(second.block.header, second.hash, ledger::encode(second.block)));
  const auto lost = [&](const consensus::SafetyRecord& record, std::uint32_t self = 0) {
    return newest_lost_block(*store, std::vector{record}, {self}).value();
  };
  const auto there = proposal_of(second);
  const auto gone = proposal_of(chain.at(3));
  using consensus::Subject;
  EXPECT_FALSE(lost(consensus::OwnVote{Subject::finalize(there)}));
  EXPECT_EQ(lost(consensus::OwnVote{Subject::finalize(gone)}), gone);
  EXPECT_EQ(lost(consensus::CertifyVerdict{gone, true}), gone);
  const consensus::HeldCertificate final_one{test::certificate(Subject::finalize(gone))};
  EXPECT_EQ(lost(final_one), gone);
  EXPECT_FALSE(lost(final_one, 3)) << "made by the others alone";
  EXPECT_FALSE(lost(consensus::OwnVote{Subject::notarize(gone)})) << "before it was durable";
  EXPECT_FALSE(lost(consensus::CertifyVerdict{gone, false}));
  auto below = gone;
  below.view = consensus::View{chain.at(1).block.header.view};
  EXPECT_FALSE(lost(consensus::OwnVote{Subject::finalize(below)})) << "another one won";
}

// What only the log ahead of the tables holds is gone with it, and RocksDB does not miss it.
TEST(Store, ALostLogIsMissed) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  { ASSERT_TRUE(fixture.open()); }
  std::vector<consensus::SafetyRecord> journal;
  {
    const auto store = fixture.open();
    for (int i = 0; i < 6; ++i) {
      const auto& block = chain.extend();
      journal.emplace_back(consensus::OwnVote{consensus::Subject::finalize(proposal_of(block))});
      ASSERT_TRUE(store->commit(block.finalized()));
    }
    EXPECT_FALSE(newest_lost_block(*store, journal, {0}).value());
  }
  for (const auto& file : std::filesystem::directory_iterator{fixture.path()})
    if (file.path().extension() == ".log") std::filesystem::remove(file.path());
  const auto store = fixture.open();
  ASSERT_EQ(store->head()->header.height, Height{0});
  EXPECT_EQ(newest_lost_block(*store, journal, {0}).value(), proposal_of(chain.at(6)));
}

// However early it is told to stop, it stops, and the next start is as if nothing had been.
TEST(Store, RecoveryStopsWhenToldAndChangesNothing) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  {
    const auto store = fixture.open();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(store->commit(chain.extend().finalized()));
  }
  const auto times_asked = [&](const std::string& path) {
    const auto store = Store::open(path, chain.network(), HistoryIndex::kKept);
    int asked = 0;
    EXPECT_TRUE(recover(**store, chain.genesis(), [&] { return ++asked < 0; }));
    return asked;
  };
  StoreFixture empty{chain.network()};
  { ASSERT_TRUE(empty.open()); }
  const int asked_in_all = times_asked(fixture.path());
  EXPECT_EQ(asked_in_all, times_asked(empty.path()) + 5) << "before each block";

  int steps = 0;
  for (bool stopped = true; stopped; ++steps) {
    auto store = Store::open(fixture.path(), chain.network(), HistoryIndex::kKept);
    ASSERT_TRUE(store) << store.error().message;
    int asked = 0;
    const auto recovered = recover(**store, chain.genesis(), [&] { return asked++ == steps; });
    stopped = !recovered;
    ASSERT_TRUE(recovered || recovered.error().fault == StorageFault::kStopped);
  }
  EXPECT_EQ(steps, asked_in_all + 1) << "stopped wherever it asked";
  EXPECT_EQ(test::defect(fixture.path(), chain, 5), "");
}

TEST(Store, AFirstStartStopsWhenTold) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  const auto stopped =
      Store::open(fixture.path(), chain.network(), HistoryIndex::kKept, [] { return true; });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().fault, StorageFault::kStopped);
  EXPECT_FALSE(std::filesystem::exists(fixture.path()));
  EXPECT_EQ(fault_of_open(fixture.path(), chain.network()), StorageFault::kExists);
}

TEST(Store, ReadsGoOnWhileBlocksAreCommitted) {
  TestChain chain;
  StoreFixture fixture{chain.network()};
  for (int i = 0; i < 60; ++i) chain.extend(3);
  const auto store = fixture.open();
  std::thread writer{[&] {
    for (std::uint64_t height = 1; height <= chain.height(); ++height) {
      EXPECT_TRUE(store->commit(chain.at(height).finalized()));
      if (height % 10 == 0) {
        EXPECT_TRUE(store->flush_state());
      }
    }
  }};
  const auto payer = ledger::test::test_account(0);
  for (std::uint64_t height = 0; height < chain.height();) {
    height = store->head()->header.height.value;
    if (height == 0) continue;
    EXPECT_EQ(store->block_at(Height{height}).value()->hash, chain.at(height).hash);
    const auto& newest = chain.at(height).block.transactions.back();
    EXPECT_EQ(store->find_transaction(newest.id).value()->bytes, newest.bytes);
    EXPECT_GE(store->history(payer, "", 200)->transactions.front().position.height.value, height);
  }
  writer.join();
}

std::vector<Position> all_pages(const Store& store, const ledger::AccountId& account) {
  std::vector<Position> out;
  std::string cursor;
  do {
    const auto page = store.history(account, cursor, 7);
    for (const auto& transaction : page->transactions) out.push_back(transaction.position);
    cursor = page->next_cursor;
  } while (!cursor.empty());
  return out;
}

TEST(Store, PagesHaveNoGapsWhileRowsMoveIntoTheTable) {
  constexpr std::uint32_t kPayments = 3;
  TestChain chain;
  StoreFixture fixture{chain.network()};
  for (int i = 0; i < 60; ++i) chain.extend(kPayments);
  const auto store = fixture.open();
  std::thread writer{[&] {
    for (std::uint64_t height = 1; height <= chain.height(); ++height) {
      EXPECT_TRUE(store->commit(chain.at(height).finalized()));
      EXPECT_TRUE(store->flush_state());
    }
  }};
  const auto payer = ledger::test::test_account(0);
  for (std::uint64_t head = 0; head < chain.height();) {
    head = store->head()->header.height.value;
    const auto positions = all_pages(*store, payer);
    std::vector<Position> expected;
    for (std::uint64_t height = positions.empty() ? 0 : positions.front().height.value; height > 0;
         --height) {
      for (std::uint32_t i = kPayments; i-- > 0;) expected.push_back({Height{height}, i});
    }
    EXPECT_EQ(positions, expected);
    EXPECT_GE(positions.size(), head * kPayments);
  }
  writer.join();
}

}  // namespace
}  // namespace peerpay::storage
