#include "api/link/node_gate.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>
#include <vector>

#include "tests/support/api/practice_link.h"

namespace peerpay::api {
namespace {

class NodeGateTest : public testing::Test {
 protected:
  NodeGateTest() { node_.status_said.emplace(); }

  // The fault of a call; nothing when it was answered. On a loop of its own: others may be under
  // way.
  template <class Value>
  static std::optional<proto::NodeFault> fault_of(Task<Answer<Value>> call) {
    const auto ask = [](Task<Answer<Value>> asked,
                        std::optional<proto::NodeFault>& fault) -> Task<void> {
      const auto answer = co_await std::move(asked);
      if (!answer) fault = answer.error().fault;
    };
    boost::asio::io_context loop{1};
    std::optional<proto::NodeFault> out;
    boost::asio::co_spawn(loop, ask(std::move(call), out), boost::asio::detached);
    loop.run();
    return out;
  }
  std::optional<proto::NodeFault> fault_of_submission() {
    return fault_of(gate_.submit(base::Bytes{}));
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

// Readers need no key.
TEST_F(NodeGateTest, ReadersLeavePlacesToThoseWhoSubmit) {
  NodeGate gate{node_, [] { return true; }, 4};
  std::vector<std::optional<proto::NodeFault>> reads;  // while 1, 2, ... submissions are under way
  node_.on_submit = [&] {
    reads.push_back(fault_of(gate.head()));
    if (!gate.refusal()) (void)fault_of(gate.submit(base::Bytes{}));
  };
  EXPECT_EQ(fault_of(gate.submit(base::Bytes{})), std::nullopt);
  const auto busy = proto::NodeFault::kBusy;
  EXPECT_EQ(reads, (std::vector<std::optional<proto::NodeFault>>{{}, {}, busy, busy}));
}

}  // namespace
}  // namespace peerpay::api
