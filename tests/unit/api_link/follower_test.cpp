#include "api/link/follower.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>

#include "tests/support/api/practice_link.h"
#include "tests/unit/api_link/chain_fixture.h"

namespace peerpay::api {
namespace {

namespace asio = boost::asio;
using test::PracticeChain;
using test::PracticeLink;
using test::uncertified;

class FollowerTest : public testing::Test {
 public:
  FollowerTest() { node_.genesis_hash = chain_.tip().block; }
  ~FollowerTest() override {
    if (!follower_) return;
    follower_->stop();
    node_.is_up = false;
    node_.news();
    loop_.run();
  }

 protected:
  void start(std::optional<ChainPoint> from) {
    follower_ = std::make_unique<Follower>(
        node_, BlockVerifier{chain_.genesis(), chain_.chain()}, from,
        [this](const ChainPoint& point) -> Task<bool> {
          anchors_.push_back(point.height.value);
          co_return true;
        },
        [this](const std::vector<FollowedBlock>& blocks) -> Task<bool> {
          for (const auto& block : blocks) taken_.push_back(block.block.header.height.value);
          co_return sink_works_;
        });
    asio::co_spawn(loop_, follower_->run(), asio::detached);
  }
  // Lets everything happen that can, until it holds.
  template <class Condition>
  bool eventually(Condition holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!holds() && std::chrono::steady_clock::now() < until) {
      loop_.restart();
      loop_.run_for(std::chrono::milliseconds{5});
    }
    return holds();
  }
  bool takes(const std::vector<std::uint64_t>& heights) {
    return eventually([&] { return taken_ == heights; });
  }
  void add(proto::FinalizedBlock block) {
    node_.blocks.push_back(std::move(block));
    node_.news();
  }

