#include "base/settings/settings.h"

#include <gtest/gtest.h>

namespace peerpay::settings {
namespace {

struct Config {
  std::optional<std::string> name;
  std::string listen = "127.0.0.1:1";
  std::uint32_t threads = 2;
  std::uint64_t bytes = 64;
  bool keeps = true;

  std::vector<Setting> settings() {
    return {{"", "name", "", &name},
            {"client", "listen", "host:port", &listen},
            {"client", "threads", "1 to 64", &threads, {1, 64}},
            {"store", "bytes", "", &bytes},
            {"store", "keeps", "", &keeps}};
  }
};

std::string error_of(std::string_view text) {
  Config config;
  const auto result = read(text, config.settings());
  return result ? "" : result.error().text("c.toml");
}

TEST(Settings, ReadsWhatItPrints) {
  Config config{"a \"b\" \\ \t\x7f", "[::1]:2", 7, 4'000'000'000, false};
  const auto text = print(config.settings());
  Config back;
  ASSERT_TRUE(read(text, back.settings())) << text;
  EXPECT_EQ(back.name, config.name);
  EXPECT_EQ(back.listen, "[::1]:2");
  EXPECT_EQ(back.threads, 7U);
  EXPECT_EQ(back.bytes, 4'000'000'000U);
  EXPECT_FALSE(back.keeps);
  EXPECT_EQ(print(back.settings()), text);
}

TEST(Settings, PrintsCommentsAndLeavesOutWhatIsNotSet) {
  Config config;
  EXPECT_EQ(print(config.settings()),
            "[client]\n# host:port\nlisten = \"127.0.0.1:1\"\n# 1 to 64\nthreads = 2\n"
            "\n[store]\nbytes = 64\nkeeps = true\n");
}

TEST(Settings, WhatTheFileDoesNotNameStays) {
  Config config;
  ASSERT_TRUE(read("[store]\nbytes = 5\n", config.settings()));
  EXPECT_EQ(config.bytes, 5U);
  EXPECT_EQ(config.threads, 2U);
  EXPECT_FALSE(config.name.has_value());
}

TEST(Settings, ErrorsNameLineAndKey) {
  EXPECT_EQ(error_of("[client]\nlistn = \"x\"\n"), "c.toml:2: unknown key client.listn");
  EXPECT_EQ(error_of("\n[clients]\n"), "c.toml:2: unknown key clients");
  EXPECT_EQ(error_of("client = 3\n"), "c.toml:1: unknown key client");
  EXPECT_EQ(error_of("[name]\nx = 1\n"), "c.toml:1: name is no text");
  EXPECT_EQ(error_of("[client]\nthreads = \"2\"\n"),
            "c.toml:2: client.threads is not a whole number (1 to 64)");
  EXPECT_EQ(error_of("[client]\nthreads = 65\n"),
            "c.toml:2: client.threads is 65, which is not in 1 to 64 (1 to 64)");
  for (const auto* number : {"-1", "1.0", "4294967296", "true"}) {
    EXPECT_NE(error_of(std::string{"[store]\nbytes = "} + number + "\n"), "") << number;
  }
  EXPECT_NE(error_of("[store]\nkeeps = 1\n"), "");
  EXPECT_EQ(error_of("a = \n").substr(0, 9), "c.toml:1:");
  EXPECT_NE(error_of("name = \"a\"\nname = \"b\"\n"), "");
}

}  // namespace
}  // namespace peerpay::settings
