// An audit believes no node: blocks are what their hashes name, and accounts are compared one by
// one.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "bench/commands.h"
#include "bench/node_client.h"
#include "bench/payments.h"
#include "ledger/block.h"
#include "peerpay/v1/node.grpc.pb.h"
#include "proto/client/convert.h"
#include "tests/support/temporary_directory.h"

namespace peerpay::bench {
namespace {

// Says what it is told to say.
class ToldNode final : public v1::Node::Service {
 public:
  ToldNode() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~ToldNode() override { server_->Shutdown(); }

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  proto::FinalizedBlock block;
  std::map<ledger::AccountId, std::uint64_t> units;

  grpc::Status GetBlock(grpc::ServerContext* /*context*/, const v1::GetBlockRequest* /*request*/,
                        v1::GetBlockResponse* response) override {
    proto::to_pb(block, *response->mutable_block());
    return grpc::Status::OK;
  }
  grpc::Status GetHead(grpc::ServerContext* /*context*/, const v1::GetHeadRequest* /*request*/,
                       v1::GetHeadResponse* response) override {
    proto::to_pb(proto::Head{}, *response);
    return grpc::Status::OK;
  }
  grpc::Status GetAccount(grpc::ServerContext* /*context*/, const v1::GetAccountRequest* request,
                          v1::GetAccountResponse* response) override {
    const auto query = proto::from_pb(*request);
    proto::AccountSnapshot snapshot;
    snapshot.account = query->account;
    snapshot.exists = true;
    snapshot.height = {++height_};  // of no account
    snapshot.balances.push_back(
        {ledger::AssetId{0}, "PAY", ledger::Amount{units.at(query->account)}, "0"});
    proto::to_pb(snapshot, *response);
    return grpc::Status::OK;
  }

 private:
  int port_ = 0;
  std::uint64_t height_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

proto::FinalizedBlock block_at(ledger::Height height) {
  ledger::Block block;
  block.header.height = height;
  block.header.transactions_root = ledger::transactions_root_of({});
  return {.hash = ledger::block_hash(block.header),
          .block = ledger::encode(block),
          .certificate = {},
          .height = height};
}

TEST(Audit, ABlockIsWhatItsHashNames) {
  constexpr ledger::Height kHeight{7};
  ToldNode node;
  NodeClient client{node.address()};
  node.block = block_at(kHeight);
  const auto sound = client.block_hash(kHeight);
  ASSERT_TRUE(sound) << sound.error().sentence;
  EXPECT_EQ(*sound, node.block.hash);

  node.block.block.back() ^= 1;
  EXPECT_FALSE(client.block_hash(kHeight)) << "bytes that are no block";
  node.block = block_at(kHeight);
  node.block.hash = block_at({8}).hash;
  EXPECT_FALSE(client.block_hash(kHeight)) << "the hash of another block";
  node.block = block_at({8});
  EXPECT_FALSE(client.block_hash(kHeight)) << "the block of another height";
}

TEST(Audit, AccountsAreComparedOneByOne) {
  const Accounts accounts{2};
  ToldNode one;
  ToldNode other;
  one.units = {{accounts.id(0), 5}, {accounts.id(1), 5}};
  other.units = {{accounts.id(0), 6}, {accounts.id(1), 4}};
  const test::TemporaryDirectory directory;
  const auto acknowledged = directory.file("acknowledged");
  const std::ofstream none{acknowledged};
  const AuditOptions options{.nodes = {one.address(), other.address(), one.address()},
                             .accounts = accounts.size(),
                             .acknowledged_path = acknowledged};
  const auto report = audit(options);
  ASSERT_TRUE(report) << report.error().sentence;
  const auto json = report->to_json();
  EXPECT_NE(json.find("\"differing_accounts_by_node\":{\"" + other.address() + "\":2,\"" +
                      one.address() + "\":0}"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find("\"" + other.address() + "\":10"), std::string::npos) << "the same sum";
}

}  // namespace
}  // namespace peerpay::bench
