#include "node/net/loopback.h"

#include <gtest/gtest.h>

namespace peerpay::net {
namespace {

TEST(Loopback, IsThisMachineAlone) {
  for (const auto* address : {"127.0.0.1:80", "127.255.0.9:0", "localhost:1", "[::1]:26700"}) {
    EXPECT_TRUE(is_loopback(address)) << address;
  }
  for (const auto* address : {"0.0.0.0:80", "10.0.0.1:80", "128.0.0.1:80", "[::]:80", "127.0.0.1",
                              "127.evil.org:80", "127.0.0.1.evil.org:80", "localhost.evil.org:80",
                              "127.1:80", "unix:/tmp/socket", ":80", "ipv4:127.0.0.1:80", ""}) {
    EXPECT_FALSE(is_loopback(address)) << address;
  }
}

}  // namespace
}  // namespace peerpay::net
