#include "api/link/node_gate.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "tests/support/api/practice_link.h"

namespace peerpay::api {
namespace {

class NodeGateTest : public testing::Test {
 protected:
  NodeGateTest() { node_.status_said.emplace(); }

  // The fault of a submission; nothing when it was answered.
  std::optional<proto::NodeFault> fault_of_submission() {
    std::optional<proto::NodeFault> out;
    const auto submit = [](NodeGate& gate, std::optional<proto::NodeFault>& fault) -> Task<void> {
      const auto answer = co_await gate.submit(base::Bytes{});
      if (!answer) fault = answer.error().fault;
    };
    boost::asio::co_spawn(loop_, submit(gate_, out), boost::asio::detached);
    loop_.restart();
    loop_.run();
    return out;
  }
  std::optional<proto::NodeFault> refusal() const {
    const auto refused = gate_.refusal();
    return refused ? std::optional{refused->fault} : std::nullopt;
  }

  boost::asio::io_context loop_{1};
  test::PracticeLink node_{loop_};
  bool is_proven_ = true;
  NodeGate gate_{node_, [this] { return is_proven_; }, 1};
};

TEST_F(NodeGateTest, ANodeThatIsNotProvenIsNotAsked) {
  is_proven_ = false;
  EXPECT_EQ(fault_of_submission(), proto::NodeFault::kUnreachable);
  EXPECT_TRUE(node_.submitted.empty());
  is_proven_ = true;
  EXPECT_EQ(fault_of_submission(), std::nullopt);
  EXPECT_EQ(node_.submitted.size(), 1U);
}

TEST_F(NodeGateTest, CallsAreCountedUntilTheyAreAnswered) {
  std::optional<proto::NodeFault> meanwhile;
  node_.on_submit = [&] { meanwhile = refusal(); };
  EXPECT_EQ(fault_of_submission(), std::nullopt);
  EXPECT_EQ(meanwhile, proto::NodeFault::kBusy);
  EXPECT_EQ(refusal(), std::nullopt);
  node_.status_said.reset();  // a failure is an answer too
  EXPECT_EQ(fault_of_submission(), proto::NodeFault::kUnreachable);
  EXPECT_EQ(refusal(), std::nullopt);
}

}  // namespace
}  // namespace peerpay::api
