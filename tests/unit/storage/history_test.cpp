// The history index: whose transactions, in which order, page by page.

#include <gtest/gtest.h>

#include <algorithm>

#include "ledger/limits.h"
#include "node/storage/recent_index.h"
#include "node/storage/tables.h"
#include "tests/unit/storage/test_chain.h"

namespace peerpay::storage {
namespace {

using ledger::test::test_account;
using test::StoreFixture;
using test::TestChain;

std::vector<Position> positions(const HistoryPage& page) {
  std::vector<Position> out;
  for (const auto& transaction : page.transactions) out.push_back(transaction.position);
  return out;
}

class History : public testing::Test {
 protected:
  void commit(std::size_t payments) {
    ASSERT_TRUE(store_->commit(chain_.extend(payments).finalized()));
  }
  HistoryPage page(std::uint32_t account, const std::string& cursor, std::size_t limit) {
    const auto found = store_->history(test_account(account), cursor, limit);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : HistoryPage{};
  }
  StorageFault fault(std::uint32_t account, const std::string& cursor) {
    const auto found = store_->history(test_account(account), cursor, 5);
    return found ? StorageFault::kExists : found.error().fault;
  }
  static Position at(std::uint64_t height, std::uint32_t index) {
    return {ledger::Height{height}, index};
  }

