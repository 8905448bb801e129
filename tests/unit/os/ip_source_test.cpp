#include "base/os/ip_source.h"

#include <gtest/gtest.h>

namespace peerpay::os {
namespace {

TEST(IpSource, IsAnIPv4Address) {
  EXPECT_EQ(ip_source("192.0.2.7"), "192.0.2.7");
  for (const auto* written : {"::ffff:192.0.2.7", "64:ff9b::192.0.2.7", "2002:c000:207:1::2"})
    EXPECT_EQ(ip_source(written), "192.0.2.7") << written;
}

// Whoever has one address of an IPv6 network has 2^64 of them.
TEST(IpSource, IsAnIPv6Network) {
  EXPECT_EQ(ip_source("2001:db8:0:1::2"), "2001:db8:0:1::/64");
  EXPECT_EQ(ip_source("2001:db8:0:1:ffff:ffff:ffff:ffff"), "2001:db8:0:1::/64");
  EXPECT_EQ(ip_source("2001:db8:0:2::2"), "2001:db8:0:2::/64");
  EXPECT_EQ(ip_source("fe80::1%eth0"), "fe80::/64");
  EXPECT_EQ(ip_source("::1"), "::/64");
}

TEST(IpSource, IsWhateverIsNoAddress) {
  EXPECT_EQ(ip_source(""), "");
  EXPECT_EQ(ip_source("somewhere"), "somewhere");
}

}  // namespace
}  // namespace peerpay::os
