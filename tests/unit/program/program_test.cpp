// What peerpayd and peerpay-gateway share as programs.

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "base/program/first_failure.h"
#include "base/program/log.h"
#include "base/program/usage.h"

namespace peerpay::program {
namespace {

std::string told_of(const std::vector<const char*>& arguments) {
  CLI::App app{"A program", "program"};
  app.require_subcommand(1);
  std::string home;
  app.add_subcommand("run", "Runs")->add_option("--home", home)->required();
  std::vector<const char*> words{"program"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const auto count = static_cast<int>(words.size());
  try {
    app.parse(count, words.data());
  } catch (const CLI::ParseError& error) {
    return usage_sentence(app, count, words.data(), error);
  }
  return {};
}

TEST(Usage, NamesACommandThatThereIsNot) {
  EXPECT_EQ(told_of({"rum", "--home", "x"}),
            "There is no command \"rum\"; run with --help for more.");
}

TEST(Usage, ElseSaysWhatTheParserSays) {
  EXPECT_EQ(told_of({"run"}), "--home is required; run with --help for more.");
  EXPECT_EQ(told_of({}), "A subcommand is required; run with --help for more.");
  EXPECT_EQ(told_of({"--colour"}).find("There is no command"), std::string::npos);
  EXPECT_EQ(told_of({"run", "--home", "x"}), "");
}

TEST(FirstFailure, KeepsTheFirst) {
  FirstFailure<std::string> failed;
  EXPECT_FALSE(failed.get().has_value());
  failed.set("the disk is full");
  failed.set("no answer from the storage thread");
  EXPECT_EQ(failed.get(), "the disk is full");
}

TEST(Log, HasTheNameAndTheLevelThatWereAskedFor) {
  set_up_log("program", "warn");
  EXPECT_EQ(spdlog::default_logger()->name(), "program");
  EXPECT_TRUE(spdlog::should_log(spdlog::level::warn));
  EXPECT_FALSE(spdlog::should_log(spdlog::level::info));
}

}  // namespace
}  // namespace peerpay::program
