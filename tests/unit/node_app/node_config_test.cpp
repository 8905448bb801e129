#include "node/app/node_config.h"

#include <gtest/gtest.h>

namespace peerpay::app {
namespace {

std::string error_of(const std::string& text) {
  const auto config = parse_node_config(text, "node.toml");
  return config ? "" : config.error();
}

TEST(NodeConfig, WhatIsPrintedReadsBack) {
  NodeConfig config;
  config.client_listen = "0.0.0.0:1";
  config.client_tls_certificate = "/etc/\"quoted\"/back\\slash/tab\there.pem";
  config.client_tls_key = "key.pem";
  config.verify_threads = 7;
  config.keep_history = false;
  config.log_level = "warn";
  const auto text = format_node_config(config);
  const auto read = parse_node_config(text, "printed");
  ASSERT_TRUE(read) << read.error() << "\n" << text;
  EXPECT_EQ(read->client_tls_certificate, config.client_tls_certificate);
  EXPECT_EQ(format_node_config(*read), text);
}

TEST(NodeConfig, UnknownKeysAndWrongTypesAreErrorsThatNameTheLine) {
  EXPECT_EQ(error_of("[client]\nlisten = \"127.0.0.1:1\"\n"), "");
  EXPECT_EQ(error_of("[client]\nlistn = \"127.0.0.1:1\"\n"),
            "node.toml:2: unknown key client.listn");
  EXPECT_EQ(error_of("\n[clients]\n"), "node.toml:2: unknown key clients");
  EXPECT_NE(error_of("[verify]\nthreads = \"2\"\n").find("node.toml:2: verify.threads"),
            std::string::npos);
}

TEST(NodeConfig, NumbersOutOfRangeAreErrorsThatNameNumberAndLine) {
  EXPECT_EQ(error_of("[verify]\nthreads = 65\n"),
            "node.toml:2: verify.threads is 65, which is not in 1 to 64 (workers for "
            "blocks, and as many for payments, 1 to 64)");
  for (const std::string line :
       {"bytes_max = 1", "transactions_max = 0", "operations_per_account_max = 1023"}) {
    const auto error = error_of("\n[mempool]\n" + line + "\n");
    const auto number = line.substr(line.find("= ") + 2);
    EXPECT_NE(error.find("node.toml:3: mempool."), std::string::npos) << error;
    EXPECT_NE(error.find(" is " + number + ", which is not in "), std::string::npos) << error;
  }
}

TEST(NodeConfig, PlaintextBeyondLoopbackIsRefused) {
  EXPECT_NE(error_of("[client]\nlisten = \"0.0.0.0:1\"\n"), "");
  EXPECT_NE(error_of("[client]\nlisten = \"node.example:1\"\n"), "");
  for (const std::string host : {"127.0.0.1", "127.1.2.3", "[::1]", "localhost"}) {
    EXPECT_EQ(error_of("[client]\nlisten = \"" + host + ":1\"\n"), "") << host;
  }
}

}  // namespace
}  // namespace peerpay::app
