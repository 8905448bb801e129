#include <gtest/gtest.h>

#include "api/resources/health.h"
#include "ledger/address.h"
#include "tests/unit/api_resources/resource_world.h"

namespace peerpay::api {
namespace {

using test::header_of;
using test::ResourceWorld;
using Stream = std::unique_ptr<http::EventSource>;

std::string opened_invoice(ResourceWorld& world) {
  static int key = 0;
  const auto payee = ledger::format_address(
      world.network.genesis.kind, {.account = ledger::test::test_account(3), .tag = std::nullopt});
  const auto made = world.post(
      "/v1/invoices", R"({"payee":")" + payee + R"(","amount":{"value":"1","asset":"USD"}})",
      std::to_string(++key));
  return Json::parsed(made.body)->member_text("id").value_or("");
}

http::Response stream_of(ResourceWorld& world, const std::string& id) {
  return world.get({.path = "/c/" + id + "/events", .api_key = ""});
}

// The next piece, when it comes without waiting.
std::optional<std::string> next_of(ResourceWorld& world, http::EventSource& source) {
  std::optional<std::string> out;
  boost::asio::co_spawn(
      world.loop,
      [](http::EventSource& from, std::optional<std::string>& piece) -> Task<void> {
        piece = co_await from.next();
      }(source, out),
      boost::asio::detached);
  world.loop.restart();
  world.loop.poll();
  return out;
}

Json shown(ResourceWorld& world, const std::string& id) {
  return world.json(
      {.path = "/c/" + id, .api_key = "", .headers = {{"Accept", "application/json"}}});
}

TEST(CheckoutStream, TellsTheEndAndStops) {
  ResourceWorld world;
  const auto id = opened_invoice(world);
  const auto stream = stream_of(world, id);
  ASSERT_NE(stream.events, nullptr);
  std::vector<std::string> pieces;
  boost::asio::co_spawn(
      world.loop,
      [](http::EventSource& source, std::vector<std::string>& out) -> Task<void> {
        for (auto piece = co_await source.next(); piece; piece = co_await source.next()) {
          out.push_back(*piece);
        }
      }(*stream.events, pieces),
      boost::asio::detached);
  ASSERT_EQ(world.post("/v1/invoices/" + id + "/void", "", "v").status, 200U);
  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_TRUE(pieces[0].starts_with("retry: 2000\n\nid: 1\nevent: status\ndata: {"));
  EXPECT_NE(pieces[0].find("\"status\":\"open\""), std::string::npos);
  EXPECT_TRUE(pieces[1].starts_with("id: 2\nevent: status\ndata: {"));
  EXPECT_NE(pieces[1].find("\"status\":\"void\""), std::string::npos);
  const auto again = world.get(
      {.path = "/c/" + id + "/events", .api_key = "", .headers = {{"Last-Event-ID", "2"}}});
  EXPECT_EQ(again.status, 204U);
}

TEST(CheckoutStream, OneInvoiceHasSoManyAtMost) {
  ResourceWorld world;
  const auto id = opened_invoice(world);
  std::vector<http::Response> open;
  for (std::size_t i = 0; i < InvoiceFeed::kWatchesOfInvoiceMax; ++i) {
    open.push_back(stream_of(world, id));
    ASSERT_EQ(open.back().status, 200U);
  }
  const auto refused = stream_of(world, id);
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.events, nullptr);
  EXPECT_EQ(header_of(refused, "Retry-After"), "30");
  EXPECT_EQ(Json::parsed(refused.body)->member_text("code"), "gateway_busy");
  EXPECT_EQ(stream_of(world, opened_invoice(world)).status, 200U) << "others are not touched";
  open.pop_back();
  EXPECT_EQ(stream_of(world, id).status, 200U) << "a place is free again";
}

TEST(CheckoutStream, AllTogetherAreBounded) {
  InvoiceFeed feed;
  std::vector<std::unique_ptr<InvoiceFeed::Watch>> open;
  InvoiceId id;
  for (std::size_t i = 0; i < InvoiceFeed::kWatchesMax; ++i) {
    id.bytes[0] = static_cast<std::uint8_t>(i / InvoiceFeed::kWatchesOfInvoiceMax);
    open.push_back(feed.watch(id));
    ASSERT_NE(open.back(), nullptr);
  }
  id.bytes[0] = 0xff;
  EXPECT_EQ(feed.watch(id), nullptr);
  open.clear();
  EXPECT_EQ(feed.watches(), 0U);
  EXPECT_NE(feed.watch(id), nullptr);
}

TEST(CheckoutStream, EndsAfterTenMinutes) {
  ResourceWorld world;
  const auto stream = stream_of(world, opened_invoice(world));
  EXPECT_TRUE(next_of(world, *stream.events).has_value());
  world.now.value += 600'000;
  std::optional<std::string> piece = "unset";
  boost::asio::co_spawn(
      world.loop,
      [](http::EventSource& from, std::optional<std::string>& out) -> Task<void> {
        out = co_await from.next();
      }(*stream.events, piece),
      boost::asio::detached);
  world.loop.restart();
  world.loop.poll();
  EXPECT_FALSE(piece.has_value());
}

TEST(CheckoutStream, TheTextIsMadeOncePerChange) {
  ResourceWorld world;
  int made = 0;
  world.objects.format_payment_uri = [&made](const wallet::PaymentRequest&) {
    ++made;
    return std::string{"peerpay:x"};
  };
  const auto id = opened_invoice(world);
  std::vector<http::Response> open;
  open.reserve(10);
  for (int i = 0; i < 10; ++i) open.push_back(stream_of(world, id));
  made = 0;
  for (auto& stream : open) EXPECT_TRUE(next_of(world, *stream.events).has_value());
  EXPECT_EQ(made, 1);
  const auto watch = world.feed.watch(*parse_invoice_id(id));
  ASSERT_NE(watch->news(), nullptr);
  world.feed.tell(*parse_invoice_id(id));
  EXPECT_EQ(watch->news(), nullptr) << "it has changed";
  for (auto& stream : open) EXPECT_TRUE(next_of(world, *stream.events).has_value());
  EXPECT_EQ(made, 2);
}

TEST(CheckoutSight, NobodyIsInvitedToPayWhatWouldNotBeSeen) {
  ResourceWorld world;
  const auto id = opened_invoice(world);
  EXPECT_TRUE(shown(world, id).member_text("payment_uri").has_value());
  EXPECT_EQ(shown(world, id).member("is_up_to_date")->serialized(), "true");
  world.sight = Sight::kBlind;
  const auto blind = shown(world, id);
  EXPECT_TRUE(blind.member("payment_uri")->is_null());
  EXPECT_EQ(blind.member("is_up_to_date")->serialized(), "false");
  EXPECT_EQ(blind.member_text("status"), "open");
  const auto page = world.get({.path = "/c/" + id, .api_key = ""}).body;
  EXPECT_NE(page.find("data-status=\"blind\""), std::string::npos);
  EXPECT_EQ(page.find("peerpay:"), std::string::npos);
}

TEST(CheckoutSight, AStreamThatIsNewSaysSoAlthoughAnOlderOneSaidElse) {
  ResourceWorld world;
  const auto id = opened_invoice(world);
  const auto first = stream_of(world, id);
  EXPECT_NE(next_of(world, *first.events)->find("\"is_up_to_date\":true"), std::string::npos);
  world.sight = Sight::kBlind;
  const auto second = stream_of(world, id);
  EXPECT_NE(next_of(world, *second.events)->find("\"is_up_to_date\":false"), std::string::npos);
}

TEST(Readiness, NeedsANodeAndANewBlock) {
  ResourceWorld world;
  EXPECT_FALSE(readiness_of(world.follower, world.now).is_ready()) << "no block yet";
  const ChainPoint point{ledger::Height{0}, {}, {1'000'000}};
  Follower follower{
      world.node, BlockVerifier{world.network.genesis, world.network.chain}, point, {}, {}};
  const auto newest = base::UnixMillis{point.timestamp.value + 30'000};
  EXPECT_TRUE(readiness_of(follower, newest).is_in_step);
  EXPECT_FALSE(readiness_of(follower, {newest.value + 1}).is_in_step);
  EXPECT_FALSE(readiness_of(follower, newest).is_ready()) << "not connected";
  boost::asio::co_spawn(world.loop, follower.run(), boost::asio::detached);
  world.loop.restart();
  world.loop.poll();
  EXPECT_TRUE(readiness_of(follower, newest).is_ready());
  EXPECT_FALSE(readiness_of(follower, {newest.value + 1}).is_ready());
  world.node.is_up = false;
  world.node.news();
  world.loop.poll();
  EXPECT_FALSE(readiness_of(follower, newest).is_ready());
  follower.stop();
  world.loop.poll();
}

}  // namespace
}  // namespace peerpay::api
