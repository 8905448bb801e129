#include "base/endpoint.h"

#include <gtest/gtest.h>

namespace peerpay::base {
namespace {

TEST(Endpoint, ReadsHostAndPort) {
  EXPECT_EQ(parse_endpoint("127.0.0.1:7101"), (Endpoint{"127.0.0.1", 7101}));
  EXPECT_EQ(parse_endpoint("[::1]:0"), (Endpoint{"::1", 0}));
  EXPECT_EQ(parse_endpoint("localhost:65535"), (Endpoint{"localhost", 65535}));
  EXPECT_EQ(parse_endpoint("node.example:443"), (Endpoint{"node.example", 443}));
  EXPECT_EQ(parse_endpoint("[2001:db8::1]:443"), (Endpoint{"2001:db8::1", 443}));
  EXPECT_EQ(parse_endpoint("[fe80::1%eth0]:443"), (Endpoint{"fe80::1%eth0", 443}));
  EXPECT_EQ(parse_endpoint("validator_0:26600"), (Endpoint{"validator_0", 26600}));
}

TEST(Endpoint, RefusesEverythingElse) {
  for (const auto* text :
       {"", ":", "host", "host:", ":1", "host:65536", "host:1x", "host:-1", "host:+1", "::1:1",
        "[::1]", "[]:1", "[host]:1", "http://host:1", "host/x:1", "a b:1", "unix:/tmp/socket"}) {
    EXPECT_FALSE(parse_endpoint(text).has_value()) << text;
  }
}

TEST(Endpoint, WritesWhatItReads) {
  for (const auto* text : {"127.0.0.1:80", "[::1]:26700", "node.example:443"}) {
    EXPECT_EQ(parse_endpoint(text)->text(), text);
  }
}

// What looks like this machine but is a name of someone else must not get plain text.
TEST(Endpoint, KnowsThisMachineOnlyByItsAddresses) {
  for (const auto* host : {"127.0.0.1", "127.255.1.2", "::1", "localhost"}) {
    EXPECT_TRUE((Endpoint{host, 1}).is_loopback()) << host;
  }
  for (const auto* host : {"127.evil.example", "127.0.0.1.evil.example", "localhost.evil.example",
                           "128.0.0.1", "0.0.0.0", "10.0.0.1", "127.0.0", "127.1", "127.0.0.256",
                           "127.0.0.01", "0177.0.0.1", "127.0.0.1.", "::", "::2", ""}) {
    EXPECT_FALSE((Endpoint{host, 1}).is_loopback()) << host;
  }
}

}  // namespace
}  // namespace peerpay::base