  TestChain chain_;
  StoreFixture fixture_{chain_.network()};
  std::unique_ptr<Store> store_ = fixture_.open();
};

TEST_F(History, NewestFirstForPayerAndPayee) {
  commit(2);
  commit(1);
  const std::vector<Position> expected = {at(2, 0), at(1, 1), at(1, 0)};
  EXPECT_EQ(positions(page(0, "", 10)), expected);
  EXPECT_EQ(positions(page(1, "", 10)), expected);
  EXPECT_TRUE(page(2, "", 10).transactions.empty());
  EXPECT_EQ(page(0, "", 10).transactions[0].bytes, chain_.at(2).block.transactions[0].bytes);
}

TEST_F(History, EveryTransactionOnceInTheHistoryOfAnAccount) {
  auto body =
      ledger::test::payment(chain_.genesis(), test_account(4), ledger::Nonce{1},
                            {{test_account(5), 1}, {test_account(5), 2}, {test_account(6), 3}});
  body.sponsor = test_account(7);
  ASSERT_TRUE(store_->commit(
      chain_.extend_with({ledger::test::sealed(chain_.world().chain(), body)}).finalized()));
  for (const std::uint32_t account : {4U, 5U, 6U, 7U}) {
    EXPECT_EQ(page(account, "", 10).transactions.size(), 1U) << account;
  }
}

TEST_F(History, PagesFollowEachOtherWithoutGapOrRepetition) {
  commit(3);
  commit(4);
  std::vector<Position> all;
  std::string cursor;
  int pages = 0;
  do {
    const auto next = page(0, cursor, 3);
    for (const auto& position : positions(next)) all.push_back(position);
    cursor = next.next_cursor;
    ++pages;
  } while (!cursor.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(all, positions(page(0, "", 200)));
}

TEST_F(History, PagesGoOnFromMemoryIntoTheTable) {
  std::vector<Position> expected;
  for (std::uint64_t height = 1; height <= 4; ++height) {
    commit(3);
    expected.insert(expected.begin(), {at(height, 2), at(height, 1), at(height, 0)});
    if (height == 2) {
      ASSERT_TRUE(store_->flush_state());
    }
  }
  for (const std::size_t limit : {1U, 2U, 5U, 6U, 7U, 11U, 12U, 13U}) {
    std::vector<Position> all;
    std::string cursor;
    do {
      const auto next = page(0, cursor, limit);
      for (const auto& position : positions(next)) all.push_back(position);
      cursor = next.next_cursor;
    } while (!cursor.empty());
    EXPECT_EQ(all, expected) << limit;
  }
}

// As in a database of a version that wrote them with each block.
TEST_F(History, RowsThatAreInBothAreShownOnce) {
  commit(3);
  const std::string before_flush = fixture_.snapshot();
  ASSERT_TRUE(store_->flush_state());
  commit(2);
  const auto expected = positions(page(0, "", 200));
  RecentIndex rows{ledger::Height{0}, HistoryIndex::kKept};
  rows.add(chain_.at(1).block);
  {
    const auto database = open_database(before_flush).value();
    auto batch = database->batch();
    rows.write_to(batch);
    ASSERT_TRUE(database->write(std::move(batch), Durability::kSynced));
  }
  store_ = fixture_.open_at(before_flush);
  ASSERT_TRUE(store_->commit(chain_.at(2).finalized()));
  EXPECT_EQ(positions(page(0, "", 200)), expected);
  EXPECT_EQ(page(0, "", 3).transactions.size(), 3U);
  EXPECT_NE(page(0, "", 3).next_cursor, "");
}

TEST_F(History, APageThatEndsWithTheHistoryHasNoCursor) {
  commit(4);
  EXPECT_NE(page(0, "", 3).next_cursor, "");
  EXPECT_EQ(page(0, "", 4).next_cursor, "");
}

TEST_F(History, PagesDoNotShiftWhenTransactionsComeIn) {
  commit(4);
  const auto first = page(0, "", 2);
  const auto before = positions(page(0, first.next_cursor, 2));
  commit(3);
  EXPECT_EQ(positions(page(0, first.next_cursor, 2)), before);
}

TEST_F(History, RefusesCursorsThatItDidNotGive) {
  commit(4);
  const std::string cursor = page(0, "", 2).next_cursor;
  EXPECT_EQ(fault(0, cursor), StorageFault::kExists);
  EXPECT_EQ(fault(1, cursor), StorageFault::kCursorInvalid);
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    std::string altered = cursor;
    altered[i] = altered[i] == '0' ? '1' : '0';
    EXPECT_EQ(fault(0, altered), StorageFault::kCursorInvalid) << i;
  }
  for (const std::string& text :
       {std::string{"x"}, cursor.substr(1), cursor + "00", std::string(cursor.size(), 'g')}) {
    EXPECT_EQ(fault(0, text), StorageFault::kCursorInvalid) << text;
  }
  EXPECT_FALSE(store_->failure());
}

TEST_F(History, APageIsBoundedByBytesToo) {
  std::vector<ledger::test::Leg> legs(ledger::kOperationsMax, {test_account(1), 1});
  for (std::uint64_t block = 0; block < 4; ++block) {
    std::vector<ledger::SealedTransaction> payments;
    for (std::uint64_t i = 1; i <= 3; ++i) {
      auto body = ledger::test::payment(chain_.genesis(), test_account(0),
                                        ledger::Nonce{block * 3 + i}, legs);
      for (auto& operation : body.operations) {
        auto& pay = std::get<ledger::Pay>(operation);
        pay.reference.assign(ledger::kReferenceBytesMax, 'r');
        pay.memo.assign(ledger::kMemoBytesMax, 'm');
      }
      payments.push_back(ledger::test::sealed(chain_.world().chain(), std::move(body)));
    }
    ASSERT_TRUE(store_->commit(chain_.extend_with(payments).finalized()));
  }
  std::vector<Position> seen;
  std::string cursor;
  do {
    const auto one = page(1, cursor, 200);
    std::size_t bytes = 0;
    for (const auto& transaction : one.transactions) bytes += transaction.bytes.size();
    EXPECT_LE(bytes, kHistoryPageBytesMax);
    ASSERT_FALSE(one.transactions.empty());
    for (const auto& position : positions(one)) seen.push_back(position);
    cursor = one.next_cursor;
  } while (!cursor.empty());
  ASSERT_EQ(seen.size(), 12U);
  EXPECT_TRUE(std::is_sorted(seen.rbegin(), seen.rend())) << "no gap, no repetition";
}

}  // namespace
}  // namespace peerpay::storage
