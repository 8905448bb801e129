#include <gtest/gtest.h>

#include <string>

#include "api/client/http_client.h"
#include "tests/support/http/practice_server.h"
#include "tests/support/temporary_directory.h"

namespace peerpay::http {
namespace {

using namespace std::chrono_literals;
using test::PracticeServer;

class FetchByTls : public testing::Test {
 protected:
  // What comes back from a server with `certificate` when `authority` is trusted.
  base::Expected<ClientAnswer, ClientError> fetch_from(const std::string& host,
                                                       PracticeServer::Settings settings,
                                                       std::optional<std::string> authority) {
    requests_ = 0;
    const PracticeServer server{[this](PracticeServer::Connection& connection) {
                                  if (connection.read_request().empty()) return;
                                  ++requests_;
                                  connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                                },
                                std::move(settings)};
    ClientRequest request;
    request.url = *parse_url("https://" + host + ":" + std::to_string(server.port()) + "/");
    return fetch_and_wait(
        request,
        {.reach = Reach::kPublicAndLoopback, .deadline = 10s, .ca_file = std::move(authority)});
  }
  test::PracticeCertificate certificate(const std::string& name, const std::string& names) {
    return test::make_certificate(folder_.path(), name, names);
  }
  void expect_refused(const base::Expected<ClientAnswer, ClientError>& answer) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().fault, ClientFault::kTls) << answer.error().message;
    EXPECT_EQ(requests_, 0) << "the request left before the server was known";
  }

  test::TemporaryDirectory folder_;
  std::atomic<int> requests_{0};
};

TEST_F(FetchByTls, TheRightCertificateIsTaken) {
  const auto own = certificate("own", "DNS:localhost,IP:127.0.0.1");
  for (const auto* const host : {"localhost", "127.0.0.1"}) {
    const auto answer = fetch_from(host, {.certificate = own}, own.certificate_file);
    ASSERT_TRUE(answer) << host << ": " << answer.error().message;
    EXPECT_EQ(answer->body, "ok");
    EXPECT_TRUE(answer->is_body_whole);
  }
}

TEST_F(FetchByTls, ACertificateForAnotherHostIsRefused) {
  const auto name_only = certificate("name", "DNS:localhost");
  expect_refused(fetch_from("127.0.0.1", {.certificate = name_only}, name_only.certificate_file));
  const auto other = certificate("other", "DNS:other.example,DNS:*.example,IP:127.0.0.2");
  expect_refused(fetch_from("localhost", {.certificate = other}, other.certificate_file));
  expect_refused(fetch_from("127.0.0.1", {.certificate = other}, other.certificate_file));
}

TEST_F(FetchByTls, AnUnknownAuthorityIsRefused) {
  const auto own = certificate("own", "DNS:localhost");
  const auto stranger = certificate("stranger", "DNS:localhost");
  expect_refused(fetch_from("localhost", {.certificate = own}, stranger.certificate_file));
  expect_refused(fetch_from("localhost", {.certificate = own}, std::nullopt));
}

TEST_F(FetchByTls, AnOldProtocolIsRefused) {
  const auto own = certificate("own", "DNS:localhost");
  expect_refused(
      fetch_from("localhost", {.certificate = own, .is_tls_1_1_only = true}, own.certificate_file));
}

TEST_F(FetchByTls, AnAuthorityFileThatIsNotThereIsAFault) {
  const auto own = certificate("own", "DNS:localhost");
  expect_refused(fetch_from("localhost", {.certificate = own}, folder_.path() + "/absent.pem"));
}

TEST_F(FetchByTls, AServerWithoutTlsIsRefused) {
  const PracticeServer server{
      [](PracticeServer::Connection& connection) { connection.send("HTTP/1.1 200 OK\r\n\r\n"); },
      {}};
  ClientRequest request;
  request.url = *parse_url("https://127.0.0.1:" + std::to_string(server.port()) + "/");
  expect_refused(fetch_and_wait(request, {.reach = Reach::kPublicAndLoopback, .deadline = 10s}));
}

}  // namespace
}  // namespace peerpay::http