  asio::io_context loop_{1};
  PracticeChain chain_;
  PracticeLink node_{loop_};
  std::unique_ptr<Follower> follower_;
  std::vector<std::uint64_t> anchors_;
  std::vector<std::uint64_t> taken_;
  bool sink_works_ = true;
};

TEST_F(FollowerTest, BeginsAtTheNewestBlockAndTakesEachOnce) {
  for (int i = 0; i < 3; ++i) add(chain_.heartbeat());
  start(std::nullopt);
  ASSERT_TRUE(eventually([&] { return follower_->is_following(); }));
  EXPECT_EQ(anchors_, std::vector<std::uint64_t>{3});
  add(chain_.pay(0, 1));
  add(chain_.pay(0, 1));
  EXPECT_TRUE(takes({4, 5}));
  EXPECT_EQ(follower_->point(), chain_.tip());
  EXPECT_TRUE(follower_->trouble().empty());
}

TEST_F(FollowerTest, BeginsWithTheGenesisOfANewNetwork) {
  start(std::nullopt);
  ASSERT_TRUE(eventually([&] { return follower_->is_following(); }));
  EXPECT_EQ(anchors_, std::vector<std::uint64_t>{0});
  add(chain_.heartbeat());
  EXPECT_TRUE(takes({1}));
}

// Height 0 has no certificate: a node could name any block and any time as the first.
TEST_F(FollowerTest, AnotherGenesisIsNotBegunWith) {
  node_.genesis_hash.bytes[0] ^= 1U;
  start(std::nullopt);
  ASSERT_TRUE(
      eventually([&] { return follower_->trouble().find("genesis") != std::string::npos; }));
  EXPECT_TRUE(anchors_.empty());
  EXPECT_FALSE(follower_->point().has_value());
  node_.genesis_hash = chain_.tip().block;
  ASSERT_TRUE(eventually([&] { return follower_->is_following(); }));
  EXPECT_EQ(follower_->point(), chain_.tip());
}

// What a dead connection does when nobody closes it.
TEST_F(FollowerTest, ASilentNodeIsNoticedAndAskedAgain) {
  start(std::nullopt);
  ASSERT_TRUE(eventually([&] { return follower_->is_following(); }));
  add(chain_.heartbeat());
  ASSERT_TRUE(takes({1}));
  node_.is_silent = true;
  node_.news();
  ASSERT_TRUE(eventually([&] { return !follower_->is_following(); }));
  EXPECT_EQ(follower_->trouble(), "The node has gone silent.");
  add(chain_.heartbeat());
  node_.is_silent = false;
  EXPECT_TRUE(takes({1, 2}));
  EXPECT_GE(node_.subscriptions, 2);
  for (const auto patience : node_.patience_seen) {
    EXPECT_EQ(patience, silence_max(chain_.genesis()));
  }
}

TEST(SilenceMax, IsAFewHeartbeatsButNotLessThanAConnectionNeeds) {
  auto genesis = ledger::test::test_genesis();
  genesis.consensus.heartbeat_interval_ms = 10'000;
  EXPECT_EQ(silence_max(genesis), base::seconds(30));
  genesis.consensus.heartbeat_interval_ms = 1'000;
  EXPECT_EQ(silence_max(genesis), base::seconds(15));
}

TEST_F(FollowerTest, GoesOnWhereItStoppedAlsoWhenBlocksCameMeanwhile) {
  add(chain_.heartbeat());
  const auto point = chain_.tip();
  add(chain_.pay(0, 1));
  add(chain_.pay(0, 1));
  start(point);
  EXPECT_TRUE(takes({2, 3}));
  EXPECT_TRUE(anchors_.empty());
}

TEST_F(FollowerTest, ANodeWithAnotherBlockAtTheSameHeightIsNotFollowed) {
  add(chain_.heartbeat());
  auto elsewhere = chain_.tip();
  elsewhere.block = ledger::BlockHash{};
  start(elsewhere);
  EXPECT_TRUE(
      eventually([&] { return follower_->trouble().find("another block") != std::string::npos; }));
  EXPECT_FALSE(follower_->is_following());
  EXPECT_TRUE(taken_.empty());
}

TEST_F(FollowerTest, ALostConnectionLosesNoBlock) {
  start(std::nullopt);
  ASSERT_TRUE(eventually([&] { return follower_->is_following(); }));
  add(chain_.heartbeat());
  ASSERT_TRUE(takes({1}));
  node_.is_up = false;
  node_.news();
  ASSERT_TRUE(eventually([&] { return !follower_->is_following(); }));
  EXPECT_EQ(follower_->trouble(), "The node is down.");
  add(chain_.heartbeat());
  node_.is_up = true;
  EXPECT_TRUE(takes({1, 2}));
}

TEST_F(FollowerTest, WaitsForTheCertificateAcrossALostConnection) {
  start(std::nullopt);
  ASSERT_TRUE(eventually([&] { return follower_->is_following(); }));
  add(uncertified(chain_.heartbeat()));
  node_.is_up = false;
  node_.news();
  ASSERT_TRUE(eventually([&] { return !follower_->is_following(); }));
  EXPECT_TRUE(taken_.empty());
  add(chain_.heartbeat());
  node_.is_up = true;
  EXPECT_TRUE(takes({1, 2}));
}

TEST_F(FollowerTest, AForgedBlockIsNotTakenAndAskedForAgain) {
  start(std::nullopt);
  ASSERT_TRUE(eventually([&] { return follower_->is_following(); }));
  const auto good = chain_.heartbeat();
  auto forged = good;
  forged.certificate.back() ^= 1U;
  add(forged);
  ASSERT_TRUE(eventually([&] { return node_.subscriptions > 1; }));
  EXPECT_TRUE(taken_.empty());
  EXPECT_FALSE(follower_->is_following());
  node_.blocks.back() = good;
  EXPECT_TRUE(takes({1}));
}

TEST_F(FollowerTest, EndsWhenTheSinkCannotGoOn) {
  start(std::nullopt);
  ASSERT_TRUE(eventually([&] { return follower_->is_following(); }));
  sink_works_ = false;
  add(chain_.heartbeat());
  add(chain_.heartbeat());
  ASSERT_TRUE(eventually([&] { return !follower_->is_following(); }));
  EXPECT_EQ(taken_, std::vector<std::uint64_t>{1});
  EXPECT_EQ(follower_->point()->height.value, 0U);
}

TEST_F(FollowerTest, TellsWhenAHeightIsReached) {
  start(std::nullopt);
  ASSERT_TRUE(eventually([&] { return follower_->is_following(); }));
  std::optional<bool> reached;
  std::optional<bool> missed;
  const auto ask = [&](std::uint64_t height, base::Duration patience, std::optional<bool>& out) {
    asio::co_spawn(
        loop_,
        [](Follower& follower, ledger::Height at, base::Duration wait,
           std::optional<bool>& result) -> Task<void> {
          result = co_await follower.reach(at, wait);
        }(*follower_, ledger::Height{height}, patience, out),
        asio::detached);
  };
  ask(1, base::seconds(60), reached);
  ask(9, base::milliseconds(20), missed);
  ASSERT_TRUE(eventually([&] { return missed.has_value(); }));
  EXPECT_FALSE(*missed);
  EXPECT_FALSE(reached.has_value());
  add(chain_.heartbeat());
  ASSERT_TRUE(eventually([&] { return reached.has_value(); }));
  EXPECT_TRUE(*reached);
}

}  // namespace
}  // namespace peerpay::api
