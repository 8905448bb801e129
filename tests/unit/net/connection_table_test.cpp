#include "node/net/connection_table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace peerpay::net {
namespace {

TEST(ConnectionTable, TakesTheNewestOfWhoHoldsMost) {
  ConnectionTable table{4};
  for (const int descriptor : {1, 2}) table.add({descriptor, 0, "flooder"});
  table.add({3, 0, "friend"});
  EXPECT_FALSE(table.is_full());
  table.add({4, 0, "flooder"});
  EXPECT_TRUE(table.is_full());

  EXPECT_TRUE(table.turns_away("flooder")) << "what was there before stays";
  EXPECT_FALSE(table.turns_away("newcomer"));
  table.add({5, 0, "newcomer"});
  EXPECT_EQ(table.evict("newcomer").descriptor, 4);
  EXPECT_EQ(table.size(), 4U);
}

TEST(ConnectionTable, TurnsNobodyAwayWhileThereIsRoom) {
  ConnectionTable table{2};
  EXPECT_FALSE(table.turns_away("a"));
  table.add({1, 0, "a"});
  EXPECT_FALSE(table.turns_away("a"));
  table.add({2, 0, "a"});
  EXPECT_TRUE(table.turns_away("a"));
}

using Stage = Connection::Stage;

constexpr std::uint64_t kUnusedMax = 1'000'000;

// Of one source unless it is named; `number` is both its descriptor and its identity.
struct Trials : ::testing::Test {
  Connection& add(int number, const std::string& source = "a", Stage stage = Stage::kWaiting) {
    table.add({.descriptor = number,
               .identity = static_cast<std::uint64_t>(number),
               .source = source,
               .stage = stage});
    return *table.find(source, static_cast<std::uint64_t>(number));
  }
  std::vector<int> begun() {
    std::vector<int> out;
    table.begin_trials(now, [&](const Connection& each) { out.push_back(each.descriptor); });
    return out;
  }
  void pass(base::Duration time) {
    now = now + time;
    table.settle(now);
  }
  // What its next look sees.
  void look(Connection& connection, std::uint64_t bytes, const CallCounts& calls) const {
    (void)connection.watch.is_flood(bytes, calls, now, kUnusedMax);
  }
  std::vector<int> excessive() {
    std::vector<int> out;
    for (const auto* each : table.excessive(now, kUnusedMax)) out.push_back(each->descriptor);
    return out;
  }

