#pragma once
// A client service over a FakeNode, and a stub that calls it.

#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "node/net/client_service.h"
#include "peerpay/v1/node.grpc.pb.h"
#include "tests/support/eventually.h"
#include "tests/unit/net/fake_node.h"

namespace peerpay::net {

struct ClientFixture : ::testing::Test {
  static constexpr std::chrono::seconds kPatience{30};

  void start(const ClientLimits& limits = {}) {
    auto started = ClientService::start(
        {.listen_address = "127.0.0.1:0", .certificate = std::nullopt, .limits = limits}, node);
    ASSERT_TRUE(started.has_value()) << started.error().sentence;
    service = *std::move(started);
    channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(service->listen_port()),
                                  grpc::InsecureChannelCredentials());
    stub = v1::Node::NewStub(channel);
  }
  static bool eventually(const std::function<bool()>& done) {
    return test::eventually(kPatience, done);
  }
  // A context that fails the test rather than to hang it.
  static std::unique_ptr<grpc::ClientContext> context() {
    auto out = std::make_unique<grpc::ClientContext>();
    out->set_deadline(std::chrono::system_clock::now() + kPatience);
    return out;
  }
  static std::string bytes_of(const ledger::TransactionId& id) { return base::to_text(id.view()); }

  FakeNode node;
  std::unique_ptr<ClientService> service;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::Node::Stub> stub;
};

}  // namespace peerpay::net
