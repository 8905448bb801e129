#include "bench/load.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "base/os/clock.h"
#include "base/os/signals.h"
#include "node/net/client_service.h"
#include "peerpay/v1/node.grpc.pb.h"
#include "proto/client/convert.h"

namespace peerpay::bench {
namespace {

// A node that calls everything final, but of the streams that stall nothing until it is told to go
// on.
class StallingNode final : public v1::Node::Service {
 public:
  using Stream = grpc::ServerReaderWriter<v1::SubmitStreamResponse, v1::SubmitStreamRequest>;
  enum class Stalls : std::uint8_t { kAll, kFirst, kNone };

  explicit StallingNode(Stalls stalls = Stalls::kAll) : stalls_{stalls} {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    builder.SetMaxReceiveMessageSize(net::ClientLimits{}.message_bytes_max);
    server_ = builder.BuildAndStart();
  }
  ~StallingNode() override { server_->Shutdown(); }

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  void go_on() { going_on_.set_value(); }

  grpc::Status SubmitStream(grpc::ServerContext* /*context*/, Stream* stream) override {
    const bool is_first = streams_++ == 0;
    const bool stalls = stalls_ == Stalls::kAll || (stalls_ == Stalls::kFirst && is_first);
    v1::SubmitStreamRequest request;
    std::uint64_t submission = 0;
    while (stream->Read(&request)) {
      if (stalls) told_.wait();
      std::vector<proto::StreamedStatus> answers;
      for (int i = 0; i < request.transactions_size(); ++i) {
        proto::StreamedStatus answer;
        answer.submission = submission++;
        answer.status.state = proto::TransactionState::kFinal;
        answer.status.finality.emplace();
        answers.push_back(std::move(answer));
      }
      v1::SubmitStreamResponse response;
      proto::to_pb(answers, response);
      stream->Write(response);
    }
    return grpc::Status::OK;
  }

 private:
  const Stalls stalls_;
  int port_ = 0;
  std::atomic<int> streams_ = 0;
  std::promise<void> going_on_;
  const std::shared_future<void> told_ = going_on_.get_future().share();
  std::unique_ptr<grpc::Server> server_;
};

// No coordinated omission: what the load could not send because of the stall, and what waited for
// an answer, counts from when it was due.
TEST(Load, AStallIsChargedToEveryPaymentThatItDelayed) {
  constexpr std::size_t kPayments = 100;
  constexpr std::uint32_t kRate = 1'000;
  StallingNode node;
  const std::vector<PreparedPayment> payments(kPayments, "payment");
  Load load{{.nodes = {node.address()}, .streams = 1, .rate_per_second = kRate}, payments};
  load.start();
  while (!load.exhausted() && !load.fault()) std::this_thread::yield();
  const auto went_on = os::read_clock().monotonic;
  node.go_on();
  const auto result = load.finish(base::seconds(10));
  EXPECT_FALSE(result.fault) << *result.fault;
  EXPECT_EQ(load.numbers_used(), kPayments);

  ASSERT_EQ(result.completions.size(), kPayments);
  auto completions = result.completions;
  std::sort(completions.begin(), completions.end(),
            [](const Completion& a, const Completion& b) { return a.due < b.due; });
  const auto first_due = completions.front().due;
  EXPECT_GE(went_on - first_due, base::milliseconds(99));  // the last one was due by then
  for (std::size_t i = 0; i < kPayments; ++i) {
    EXPECT_EQ(completions[i].due, first_due + base::milliseconds(static_cast<std::int64_t>(i)));
    EXPECT_GE(completions[i].final, went_on);
  }
  const auto latencies = latencies_in(completions, {first_due, first_due + base::seconds(1)});
  EXPECT_EQ(latencies.count(), kPayments);
  EXPECT_GE(latencies.percentile(50), base::milliseconds(49));
  EXPECT_GE(latencies.percentile(100), base::milliseconds(99));
}

TEST(Load, WhatNeverBecameFinalTookUntilTheEnd) {
  constexpr std::size_t kPayments = 50;
  StallingNode node;
  const std::vector<PreparedPayment> payments(kPayments, "payment");
  Load load{{.nodes = {node.address()}, .streams = 1, .rate_per_second = 1'000}, payments};
  const auto begin = os::read_clock().monotonic;
  load.start();
  while (!load.exhausted() && !load.fault()) std::this_thread::yield();
  const auto result = load.finish({});
  node.go_on();
  EXPECT_EQ(result.completions.size(), 0u);
  EXPECT_EQ(result.unsettled + result.unsent, kPayments);
  const auto latencies = latencies_in(result, {begin, begin + base::seconds(1)});
  EXPECT_EQ(latencies.count(), kPayments);
  EXPECT_GE(latencies.percentile(100), base::milliseconds(49));
}

// A node that does not read, so that the load can't send: what was due by then counts all the same.
TEST(Load, NothingThatWasDueIsForgotten) {
  constexpr std::size_t kPayments = 2'000;
  constexpr std::size_t kBytesEach = 20'000;  // more than a connection takes on the way
  StallingNode node;
  const std::vector<PreparedPayment> payments(kPayments, PreparedPayment(kBytesEach, 'p'));
  Load load{{.nodes = {node.address()}, .streams = 1, .rate_per_second = 20'000}, payments};
  const auto begin = os::read_clock().monotonic;
  load.start();
  const auto all_due = begin + base::milliseconds(200);
  while (os::read_clock().monotonic < all_due) std::this_thread::yield();
  EXPECT_FALSE(load.exhausted());
  std::jthread waker{[&] { node.go_on(); }};
  const auto result = load.finish(base::seconds(20));
  EXPECT_EQ(result.completions.size() + result.unsettled + result.unsent, kPayments);
  EXPECT_EQ(latencies_in(result, {begin, begin + base::seconds(60)}).count(), kPayments);
}

// What make_all waits for.
TEST(Load, AStreamThatHasSentAllIsNotTheEndOfThePayments) {
  StallingNode node{StallingNode::Stalls::kFirst};
  const std::vector<PreparedPayment> payments(20, "payment");
  Load load{{.nodes = {node.address()}, .streams = 2, .in_flight_max = 4}, payments};
  load.start();
  while (!load.exhausted() && !load.fault()) std::this_thread::yield();
  EXPECT_FALSE(load.sent_all());
  node.go_on();
  while (!load.sent_all() && !load.fault()) std::this_thread::yield();
  EXPECT_EQ(load.finish(base::seconds(10)).completions.size(), payments.size());
}

// 256 of them would be 5 MB, and a node takes 1 MiB.
TEST(Load, AMessageOfLargePaymentsIsOneThatANodeTakes) {
  constexpr std::size_t kBytesEach = 20'000;
  StallingNode node{StallingNode::Stalls::kNone};
  const std::vector<PreparedPayment> payments(512, PreparedPayment(kBytesEach, 'p'));
  Interruption interruption{*os::StopSignal::block()};
  const auto made = make_all({.nodes = {node.address()}, .streams = 2}, payments, interruption);
  ASSERT_TRUE(made) << made.error().sentence;
  EXPECT_EQ(made->completions.size(), payments.size());
}

}  // namespace
}  // namespace peerpay::bench