  ConnectionTable table{1'000};
  base::TimePoint now{1'000'000};
};

TEST_F(Trials, TakeTurnsAmongThoseOfOneSource) {
  static_assert(ConnectionTable::kTrialsMax == 1);
  add(1, "a", Stage::kSilent);
  for (const int number : {2, 3}) add(number);
  add(5, "b");
  EXPECT_EQ(begun(), (std::vector{2, 5}));
  EXPECT_EQ(begun(), std::vector<int>{});
}

TEST_F(Trials, EndWhenSomethingCame) {
  auto& first = add(1);
  add(2);
  (void)begun();
  look(first, 100, {.messages = 1, .begun = 1, .answered = 0});
  pass(base::milliseconds(1));
  EXPECT_EQ(begun(), std::vector{2});
}

TEST_F(Trials, EndWhenNothingIsSaid) {
  auto& first = add(1);
  add(2);
  (void)begun();
  first.has_more = true;
  pass(ConnectionTable::kQuietMax);
  EXPECT_EQ(begun(), std::vector<int>{}) << "gRPC has not read it yet";
  first.has_more = false;
  first.heard = now;
  pass(ConnectionTable::kQuietMax + base::microseconds(-1));
  EXPECT_EQ(begun(), std::vector<int>{}) << "it was heard just now";
  pass(base::microseconds(1));
  EXPECT_EQ(first.stage, Stage::kSettled);
  EXPECT_EQ(begun(), std::vector{2});
}

TEST_F(Trials, EndInTime) {
  auto& talker = add(1);
  (void)begun();
  talker.has_more = true;
  pass(ConnectionTable::kTrialMax + base::microseconds(-1));
  EXPECT_EQ(talker.stage, Stage::kOnTrial);
  pass(base::microseconds(1));
  EXPECT_EQ(talker.stage, Stage::kSettled);
}

TEST_F(Trials, DoNotEndBeforeTheyBegin) {
  add(1).awaits_hand_over = true;
  add(2);
  EXPECT_EQ(begun(), (std::vector<int>{1}));
  pass(ConnectionTable::kTrialMax);
  EXPECT_TRUE(begun().empty());
  table.find("a", 1)->awaits_hand_over = false;
  pass(ConnectionTable::kTrialMax);
  EXPECT_EQ(begun(), (std::vector<int>{2}));
}

TEST_F(Trials, AreNotForTheRefused) {
  const auto count = static_cast<int>(ConnectionTable::kRefusedMax);
  auto& owned = add(1, "a", Stage::kOnTrial);
  for (int number = 2; number <= count + 2; ++number) add(number);
  auto& other = add(100, "b");
  table.refuse("a", now);
  EXPECT_EQ(owned.stage, Stage::kOnTrial);
  EXPECT_EQ(other.stage, Stage::kWaiting);
  const auto first_end = table.find("a", 2)->held_until;
  EXPECT_EQ(first_end, now + ConnectionTable::kRefusedFor);
  EXPECT_EQ(table.find("a", static_cast<std::uint64_t>(count) + 2)->held_until, now)
      << "no more are kept than that";
  now = now + base::milliseconds(500);
  table.refuse("a", now);
  EXPECT_EQ(table.find("a", 2)->held_until, first_end) << "another one refused changes nothing";
  EXPECT_EQ(begun(), std::vector{100});
}

TEST_F(Trials, StrangersOfOneSourceAreBoundedTogether) {
  constexpr std::uint64_t kEach = 100;
  for (const int number : {1, 2, 3}) {
    look(add(number, "a", Stage::kSettled), 1'000, {.messages = 0, .begun = kEach, .answered = 0});
    look(add(10 + number, "b", Stage::kSettled), 1'000,
         {.messages = 1, .begun = kEach, .answered = 0});
  }
  EXPECT_EQ(excessive(), std::vector<int>{});
  look(add(4, "a", Stage::kSettled), 1'000, {.messages = 0, .begun = kEach + 9, .answered = 0});
  look(add(14, "b", Stage::kSettled), 1'000, {.messages = 1, .begun = kEach + 9, .answered = 0});
  EXPECT_EQ(excessive(), std::vector{4}) << "the greediest is enough, and b's have been useful";
  now = now + base::seconds(1);
  EXPECT_EQ(excessive(), std::vector<int>{}) << "forgiven";
}

TEST_F(Trials, BytesOfStrangersAreBoundedTogether) {
  look(add(1, "a", Stage::kSettled), kUnusedMax, {.messages = 0, .begun = 1, .answered = 0});
  look(add(2, "a", Stage::kSettled), kUnusedMax, {.messages = 0, .begun = 1, .answered = 0});
  EXPECT_EQ(excessive(), std::vector<int>{});
  look(add(3, "a", Stage::kSettled), 10'000, {.messages = 0, .begun = 1, .answered = 0});
  EXPECT_EQ(excessive(), std::vector{1});
}

TEST_F(Trials, AllOfOneSourceAreBoundedTogether) {
  for (int number = 1; number <= 9; ++number) {
    auto& connection = add(number, "a", Stage::kSettled);
    look(connection, 0, {.messages = 1, .begun = 1, .answered = 1});
    look(connection, kUnusedMax - 1'000, {.messages = 1, .begun = 2, .answered = 1});
    EXPECT_EQ(excessive(), number <= 8 ? std::vector<int>{} : std::vector{1});
  }
}

TEST(ConnectionTable, AmongEqualsTheNewcomerGives) {
  ConnectionTable table{2};
  table.add({1, 0, "a"});
  table.add({2, 0, "c"});
  EXPECT_TRUE(table.turns_away("b"));
  table.add({3, 0, "b"});
  EXPECT_EQ(table.evict("b").descriptor, 3);
}

TEST(ConnectionTable, ForgetsWhatIsClosed) {
  ConnectionTable table{3};
  for (const int descriptor : {1, 2}) table.add({descriptor, 0, "a"});
  table.add({3, 0, "b"});
  table.sweep([](const Connection& connection) { return connection.descriptor != 2; });
  EXPECT_EQ(table.size(), 1U);
  table.add({4, 0, "b"});
  EXPECT_EQ(table.evict("b").descriptor, 4);
  EXPECT_EQ(table.evict("a").descriptor, 2);
}

}  // namespace
}  // namespace peerpay::net
