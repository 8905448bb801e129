#include <gtest/gtest.h>

#include <string_view>

#include "api/client/http_client.h"

namespace peerpay::http {
namespace {

// First and last address of every forbidden network.
constexpr std::string_view kForbidden[] = {
    "0.0.0.0",
    "0.255.255.255",
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.127.255.255",
    "127.0.0.0",
    "127.0.0.1",
    "127.255.255.255",
    "168.63.129.16",
    "169.254.0.0",
    "169.254.169.254",
    "169.254.255.255",
    "172.16.0.0",
    "172.31.255.255",
    "192.0.0.0",
    "192.0.0.255",
    "192.0.2.0",
    "192.0.2.255",
    "192.88.99.0",
    "192.88.99.255",
    "192.168.0.0",
    "192.168.255.255",
    "198.18.0.0",
    "198.19.255.255",
    "198.51.100.0",
    "198.51.100.255",
    "203.0.113.0",
    "203.0.113.255",
    "224.0.0.0",
    "239.255.255.255",
    "240.0.0.0",
    "255.255.255.255",
    "::",
    "::1",
    "::2",
    "::8.8.8.8",
    "::127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:10.0.0.1",
    "::ffff:0:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "64:ff9b::",
    "64:ff9b:1::1",
    "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
    "100::",
    "100::ffff:ffff:ffff:ffff",
    "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001::",
    "2001::1",
    "2001:0:4136:e378::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db8::",
    "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "2002::",
    "2002:808:808::1",
    "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff::",
    "3fff:fff::1",
    "4000::",
    "5f00::1",
    "fc00::",
    "fd00:ec2::254",
    "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
};
// Their neighbours outside.
constexpr std::string_view kAllowed[] = {
    "1.0.0.0",          "8.8.8.8",
    "9.255.255.255",    "11.0.0.0",
    "100.63.255.255",   "100.128.0.0",
    "126.255.255.255",  "128.0.0.0",
    "168.63.129.15",    "168.63.129.17",
    "169.253.255.255",  "169.255.0.0",
    "172.15.255.255",   "172.32.0.0",
    "191.255.255.255",  "192.0.1.0",
    "192.0.1.255",      "192.0.3.0",
    "192.88.98.255",    "192.88.100.0",
    "192.167.255.255",  "192.169.0.0",
    "198.17.255.255",   "198.20.0.0",
    "198.51.99.255",    "198.51.101.0",
    "203.0.112.255",    "203.0.114.0",
    "223.255.255.255",  "2000::",
    "2001:200::",       "2001:4860:4860::8888",
    "2001:db7:ffff::1", "2001:db9::1",
    "2001:ffff::1",     "2003::1",
    "2606:4700::1111",  "3ffe:ffff::1",
    "3fff:1000::1",     "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
};

TEST(Reach, PublicIsGlobalUnicastOnly) {
  for (const auto address : kForbidden) {
    EXPECT_FALSE(is_reachable(Reach::kPublic, address)) << address;
  }
  for (const auto address : kAllowed) EXPECT_TRUE(is_reachable(Reach::kPublic, address)) << address;
}

TEST(Reach, DevelopmentAddsLoopbackAlone) {
  for (const auto address : {"127.0.0.1", "127.9.9.9", "::1", "8.8.8.8"}) {
    EXPECT_TRUE(is_reachable(Reach::kPublicAndLoopback, address)) << address;
  }
  for (const auto address : {"10.0.0.1", "169.254.169.254", "::2", "::ffff:127.0.0.1", "fe80::1"}) {
    EXPECT_FALSE(is_reachable(Reach::kPublicAndLoopback, address)) << address;
  }
}

TEST(Reach, TheUserMayNameAnyAddress) {
  for (const auto address : {"10.0.0.1", "127.0.0.1", "fe80::1", "::"}) {
    EXPECT_TRUE(is_reachable(Reach::kAny, address)) << address;
  }
}

TEST(Reach, OnlyWhatInetPtonTakesIsAnAddress) {
  using namespace std::string_view_literals;
  for (const auto text :
       {""sv, "localhost"sv, "8.8.8"sv, "134744072"sv, "0x8.8.8.8"sv, "08.8.8.8"sv, "8.8.8.8 "sv,
        "8.8.8.8\0"sv, "2606:4700::1111%eth0"sv, "fe80::1%1"sv, "[::1]"sv}) {
    for (const auto reach : {Reach::kPublic, Reach::kPublicAndLoopback, Reach::kAny}) {
      EXPECT_FALSE(is_reachable(reach, text)) << text;
    }
  }
}

}  // namespace
}  // namespace peerpay::http
