// Strangers, impostors and members of other networks: none reaches the handler.
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "node/net/peer_network.h"
#include "peerpay/v1/peer.grpc.pb.h"
#include "tests/unit/net/grpc_test_process.h"
#include "tests/unit/net/members.h"
#include "tests/unit/net/tls_client.h"

namespace peerpay::net {
namespace {

std::string text(const crypto::SecretBytes& secret) { return base::to_text(secret.view()); }

// Member 0 listens; member 1, whom it knows, is not there and lends its identity to the tests.
struct PeerRefusal : ::testing::Test {
  void SetUp() override {
    start(*all[0], all);
    (void)take_grpc_log();
  }
  TlsAttempt as(const TlsIdentity& identity) const {
    return {.certificate_pem = identity.certificate_pem,
            .key_pem = text(identity.key_pem),
            .version = TLS1_3_VERSION};
  }
  TlsOutcome attempt(const TlsAttempt& attempt) {
    return attempt_tls(all[0]->network->listen_port(), attempt);
  }
  void expect_nobody_came() {
    const auto link = all[0]->network->links()[0];
    EXPECT_EQ(link.inbound, (std::array<bool, kLaneCount>{}));
    EXPECT_EQ(all[0]->network->counters().frames_received, 0U);
    EXPECT_EQ(all[0]->recorder.reports(), "");
  }

  std::vector<std::unique_ptr<Member>> all = make_members(2);
  TlsIdentity& known = all[1]->identity;
};

TEST_F(PeerRefusal, AKnownKeyIsAccepted) {
  EXPECT_EQ(attempt(as(known)), TlsOutcome::kAccepted);
  expect_nobody_came();
}

TEST_F(PeerRefusal, NoCertificate) {
  EXPECT_EQ(attempt({.certificate_pem = "", .key_pem = "", .version = TLS1_3_VERSION}),
            TlsOutcome::kRefused);
  EXPECT_EQ(attempt({.certificate_pem = "", .key_pem = "", .version = TLS1_2_VERSION}),
            TlsOutcome::kRefused);
}

TEST_F(PeerRefusal, UnknownKey) {
  EXPECT_EQ(attempt(as(*create_tls_identity())), TlsOutcome::kRefused);
  EXPECT_EQ(all[0]->network->counters().handshakes_refused, 1U);
}

TEST_F(PeerRefusal, ACertificateWithoutItsKey) {
  auto stolen = as(known);
  stolen.key_pem = forged_key_pem(known.certificate_pem);
  EXPECT_EQ(attempt(stolen), TlsOutcome::kRefused);
}

TEST_F(PeerRefusal, OldTls) {
  auto old = as(known);
  old.version = TLS1_2_VERSION;
  EXPECT_EQ(attempt(old), TlsOutcome::kRefused);
}

TEST_F(PeerRefusal, WithoutHttp2Negotiation) {
  auto silent = as(known);
  silent.with_alpn = false;
  EXPECT_EQ(attempt(silent), TlsOutcome::kRefused);
}

TEST_F(PeerRefusal, Plaintext) {
  const auto port = all[0]->network->listen_port();
  const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  // TLS answers with an alert record (type 21) at most, never with HTTP/2.
  const auto answer = attempt_plaintext(port, preface);
  EXPECT_TRUE(answer.empty() || answer[0] == 21) << base::to_hex(base::as_bytes(answer));

  const auto stub = v1::Peer::NewStub(
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  const auto stream = stub->Consensus(&context);
  v1::PeerCredit credit;
  EXPECT_FALSE(stream->Read(&credit));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  expect_nobody_came();
}

TEST_F(PeerRefusal, ADiallerRefusesAServerWithAnotherKey) {
  // A stranger who listens where member 1 should, and would let member 0 in.
  auto stranger = make_members(2);
  stranger[0]->as_peer = all[0]->as_peer;
  stranger[1]->as_peer.address = all[1]->as_peer.address;
  start(*stranger[1], stranger);
  ASSERT_TRUE(eventually([&] {
    const auto failure = all[0]->network->links()[0].last_failure;
    return failure.find("peer key not pinned") != std::string::npos;
  }));
  EXPECT_GE(all[0]->network->counters().handshakes_refused, 1U);
  expect_nobody_came();
  EXPECT_EQ(stranger[1]->recorder.reports(), "");
}

TEST_F(PeerRefusal, ADiallerRefusesAnotherMembersKey) {
  auto three = make_members(3);
  // Member 2 listens where member 0 expects member 1.
  std::swap(three[1]->as_peer.address, three[2]->as_peer.address);
  start(*three[0], three);
  std::swap(three[1]->as_peer.address, three[2]->as_peer.address);
  start(*three[2], three);
  ASSERT_TRUE(eventually([&] { return three[0]->network->counters().handshakes_refused >= 2; }));
  EXPECT_EQ(three[0]->network->links()[0].outbound, (std::array<bool, kLaneCount>{}));
}

TEST_F(PeerRefusal, AMemberOfAnotherNetwork) {
  start(*all[1], all, {.limits = {}, .chain = {{9}}});
  ASSERT_TRUE(eventually([&] { return all[0]->network->counters().streams_refused >= 2; }));
  ASSERT_TRUE(eventually([&] {
    return all[1]->network->links()[0].last_failure ==
           "chain_id_wrong: This node belongs to another network.";
  }));
  expect_nobody_came();
}

TEST_F(PeerRefusal, LogLinesCannotBeForged) {
  auto forger = as(known);
  forger.server_name = "x\nE0101 00:00:00 forged.cc:1] all is lost\x1b[2J";
  EXPECT_EQ(attempt(forger), TlsOutcome::kAccepted);
  const auto lines = take_grpc_log();
  bool seen = false;
  for (const auto& line : lines) {
    seen |= line.find("x\\x0aE0101") != std::string::npos;
    for (const char character : line) {
      EXPECT_TRUE(character >= 0x20 && character <= 0x7e) << line;
    }
  }
  EXPECT_TRUE(seen) << "gRPC did not log the server name; the test proves nothing";
}

}  // namespace
}  // namespace peerpay::net
