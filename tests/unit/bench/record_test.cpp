#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <string>

#include "base/json/json.h"
#include "bench/run_record.h"
#include "bench/temporary_home.h"

namespace peerpay::bench {
namespace {

Report figures(std::uint64_t throughput) {
  Report out;
  out.add("transactions_per_second", throughput);
  out.add("history", "on");
  out.add("rss", Report::Figures{{"validator-0", throughput + 1}, {"name", "text"}});
  return out;
}

TEST(RunRecord, IsALineForEachRunWithAllThatIsNeededToJudgeIt) {
  const auto home = TemporaryHome::create();
  ASSERT_TRUE(home);
  const auto path = home->path() + "/record.jsonl";
  ASSERT_EQ(::setenv("PEERPAY_COMMIT", "abc123", 1), 0);
  const auto origin = read_origin("peerpay-bench network --hot \"5\"");
  ASSERT_EQ(::unsetenv("PEERPAY_COMMIT"), 0);
  ASSERT_TRUE(append_record(path, with_origin(origin, figures(7))));
  ASSERT_TRUE(append_record(path, with_origin(origin, figures(9))));

  std::ifstream file{path};
  std::string line;
  for (const std::uint64_t expected : {7u, 9u}) {
    ASSERT_TRUE(std::getline(file, line));
    const auto record = json::Json::parsed(line);
    ASSERT_TRUE(record) << line;
    EXPECT_EQ(record->member_text("command"), "peerpay-bench network --hot \"5\"");
    EXPECT_EQ(record->member_text("commit"), "abc123");
    EXPECT_GT(record->member_number("at_unix_ms").value_or(0), 1'700'000'000'000u);
    const auto* machine = record->member("machine");
    ASSERT_NE(machine, nullptr);
    EXPECT_GT(machine->member_number("cores").value_or(0), 0u);
    EXPECT_GT(machine->member_number("memory_bytes").value_or(0), 0u);
    EXPECT_NE(machine->member_text("kernel").value_or(""), "");
    EXPECT_EQ(record->member_number("transactions_per_second"), expected);
  }
  EXPECT_FALSE(std::getline(file, line));
}

TEST(RunRecord, SaysThatNobodyNamedTheCommit) {
  ASSERT_EQ(::unsetenv("PEERPAY_COMMIT"), 0);
  EXPECT_EQ(read_origin("").commit, "unknown");
}

TEST(RunRecord, AFileThatCanNotBeWrittenIsAFailure) {
  EXPECT_FALSE(append_record("/nonexistent/record.jsonl", figures(1)));
}

TEST(Medians, AreTakenFieldByField) {
  const auto medians = medians_of({figures(30), figures(10), figures(20)});
  EXPECT_EQ(medians.number("transactions_per_second"), 20);
  EXPECT_EQ(medians.to_json(),
            "{\"transactions_per_second\":20,\"history\":\"on\","
            "\"rss\":{\"validator-0\":21,\"name\":\"text\"}}\n");
}

TEST(Medians, OfTwoIsTheLowerAndOfOneItself) {
  EXPECT_EQ(medians_of({figures(30), figures(10)}).number("transactions_per_second"), 10);
  EXPECT_EQ(medians_of({figures(30)}).to_json(), figures(30).to_json());
}

TEST(Medians, LeaveOutWhatARunLacks) {
  Report lacking;
  lacking.add("history", "off");
  EXPECT_EQ(medians_of({figures(30), lacking, figures(10)}).number("transactions_per_second"), 10);
}

}  // namespace
}  // namespace peerpay::bench
