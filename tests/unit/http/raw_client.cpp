#include "tests/unit/http/raw_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <utility>

namespace peerpay::http::test {
namespace {

constexpr int kPatienceMs = 20'000;
constexpr std::string_view kHeadEnd = "\r\n\r\n";

}  // namespace

RawClient::RawClient(std::uint16_t port)
    : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  EXPECT_EQ(::connect(socket_.number(), generic, sizeof address), 0);
}

bool RawClient::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void RawClient::finish_sending() const { ::shutdown(socket_.number(), SHUT_WR); }

void RawClient::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_ = os::Descriptor{};
}

bool RawClient::is_readable_within(int milliseconds) const {
  pollfd wanted{.fd = socket_.number(), .events = POLLIN, .revents = 0};
  return ::poll(&wanted, 1, milliseconds) == 1;
}

bool RawClient::read_more() {
  if (!is_readable_within(kPatienceMs)) {
    ADD_FAILURE() << "nothing came for 20 seconds after: " << received_;
    return false;
  }
  std::array<char, 16'384> bytes{};
  const ssize_t count = ::recv(socket_.number(), bytes.data(), bytes.size(), 0);
  if (count <= 0) return false;
  received_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

std::string RawClient::read_until(std::string_view end) {
  std::size_t found = received_.find(end);
  while (found == std::string::npos) {
    if (!read_more()) return std::exchange(received_, {});
    found = received_.find(end);
  }
  std::string text = received_.substr(0, found + end.size());
  received_.erase(0, text.size());
  return text;
}

std::string RawClient::rest() {
  while (read_more()) {
  }
  return std::exchange(received_, {});
}

std::optional<Answer> RawClient::answer(bool without_body) {
  Answer answer;
  answer.head = read_until(kHeadEnd);
  if (!answer.head.ends_with(kHeadEnd)) return std::nullopt;
  answer.status = static_cast<unsigned>(std::stoul(answer.head.substr(9, 3)));
  constexpr std::string_view kLength = "Content-Length: ";
  const std::size_t at = answer.head.find(kLength);
  if (at == std::string::npos || without_body) return answer;
  const std::size_t length = std::stoul(answer.head.substr(at + kLength.size()));
  while (received_.size() < length && read_more()) {
  }
  answer.body = received_.substr(0, length);
  received_.erase(0, length);
  return answer;
}

}  // namespace peerpay::http::test
