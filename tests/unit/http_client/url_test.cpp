#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "api/client/http_client.h"

namespace peerpay::http {
namespace {

struct Good {
  std::string_view text;
  bool is_tls;
  std::string_view host;
  std::uint16_t port;
  std::string_view target;
  std::string_view origin;
};

TEST(Url, IsTakenApart) {
  const Good cases[] = {
      {"https://shop.example", true, "shop.example", 443, "/", "https://shop.example"},
      {"HTTPS://Shop.EXAMPLE/", true, "shop.example", 443, "/", "https://shop.example"},
      {"https://shop.example:443/a", true, "shop.example", 443, "/a", "https://shop.example"},
      {"https://shop.example:8443/a/b?c=d&e=%20", true, "shop.example", 8443, "/a/b?c=d&e=%20",
       "https://shop.example:8443"},
      {"http://shop.example?x", false, "shop.example", 80, "/?x", "http://shop.example"},
      {"http://localhost:1", false, "localhost", 1, "/", "http://localhost:1"},
      {"http://127.0.0.1:65535/", false, "127.0.0.1", 65535, "/", "http://127.0.0.1:65535"},
      {"https://[2001:DB8:0::1]:444/x", true, "2001:db8::1", 444, "/x",
       "https://[2001:db8::1]:444"},
      {"https://[::ffff:127.0.0.1]/", true, "::ffff:127.0.0.1", 443, "/",
       "https://[::ffff:127.0.0.1]"},
      {"https://xn--bcher-kva.example/", true, "xn--bcher-kva.example", 443, "/",
       "https://xn--bcher-kva.example"},
      {"https://1.example/@:!$&'()*+,;=~._-", true, "1.example", 443, "/@:!$&'()*+,;=~._-",
       "https://1.example"},
      {"https://0xg.example.a0x1/", true, "0xg.example.a0x1", 443, "/", "https://0xg.example.a0x1"},
  };
  for (const auto& good : cases) {
    const auto url = parse_url(good.text);
    ASSERT_TRUE(url) << good.text << ": " << url.error();
    EXPECT_EQ(url->is_tls, good.is_tls) << good.text;
    EXPECT_EQ(url->host, good.host) << good.text;
    EXPECT_EQ(url->port, good.port) << good.text;
    EXPECT_EQ(url->target, good.target) << good.text;
    EXPECT_EQ(url->origin(), good.origin) << good.text;
  }
}

using namespace std::string_view_literals;
constexpr std::string_view kRefused[] = {
    "",
    "https",
    "https:/",
    "https://",
    "shop.example",
    "//shop.example/",
    "ftp://shop.example/",
    "file:///etc/passwd",
    "javascript://shop.example/",
    "gopher://a/",
    " https://shop.example",
    "https://shop.example ",
    "https://shop.example/a b",
    "https://shop.example/\r\nX: y",
    "https://shop.example/\0"sv,
    "https://shop\0.example/"sv,
    "https://[::1\0]/"sv,
    "https://shop.example/\x7f",
    "https://shop.example/\t",
    "https://user@shop.example/",
    "https://user:secret@shop.example/",
    "https://@shop.example/",
    "https://good.example@127.0.0.1/",
    "https://shop.example\\@127.0.0.1/",
    "https://shop.example/#a",
    "https://shop.example#",
    "https://shop.example/?a#b",
    "https://b\xc3\xbc\x63her.example/",
    "https://shop.example/\xc3\xbc",
    "https://shop%2eexample/",
    "https://127%2e0.0.1/",
    "https://shop_1.example/",
    "https://-shop.example/",
    "https://shop-.example/",
    "https://shop..example/",
    "https://.shop.example/",
    "https://shop.example./",
    "https://!/",
    "https://shop.example:/",
    "https://shop.example:0/",
    "https://shop.example:00443/",
    "https://shop.example:65536/",
    "https://shop.example:+1/",
    "https://shop.example:-1/",
    "https://shop.example:1:2/",
    "https://shop.example:44a/",
    "https://shop.example:99999999999999999999/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://0x7f.0.0.1/",
    "https://127.0.0.0x1/",
    "https://127.0.0.256/",
    "https://1.2.3.4.5/",
    "https://127.0.0.01/",
    "https://example.1/",
    "https://example.0x/",
    "https://0/",
    "https://[::1/",
    "https://::1/",
    "https://[::1]x/",
    "https://[::1]]/",
    "https://[]/",
    "https://[127.0.0.1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[v1.a]/",
    "https://[:::1]/",
    "https://shop.example/%",
    "https://shop.example/%2",
    "https://shop.example/%zz",
    "https://shop.example/<a>",
    "https://shop.example/\"",
    "https://shop.example/\\",
    "https://shop.example/[",
    "https://shop.example/^`{|}",
};

TEST(Url, WhatReadersTakeDifferentlyIsRefused) {
  for (const auto text : kRefused) EXPECT_FALSE(parse_url(text)) << text;
}

TEST(Url, IsBounded) {
  const std::string begin = "https://shop.example/";
  EXPECT_TRUE(parse_url(begin + std::string(kUrlBytesMax - begin.size(), 'a')));
  EXPECT_FALSE(parse_url(begin + std::string(kUrlBytesMax - begin.size() + 1, 'a')));
  const std::string label(63, 'a');
  const auto longest = label + "." + label + "." + label + "." + std::string(61, 'a');
  EXPECT_TRUE(parse_url("https://" + longest));
  EXPECT_FALSE(parse_url("https://" + longest + "a"));
  EXPECT_FALSE(parse_url("https://" + label + "a.example"));
}

}  // namespace
}  // namespace peerpay::http
