#include "api/app/gateway_config.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_directory.h"

namespace peerpay::api {
namespace {

GatewayConfig usable() {
  GatewayConfig config;
  config.data = "/var/lib/peerpay-gateway";
  return config;
}

std::string trouble_of(const GatewayConfig& config) {
  const auto checked = config.check();
  if (checked) return "";
  EXPECT_EQ(checked.error().code, ExitCode::kUsage);
  return checked.error().sentence;
}

TEST(GatewayConfig, DefaultsNeedADirectoryAlone) {
  EXPECT_EQ(trouble_of(usable()), "");
  EXPECT_NE(trouble_of(GatewayConfig{}), "");
}

// API keys must not travel in plain text.
TEST(GatewayConfig, ListensBeyondThisMachineOnlyBehindAProxy) {
  auto config = usable();
  for (const auto* address : {"0.0.0.0:80", "[::]:80", "10.1.2.3:8080", "shop.example:80"}) {
    config.listen = address;
    config.is_behind_proxy = false;
    EXPECT_NE(trouble_of(config).find("--behind-proxy"), std::string::npos) << address;
    config.is_behind_proxy = true;
    EXPECT_EQ(trouble_of(config), "") << address;
  }
}

TEST(GatewayConfig, SaysWhatMakesNoSense) {
  const auto trouble_with = [](auto GatewayConfig::*field, const std::string& value) {
    auto config = usable();
    config.*field = value;
    return trouble_of(config);
  };
  EXPECT_NE(trouble_with(&GatewayConfig::node, "nowhere"), "");
  EXPECT_NE(trouble_with(&GatewayConfig::node, "127.0.0.1:0"), "");
  EXPECT_NE(trouble_with(&GatewayConfig::listen, "8080"), "");
  EXPECT_NE(trouble_with(&GatewayConfig::log_level, "loud"), "");
  EXPECT_NE(trouble_with(&GatewayConfig::label, std::string(65, 'x')), "");
  for (const auto* label : {"a\nb", "\xc2\x9b[2J", "\xff"}) {
    EXPECT_NE(trouble_with(&GatewayConfig::label, label), "") << label;
  }
  EXPECT_EQ(trouble_with(&GatewayConfig::label, "Caf\xc3\xa9"), "");
  for (const auto* url : {"pay.shop.example", "https://pay.shop.example/",
                          "https://pay.shop.example/shop", "ftp://x", "https://a@b"}) {
    EXPECT_NE(trouble_with(&GatewayConfig::public_url, url), "") << url;
  }
  EXPECT_EQ(trouble_with(&GatewayConfig::public_url, "https://pay.shop.example:8443"), "");
}

TEST(GatewayConfig, OneAddressGetsNoMoreConnectionsThanThereAre) {
  auto config = usable();
  EXPECT_LT(config.connections_per_address_max, config.connections_max);
  config.connections_per_address_max = config.connections_max;
  EXPECT_EQ(trouble_of(config), "") << "behind a proxy all come from one";
  ++config.connections_per_address_max;
  EXPECT_NE(trouble_of(config), "");
}

TEST(GatewayConfig, WhatIsPrintedReadsBack) {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() + "/gateway.toml";
  auto config = usable();
  config.label = "Ada's \"Shop\"";
  config.allows_loopback_webhooks = true;
  config.connections_max = 300;
  config.connections_per_address_max = 200;
  std::ofstream{path} << format_config(config);
  GatewayConfig back;
  ASSERT_TRUE(read_config_file(path, back));
  EXPECT_EQ(format_config(back), format_config(config));
  std::ofstream{path, std::ios::app} << "\n[shop2]\n";
  const auto refused = read_config_file(path, back);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().sentence.find("unknown key shop2"), std::string::npos);
  EXPECT_FALSE(read_config_file(directory.path() + "/nothing.toml", back));
}

}  // namespace
}  // namespace peerpay::api
