// The unary calls, and what comes with the service: health, reflection, limits, stopping.
#include "node/net/client_service.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <grpcpp/generic/generic_stub.h>

#include "node/net/tls_identity.h"
#include "tests/unit/net/client_fixture.h"

namespace peerpay::net {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

struct ClientServiceTest : ClientFixture {
  void SetUp() override { start(); }

  template <class Request, class Response>
  using Method = grpc::Status (v1::Node::Stub::*)(grpc::ClientContext*, const Request&, Response*);

  template <class Request, class Response>
  grpc::Status call(Method<Request, Response> method, const Request& request, Response& response) {
    return (stub.get()->*method)(context().get(), request, &response);
  }
  // Also counts it.
  template <class Request, class Response>
  void expect_malformed(Method<Request, Response> method, const Request& request) {
    const auto before = service->counters().calls_malformed;
    Response response;
    const auto status = call(method, request, response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(status.error_message().rfind("request_malformed: ", 0), 0U) << status.error_message();
    EXPECT_EQ(service->counters().calls_malformed, before + 1);
  }
};

const std::string kId(32, 'i');

TEST_F(ClientServiceTest, StatusHeadAndGenesis) {
  v1::GetStatusResponse status;
  ASSERT_TRUE(call(&v1::Node::Stub::GetStatus, v1::GetStatusRequest{}, status).ok());
  EXPECT_EQ(status.version(), "test");
  EXPECT_TRUE(status.peers(0).connected());
  v1::GetHeadResponse head;
  ASSERT_TRUE(call(&v1::Node::Stub::GetHead, v1::GetHeadRequest{}, head).ok());
  EXPECT_EQ(head.height(), 3U);
  v1::GetGenesisResponse genesis;
  ASSERT_TRUE(call(&v1::Node::Stub::GetGenesis, v1::GetGenesisRequest{}, genesis).ok());
  EXPECT_EQ(genesis.genesis(), std::string(1'000, '\7'));
}

TEST_F(ClientServiceTest, Account) {
  v1::GetAccountRequest request;
  request.set_account(kId);
  request.set_with_proof(true);
  v1::GetAccountResponse response;
  ASSERT_TRUE(call(&v1::Node::Stub::GetAccount, request, response).ok());
  EXPECT_EQ(response.account(), kId);
  EXPECT_EQ(response.balances(0).amount(), "12.50");
  EXPECT_EQ(response.proof().headers_size(), 2);
  request.set_account("short");
  expect_malformed(&v1::Node::Stub::GetAccount, request);
}

TEST_F(ClientServiceTest, History) {
  v1::ListHistoryRequest request;
  request.set_account(kId);
  v1::ListHistoryResponse response;
  ASSERT_TRUE(call(&v1::Node::Stub::ListHistory, request, response).ok());
  EXPECT_EQ(response.entries_size(), 50);
  EXPECT_EQ(response.next_cursor(), "more");
  request.set_limit(201);
  expect_malformed(&v1::Node::Stub::ListHistory, request);
}

TEST_F(ClientServiceTest, Block) {
  v1::GetBlockRequest request;
  expect_malformed(&v1::Node::Stub::GetBlock, request);
  request.set_height(3);
  v1::GetBlockResponse response;
  ASSERT_TRUE(call(&v1::Node::Stub::GetBlock, request, response).ok());
  EXPECT_EQ(response.block().height(), 3U);
  request.set_hash(kId);
  ASSERT_TRUE(call(&v1::Node::Stub::GetBlock, request, response).ok());
  EXPECT_EQ(response.block().height(), 2U);
}

TEST_F(ClientServiceTest, TransactionAndReceipt) {
  v1::GetTransactionRequest request;
  request.set_id(kId);
  v1::GetTransactionResponse response;
  ASSERT_TRUE(call(&v1::Node::Stub::GetTransaction, request, response).ok());
  EXPECT_EQ(response.status().state(), v1::TRANSACTION_STATE_UNKNOWN);
  v1::GetReceiptRequest receipt_request;
  receipt_request.set_id(kId);
  v1::GetReceiptResponse receipt;
  const auto missing = call(&v1::Node::Stub::GetReceipt, receipt_request, receipt);
  EXPECT_EQ(missing.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(missing.error_message(), "receipt_not_found: The transaction is not final here.");

  node.settle(*ledger::TransactionId::from(base::as_bytes(kId)), proto::TransactionState::kFinal);
  ASSERT_TRUE(call(&v1::Node::Stub::GetTransaction, request, response).ok());
  EXPECT_EQ(response.status().state(), v1::TRANSACTION_STATE_FINAL);
  EXPECT_EQ(response.status().height(), 4U);
  ASSERT_TRUE(call(&v1::Node::Stub::GetReceipt, receipt_request, receipt).ok());
  EXPECT_EQ(receipt.receipt(), kId);

  request.set_id("");
  expect_malformed(&v1::Node::Stub::GetTransaction, request);
  receipt_request.set_id(kId + "x");
  expect_malformed(&v1::Node::Stub::GetReceipt, receipt_request);
}

TEST_F(ClientServiceTest, SubmitAnswersAtOnceWithoutWait) {
  v1::SubmitRequest request;
  request.set_transaction("tx");
  v1::SubmitResponse response;
  ASSERT_TRUE(call(&v1::Node::Stub::Submit, request, response).ok());
  EXPECT_EQ(response.status().state(), v1::TRANSACTION_STATE_PENDING);
  EXPECT_EQ(response.status().id(), bytes_of(FakeNode::id_of(base::as_bytes("tx"))));

  request.set_transaction("refuse");
  request.set_wait_ms(60'000);
  ASSERT_TRUE(call(&v1::Node::Stub::Submit, request, response).ok());
  EXPECT_EQ(response.status().state(), v1::TRANSACTION_STATE_REJECTED);
  EXPECT_EQ(response.status().message(), ledger::sentence(ledger::TransactionResult::kFeeTooLow));
  EXPECT_EQ(response.status().retry(), v1::RETRY_NEVER);

  request.set_wait_ms(60'001);
  expect_malformed(&v1::Node::Stub::Submit, request);
}

TEST_F(ClientServiceTest, SubmitWaitsForTheEnd) {
  std::thread settler{[this] {
    EXPECT_TRUE(eventually([this] { return node.waiters() == 1; }));
    node.settle(FakeNode::id_of(base::as_bytes("tx")), proto::TransactionState::kFinal);
  }};
  v1::SubmitRequest request;
  request.set_transaction("tx");
  request.set_wait_ms(60'000);
  v1::SubmitResponse response;
  ASSERT_TRUE(call(&v1::Node::Stub::Submit, request, response).ok());
  settler.join();
  EXPECT_EQ(response.status().state(), v1::TRANSACTION_STATE_FINAL);
  EXPECT_TRUE(eventually([this] { return node.waiters() == 0; }));
}

TEST_F(ClientServiceTest, BatchAnswersInOrder) {
  v1::SubmitBatchRequest request;
  for (const auto* bytes : {"a", "refuse", "b"}) request.add_submissions()->set_transaction(bytes);
  v1::SubmitBatchResponse response;
  ASSERT_TRUE(call(&v1::Node::Stub::SubmitBatch, request, response).ok());
  ASSERT_EQ(response.statuses_size(), 3);
  EXPECT_EQ(response.statuses(0).state(), v1::TRANSACTION_STATE_PENDING);
  EXPECT_EQ(response.statuses(1).state(), v1::TRANSACTION_STATE_REJECTED);
  EXPECT_EQ(response.statuses(2).id(), bytes_of(FakeNode::id_of(base::as_bytes("b"))));
  EXPECT_EQ(node.groups(), (std::vector<std::size_t>{3}));

  while (request.submissions_size() <= 1024) request.add_submissions();
  expect_malformed(&v1::Node::Stub::SubmitBatch, request);
}

TEST_F(ClientServiceTest, WaitForFinalEndsWithTheTransactionOrTheTime) {
  v1::WaitForFinalRequest request;
  request.set_id(kId);
  request.set_wait_ms(20);
  v1::WaitForFinalResponse response;
  ASSERT_TRUE(call(&v1::Node::Stub::WaitForFinal, request, response).ok());
  EXPECT_EQ(response.status().state(), v1::TRANSACTION_STATE_UNKNOWN);
  EXPECT_TRUE(eventually([this] { return node.waiters() == 0; }));

  std::thread settler{[this] {
    EXPECT_TRUE(eventually([this] { return node.waiters() == 1; }));
    node.settle(*ledger::TransactionId::from(base::as_bytes(kId)),
                proto::TransactionState::kExpired);
  }};
  request.set_wait_ms(60'000);
  ASSERT_TRUE(call(&v1::Node::Stub::WaitForFinal, request, response).ok());
  settler.join();
  EXPECT_EQ(response.status().state(), v1::TRANSACTION_STATE_EXPIRED);

  request.set_wait_ms(60'001);
  expect_malformed(&v1::Node::Stub::WaitForFinal, request);
}

TEST_F(ClientServiceTest, AClientThatGoesAwayIsNotWaitedFor) {
  v1::WaitForFinalRequest request;
  request.set_id(kId);
  request.set_wait_ms(60'000);
  grpc::ClientContext cancelled;
  std::thread canceller{[&] {
    EXPECT_TRUE(eventually([this] { return node.waiters() == 1; }));
    cancelled.TryCancel();
  }};
  v1::WaitForFinalResponse response;
  EXPECT_EQ(stub->WaitForFinal(&cancelled, request, &response).error_code(),
            grpc::StatusCode::CANCELLED);
  canceller.join();
  EXPECT_TRUE(eventually([this] { return node.waiters() == 0; }));
}

TEST_F(ClientServiceTest, FailuresKeepTheirKindCodeAndSentence) {
  const std::pair<QueryFailure, grpc::StatusCode> kinds[] = {
      {QueryFailure::kNotFound, grpc::StatusCode::NOT_FOUND},
      {QueryFailure::kInvalid, grpc::StatusCode::INVALID_ARGUMENT},
      {QueryFailure::kBusy, grpc::StatusCode::RESOURCE_EXHAUSTED},
      {QueryFailure::kNotReady, grpc::StatusCode::UNAVAILABLE}};
  for (const auto& [failure, code] : kinds) {
    node.fail_with({.failure = failure, .code = "some_code", .sentence = "A sentence."});
    v1::GetHeadResponse head;
    const auto status = call(&v1::Node::Stub::GetHead, v1::GetHeadRequest{}, head);
    EXPECT_EQ(status.error_code(), code);
    EXPECT_EQ(status.error_message(), "some_code: A sentence.");
    v1::SubmitRequest request;
    v1::SubmitResponse response;
    EXPECT_EQ(call(&v1::Node::Stub::Submit, request, response).error_code(), code);
  }
}

// A unary call without generated code: reflection and health come from gRPC, whose messages we do
// not compile.
std::string raw_call(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                     const std::string& request) {
  grpc::GenericStub stub{channel};
  const auto context = ClientFixture::context();
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(context.get(), method, &queue);
  const auto step = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  call->StartCall(nullptr);
  const grpc::Slice slice{request};
  std::string answer;
  if (step()) {
    call->Write(grpc::ByteBuffer{&slice, 1}, nullptr);
    grpc::ByteBuffer response;
    if (step()) call->Read(&response, nullptr);
    grpc::Slice single;
    if (step() && response.DumpToSingleSlice(&single).ok()) {
      answer = {reinterpret_cast<const char*>(single.begin()), single.size()};
    }
  }
  grpc::Status status;
  context->TryCancel();
  call->Finish(&status, nullptr);
  (void)step();
  return answer;
}

TEST_F(ClientServiceTest, HealthSaysWhatTheNodeSays) {
  // HealthCheckRequest {} and HealthCheckResponse { status = 1 }: 1 SERVING, 2 NOT_SERVING
  // (grpc/health/v1).
  const auto health = [this] { return raw_call(channel, "/grpc.health.v1.Health/Check", ""); };
  EXPECT_EQ(health(), "\x08\x02");
  service->set_serving(true);
  EXPECT_EQ(health(), "\x08\x01");
  service->set_serving(false);
  EXPECT_EQ(health(), "\x08\x02");
}

TEST_F(ClientServiceTest, ReflectionListsTheService) {
  // ServerReflectionRequest { list_services = 7 "" } (grpc/reflection/v1alpha).
  const auto answer =
      raw_call(channel, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
               std::string{"\x3a\x00", 2});
  EXPECT_NE(answer.find("peerpay.v1.Node"), std::string::npos);
  EXPECT_NE(answer.find("grpc.health.v1.Health"), std::string::npos);
}

TEST_F(ClientServiceTest, ARequestAboveTheLimitIsRefused) {
  v1::SubmitRequest request;
  request.set_transaction(std::string(1024 * 1024, 'x'));
  v1::SubmitResponse response;
  EXPECT_EQ(call(&v1::Node::Stub::Submit, request, response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(node.submissions(), 0U);
}

TEST_F(ClientServiceTest, StopsAtOnceWhileClientsWait) {
  std::vector<std::thread> clients;
  clients.reserve(4);
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([this] {
      v1::WaitForFinalRequest request;
      request.set_id(kId);
      request.set_wait_ms(60'000);
      v1::WaitForFinalResponse response;
      EXPECT_FALSE(call(&v1::Node::Stub::WaitForFinal, request, response).ok());
    });
  }
  ASSERT_TRUE(eventually([this] { return node.waiters() == 4; }));
  const auto start_time = Clock::now();
  service->stop();
  EXPECT_LT(Clock::now() - start_time, 1s);
  EXPECT_EQ(node.waiters(), 0U);
  service->stop();
  for (auto& client : clients) client.join();
}

TEST_F(ClientServiceTest, AnswersThatComeAfterStopFindNothing) {
  node.hold_submissions(true);
  std::thread client{[this] {
    v1::SubmitRequest request;
    request.set_wait_ms(1'000);
    v1::SubmitResponse response;
    EXPECT_FALSE(call(&v1::Node::Stub::Submit, request, response).ok());
  }};
  ASSERT_TRUE(eventually([this] { return node.submissions() == 1; }));
  service.reset();
  client.join();
  node.release_submissions();
  EXPECT_EQ(node.waiters(), 0U);
}

struct ClientServiceStart : ClientFixture {};

TEST_F(ClientServiceStart, TooManyCallsAreBusy) {
  start({.calls_max = 1});
  v1::WaitForFinalRequest request;
  request.set_id(kId);
  request.set_wait_ms(60'000);
  grpc::ClientContext first;
  std::thread waiter{[&] {
    v1::WaitForFinalResponse response;
    (void)stub->WaitForFinal(&first, request, &response);
  }};
  ASSERT_TRUE(eventually([this] { return node.waiters() == 1; }));
  v1::GetHeadResponse head;
  const auto status = stub->GetHead(context().get(), {}, &head);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.error_message(), "node_busy: The node serves too many calls; try again later.");
  EXPECT_EQ(service->counters().calls_refused, 1U);
  first.TryCancel();
  waiter.join();
  EXPECT_TRUE(eventually([&] { return stub->GetHead(context().get(), {}, &head).ok(); }));
}

TEST_F(ClientServiceStart, ACancelledCallKeepsItsPlaceWhileTheNodeHoldsItsQuestion) {
  start({.calls_max = 1});
  node.hold_submissions(true);
  v1::SubmitBatchRequest request;
  request.add_submissions()->set_transaction("t1");
  grpc::ClientContext first;
  std::thread caller{[&] {
    v1::SubmitBatchResponse response;
    (void)stub->SubmitBatch(&first, request, &response);
  }};
  ASSERT_TRUE(eventually([this] { return node.submissions() == 1; }));
  first.TryCancel();
  caller.join();
  v1::GetHeadResponse head;
  EXPECT_FALSE(test::eventually(std::chrono::milliseconds{200},
                                [&] { return stub->GetHead(context().get(), {}, &head).ok(); }));
  node.release_submissions();
  EXPECT_TRUE(eventually([&] { return stub->GetHead(context().get(), {}, &head).ok(); }));
}

TEST_F(ClientServiceStart, RefusesWhatCannotWork) {
  const auto refusal = [this](std::string address, std::optional<ServerCertificate> certificate,
                              const ClientLimits& limits = {}) {
    auto started = ClientService::start({.listen_address = std::move(address),
                                         .certificate = std::move(certificate),
                                         .limits = limits},
                                        node);
    return started ? std::string{"started"} : started.error().sentence;
  };
  EXPECT_EQ(refusal("127.0.0.1:0", {}), "started");
  EXPECT_EQ(refusal("0.0.0.0:0", {}),
            "The client address 0.0.0.0:0 can be reached from other machines: it needs a TLS "
            "certificate.");
  EXPECT_EQ(refusal("127.0.0.1:0", {}, {.calls_max = 0}),
            "The limits of the client service must be positive.");
  start();
  const auto taken = "127.0.0.1:" + std::to_string(service->listen_port());
  EXPECT_NE(refusal(taken, {}), "started");
  auto identity = *create_tls_identity();
  auto other = *create_tls_identity();
  EXPECT_EQ(
      refusal("127.0.0.1:0", ServerCertificate{identity.certificate_pem, std::move(other.key_pem)}),
      "The client TLS certificate: " + std::string{sentence(TlsIdentityError::kKeyMismatch)});
}

// Idle connections that say nothing, all from one source.
class Flood {
 public:
  Flood(std::uint16_t port, int count) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < count; ++i) {
      const int one = ::socket(AF_INET, SOCK_STREAM, 0);
      EXPECT_EQ(::connect(one, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
      connections_.push_back(one);
    }
  }
  Flood(const Flood&) = delete;
  Flood& operator=(const Flood&) = delete;
  ~Flood() {
    for (const int one : connections_) ::close(one);
  }

 private:
  std::vector<int> connections_;
};

TEST_F(ClientServiceStart, AFloodOfConnectionsShutsOutNobodyWhoWasThereAndNobodyForLong) {
  start({.connections_max = 4});
  const auto call = [](v1::Node::Stub& on) {
    v1::GetStatusResponse response;
    const auto limit = context();
    return on.GetStatus(limit.get(), {}, &response).ok();
  };
  ASSERT_TRUE(call(*stub));
  {
    const Flood flood{service->listen_port(), 40};
    EXPECT_TRUE(call(*stub)) << "a connection from before";
  }
  const auto own_connection = [] {
    grpc::ChannelArguments out;
    out.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return out;
  }();
  const auto newcomer = v1::Node::NewStub(
      grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(service->listen_port()),
                                grpc::InsecureChannelCredentials(), own_connection));
  EXPECT_TRUE(eventually([&] { return call(*newcomer); }));
}

TEST_F(ClientServiceStart, SaysWhetherTheAddressIsToBlame) {
  start();
  const auto fault = [this](const std::string& address) {
    return ClientService::start(
               {.listen_address = address, .certificate = std::nullopt, .limits = {}}, node)
        .error()
        .fault;
  };
  EXPECT_EQ(fault("127.0.0.1:" + std::to_string(service->listen_port())), ListenFault::kAddress);
  EXPECT_EQ(fault("0.0.0.0:0"), ListenFault::kOptions);
}

TEST_F(ClientServiceStart, SpeaksTlsWhenItHasACertificate) {
  auto identity = *create_tls_identity();
  auto started = ClientService::start(
      {.listen_address = "127.0.0.1:0",
       .certificate = ServerCertificate{identity.certificate_pem, std::move(identity.key_pem)},
       .limits = {}},
      node);
  ASSERT_TRUE(started.has_value()) << started.error().sentence;
  const auto address = "127.0.0.1:" + std::to_string((*started)->listen_port());
  grpc::SslCredentialsOptions trust;
  trust.pem_root_certs = identity.certificate_pem;
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("node");
  const auto secure =
      v1::Node::NewStub(grpc::CreateCustomChannel(address, grpc::SslCredentials(trust), arguments));
  v1::GetHeadResponse head;
  const auto status = secure->GetHead(context().get(), {}, &head);
  EXPECT_TRUE(status.ok()) << status.error_message();
  const auto plain =
      v1::Node::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  EXPECT_FALSE(plain->GetHead(context().get(), {}, &head).ok());
}

}  // namespace
}  // namespace peerpay::net
