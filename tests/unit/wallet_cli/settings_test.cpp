#include "wallet/cli/settings.h"

#include <gtest/gtest.h>

namespace peerpay::wallet::cli {
namespace {

Environment environment_with_home() {
  return {.peerpay_node = {}, .peerpay_home = {}, .xdg_data_home = {}, .home = "/users/ada"};
}

TEST(HomeDirectory, FlagsBeatTheEnvironment) {
  auto environment = environment_with_home();
  GlobalFlags flags;
  EXPECT_EQ(*home_directory(flags, environment), "/users/ada/.local/share/peerpay");
  environment.xdg_data_home = "/data";
  EXPECT_EQ(*home_directory(flags, environment), "/data/peerpay");
  environment.peerpay_home = "/wallets/a";
  EXPECT_EQ(*home_directory(flags, environment), "/wallets/a");
  flags.home = "/wallets/b";
  EXPECT_EQ(*home_directory(flags, environment), "/wallets/b");
}

TEST(HomeDirectory, EmptyVariablesAreNotSet) {
  auto environment = environment_with_home();
  environment.peerpay_home = "";
  environment.xdg_data_home = "";
  EXPECT_EQ(*home_directory({}, environment), "/users/ada/.local/share/peerpay");
  environment.home = std::nullopt;
  const auto nowhere = home_directory({}, environment);
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_EQ(nowhere.error().exit, ExitCode::kUsage);
}

TEST(NodeAddress, FlagsBeatTheEnvironmentBeatsTheConfig) {
  auto environment = environment_with_home();
  GlobalFlags flags;
  ConfigFile config;
  EXPECT_EQ(node_address(flags, environment, config).error().code, "node_unknown");
  config.node = "127.0.0.1:1";
  EXPECT_EQ(node_address(flags, environment, config)->endpoint.port, 1);
  environment.peerpay_node = "127.0.0.1:2";
  EXPECT_EQ(node_address(flags, environment, config)->endpoint.port, 2);
  flags.node = "127.0.0.1:3";
  EXPECT_EQ(node_address(flags, environment, config)->endpoint.port, 3);
  for (const auto* malformed : {"nonsense", "127.0.0.1:0"}) {
    flags.node = malformed;
    EXPECT_EQ(node_address(flags, environment, config).error().code, "node_malformed");
  }
}

TEST(Config, RoundTrips) {
  const ConfigFile config{.node = "127.0.0.1:7101", .tls_ca = "/etc/\"ca\".pem", .account = "main"};
  const auto back = parse_config(config_text(config), "config.toml");
  ASSERT_TRUE(back.has_value()) << back.error().message;
  EXPECT_EQ(back->node, config.node);
  EXPECT_EQ(back->tls_ca, config.tls_ca);
  EXPECT_EQ(back->account, config.account);
}

TEST(Config, UnknownAndMalformedSettingsAreErrors) {
  EXPECT_EQ(parse_config("\nnod = \"x\"\n", "c.toml").error().message,
            "c.toml:2: unknown key nod.");
  EXPECT_EQ(parse_config("node = 5\n", "c.toml").error().message,
            "c.toml:1: node is no text (HOST:PORT).");
  EXPECT_EQ(parse_config("node\n", "c.toml").error().code, "config_malformed");
  EXPECT_TRUE(parse_config("", "c.toml").has_value());
}

}  // namespace
}  // namespace peerpay::wallet::cli
