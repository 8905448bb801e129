#include "wallet/cli/outbox.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "tests/support/ledger/ledger_world.h"
#include "tests/support/temporary_directory.h"
#include "wallet/cli/commands.h"

namespace peerpay::wallet::cli {
namespace {

using ledger::test::kEur;
using ledger::test::test_account;
using ledger::test::test_key;

class OutboxTest : public testing::Test {
 protected:
  OutboxTest() { EXPECT_TRUE(home_.create().has_value()); }

  OutboxEntry entry(std::uint64_t nonce) const {
    const PaymentOrder order{.sender = test_account(0),
                             .payee = {.account = test_account(1), .tag = 9},
                             .asset = kEur,
                             .amount = ledger::Amount{100},
                             .reference = {'r'},
                             .memo = {'m'}};
    const auto body = build_payment(genesis_, order, {.nonce = {nonce}, .valid_until = {2'000}});
    return {.transaction = sign_payment(chain_, *body, test_key(0), base::Bytes(32)),
            .order = order,
            .created = {1'000 - nonce},
            .refused_code = std::nullopt};
  }

  std::string transaction_path(const OutboxEntry& one) const {
    return home_.outbox_path() + "/" + base::to_hex(one.transaction.id.view()) + ".bcs";
  }

  const ledger::Genesis genesis_ = ledger::test::test_genesis();
  const ledger::ChainId chain_ = ledger::chain_id(genesis_);
  peerpay::test::TemporaryDirectory directory_;
  WalletHome home_{directory_.file("wallet")};
  Outbox outbox_{home_, chain_};
};

// Whoever takes the lock is alone: what no payment needs was left by a crash.
TEST_F(OutboxTest, WhatACrashLeftGoesWhenTheWalletIsLocked) {
  ASSERT_TRUE(outbox_.add(entry(1)).has_value());
  const auto kept = transaction_path(entry(1));
  const auto lost = std::filesystem::path{transaction_path(entry(2))};
  const auto with = [](const std::filesystem::path& path, const std::string& extension) {
    return std::filesystem::path{path}.replace_extension(extension);
  };
  const auto own = home_.outbox_path() + "/mine.json";
  for (const auto& path : {with(lost, ".json"), with(lost, ".json.tmp-00aa"),
                           with(kept, ".bcs.tmp-00aa"), std::filesystem::path{own}}) {
    std::ofstream{path} << "{}";
  }
  ASSERT_TRUE(lock_home(home_).has_value());
  std::set<std::string> left;
  for (const auto& file : std::filesystem::directory_iterator(home_.outbox_path()))
    left.insert(file.path());
  EXPECT_EQ(left, (std::set<std::string>{kept, with(kept, ".json"), own}));
}

TEST_F(OutboxTest, GivesBackWhatWasAddedOldestFirst) {
  const auto newer = entry(1);
  const auto older = entry(2);
  ASSERT_TRUE(outbox_.add(newer).has_value());
  ASSERT_TRUE(outbox_.add(older).has_value());
  const auto entries = outbox_.entries();
  ASSERT_TRUE(entries.has_value());
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ((*entries)[0].transaction.bytes, older.transaction.bytes);
  EXPECT_EQ((*entries)[0].order, older.order);
  EXPECT_EQ((*entries)[0].created, older.created);
  EXPECT_EQ((*entries)[1].transaction.bytes, newer.transaction.bytes);
}

TEST_F(OutboxTest, KeepsNotes) {
  const auto one = entry(1);
  ASSERT_TRUE(outbox_.add(one).has_value());
  ASSERT_TRUE(outbox_.mark_refused(one, "funds_insufficient").has_value());
  const auto entries = outbox_.entries();
  ASSERT_EQ(entries->size(), 1U);
  EXPECT_EQ((*entries)[0].refused_code, "funds_insufficient");
}

TEST_F(OutboxTest, WithoutItsNotesAPaymentIsPending) {
  const auto one = entry(1);
  ASSERT_TRUE(outbox_.add(one).has_value());
  ASSERT_TRUE(outbox_.mark_refused(one, "x").has_value());
  auto notes = transaction_path(one);
  notes.replace(notes.size() - 4, 4, ".json");
  std::filesystem::remove(notes);
  EXPECT_FALSE((*outbox_.entries())[0].refused_code.has_value());
}

// The crash that leaves only notes: nothing was sent, so there is no payment.
TEST_F(OutboxTest, NotesAloneAreNoPayment) {
  const auto one = entry(1);
  ASSERT_TRUE(outbox_.add(one).has_value());
  std::filesystem::remove(transaction_path(one));
  EXPECT_TRUE(outbox_.entries()->empty());
}

TEST_F(OutboxTest, SettlingMovesThePayment) {
  const auto one = entry(1);
  ASSERT_TRUE(outbox_.add(one).has_value());
  ASSERT_TRUE(
      outbox_.settle(one, {.end = PaymentEnd::kFinal, .code = {}, .height = {{7}}}).has_value());
  EXPECT_TRUE(outbox_.entries()->empty());
  EXPECT_TRUE(std::filesystem::is_empty(home_.outbox_path()));
  const auto record = outbox_.find(one.transaction.id);
  ASSERT_TRUE(record.has_value() && record->has_value());
  EXPECT_EQ((*record)->state, "final");
  EXPECT_EQ((*record)->transaction.bytes, one.transaction.bytes);
}

TEST_F(OutboxTest, KnowsWhomItHasPaid) {
  const auto one = entry(1);
  ASSERT_TRUE(outbox_.add(one).has_value());
  EXPECT_FALSE(outbox_.has_paid(test_account(1)));
  ASSERT_TRUE(
      outbox_.settle(one, {.end = PaymentEnd::kExpired, .code = {}, .height = {}}).has_value());
  EXPECT_FALSE(outbox_.has_paid(test_account(1)));
  const auto two = entry(2);
  ASSERT_TRUE(outbox_.add(two).has_value());
  ASSERT_TRUE(
      outbox_.settle(two, {.end = PaymentEnd::kFinal, .code = {}, .height = {}}).has_value());
  EXPECT_TRUE(outbox_.has_paid(test_account(1)));
  EXPECT_FALSE(outbox_.has_paid(test_account(2)));
}

TEST_F(OutboxTest, ADamagedOldPaymentDoesNotMatter) {
  const auto one = entry(1);
  ASSERT_TRUE(outbox_.add(one).has_value());
  ASSERT_TRUE(
      outbox_.settle(one, {.end = PaymentEnd::kFinal, .code = {}, .height = {}}).has_value());
  const auto name = base::to_hex(one.transaction.id.view());
  std::ofstream(home_.sent_path() + "/" + name + ".bcs") << "damaged";
  EXPECT_TRUE(outbox_.has_paid(test_account(1)));
  EXPECT_FALSE(outbox_.has_paid(test_account(2)));
}

// Going on would pay a second time if the damaged payment was made.
TEST_F(OutboxTest, ADamagedPaymentStopsEverything) {
  const auto one = entry(1);
  ASSERT_TRUE(outbox_.add(one).has_value());
  {
    std::fstream file(transaction_path(one), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(40);
    file.put('\xff');
  }
  const auto entries = outbox_.entries();
  ASSERT_FALSE(entries.has_value());
  EXPECT_EQ(entries.error().code, "outbox_damaged");
}

TEST_F(OutboxTest, IgnoresWhatIsNotItsOwn) {
  std::ofstream(home_.outbox_path() + "/notes.txt") << "x";
  std::ofstream(home_.outbox_path() + "/" + std::string(64, 'a') + ".bcs.tmp-0123456789abcdef")
      << "x";
  EXPECT_TRUE(outbox_.entries()->empty());
}

TEST_F(OutboxTest, FilesAreForTheOwnerAlone) {
  const auto one = entry(1);
  ASSERT_TRUE(outbox_.add(one).has_value());
  struct stat status {};
  ASSERT_EQ(stat(transaction_path(one).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  ASSERT_EQ(stat(home_.outbox_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST_F(OutboxTest, KnowsWhichRequestsWerePaid) {
  const auto paid = entry(1);
  const auto id_for = [&](const PaymentOrder& order) { return *outbox_.paid_reference(order); };
  ASSERT_TRUE(outbox_.add(paid).has_value());
  EXPECT_FALSE(id_for(paid.order).has_value());
  ASSERT_TRUE(outbox_.settle(paid, {.end = PaymentEnd::kFinal, .code = {}, .height = {}}));
  EXPECT_EQ(id_for(paid.order), paid.transaction.id);
  auto same_request = paid.order;
  same_request.sender = test_account(2);
  same_request.amount = ledger::Amount{1};
  same_request.memo = {};
  EXPECT_EQ(id_for(same_request), paid.transaction.id);
  const auto is_other = [&](const std::function<void(PaymentOrder&)>& change) {
    auto order = paid.order;
    change(order);
    return !id_for(order).has_value();
  };
  EXPECT_TRUE(is_other([](auto& order) { order.payee.account = test_account(2); }));
  EXPECT_TRUE(is_other([](auto& order) { order.payee.tag = 8; }));
  EXPECT_TRUE(is_other([](auto& order) { order.payee.tag = std::nullopt; }));
  EXPECT_TRUE(is_other([](auto& order) { order.asset = ledger::test::kUsd; }));
  EXPECT_TRUE(is_other([](auto& order) { order.reference = {'R'}; }));
  EXPECT_TRUE(is_other([](auto& order) { order.reference = {}; }));
}

TEST_F(OutboxTest, OnlyFinalPaymentsPayARequest) {
  const auto expired = entry(1);
  ASSERT_TRUE(outbox_.add(expired).has_value());
  ASSERT_TRUE(outbox_.settle(expired, {.end = PaymentEnd::kExpired, .code = {}, .height = {}}));
  EXPECT_FALSE((*outbox_.paid_reference(expired.order)).has_value());
}

// Whether the request was paid is then unknown.
TEST_F(OutboxTest, ADamagedNoteOfARequestIsAnError) {
  const auto paid = entry(1);
  ASSERT_TRUE(outbox_.add(paid).has_value());
  ASSERT_TRUE(outbox_.settle(paid, {.end = PaymentEnd::kFinal, .code = {}, .height = {}}));
  for (const auto& file : std::filesystem::directory_iterator(home_.references_path())) {
    std::ofstream(file.path()) << "?";
  }
  EXPECT_EQ(outbox_.paid_reference(paid.order).error().code, "outbox_damaged");
}

}  // namespace
}  // namespace peerpay::wallet::cli
