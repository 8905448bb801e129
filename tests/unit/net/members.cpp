#include "tests/unit/net/members.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "tests/support/eventually.h"

namespace peerpay::net {
namespace {

bool can_bind(std::uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound =
      ::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(listener);
  return bound;
}

}  // namespace

std::uint16_t free_port() {
  constexpr std::uint16_t kFirst = 20'000;
  constexpr std::uint16_t kCount = 12'000;  // the system's own range begins at 32,768
  static std::uint32_t next = static_cast<std::uint32_t>(::getpid()) * 16;
  for (std::uint32_t tries = 0; tries < kCount; ++tries) {
    const auto port = static_cast<std::uint16_t>(kFirst + next++ % kCount);
    if (can_bind(port)) return port;
  }
  ADD_FAILURE() << "no free port";
  return 0;
}

bool eventually(const std::function<bool()>& done) { return test::eventually(kPatience, done); }

void Recorder::on_message(PeerIndex from, base::Bytes message, Credit credit) {
  const std::scoped_lock lock{mutex_};
  messages_[from].push_back(std::move(message));
  if (keeps_credit_) kept_.push_back(std::move(credit));
  changed_.notify_all();
}

void Recorder::on_connected(PeerIndex peer) {
  const std::scoped_lock lock{mutex_};
  connected_[peer] = true;
  reports_ += "+" + std::to_string(peer.value);
  changed_.notify_all();
}

void Recorder::on_disconnected(PeerIndex peer) {
  const std::scoped_lock lock{mutex_};
  connected_[peer] = false;
  reports_ += "-" + std::to_string(peer.value);
  changed_.notify_all();
}

void Recorder::on_replaced(PeerIndex peer) {
  const std::scoped_lock lock{mutex_};
  ++replaced_[peer];
}

std::uint32_t Recorder::times_replaced(PeerIndex by) {
  const std::scoped_lock lock{mutex_};
  return replaced_[by];
}

bool Recorder::wait(const std::function<bool()>& condition) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, kPatience, condition);
}

bool Recorder::wait_messages(PeerIndex from, std::size_t count) {
  return wait([&] { return messages_[from].size() >= count; });
}

bool Recorder::wait_connected(PeerIndex peer, bool connected) {
  return wait([&] { return connected_[peer] == connected; });
}

std::vector<base::Bytes> Recorder::messages(PeerIndex from) {
  const std::scoped_lock lock{mutex_};
  return messages_[from];
}

std::string Recorder::reports() {
  const std::scoped_lock lock{mutex_};
  return reports_;
}

void Recorder::keep_credit(bool keep) {
  std::vector<Credit> given_back;  // outside the lock
  const std::scoped_lock lock{mutex_};
  keeps_credit_ = keep;
  if (!keep) given_back = std::exchange(kept_, {});
}

TlsIdentity copy(const TlsIdentity& identity) {
  const auto key = identity.key_pem.view();
  return {identity.certificate_pem, crypto::SecretBytes{base::Bytes{key.begin(), key.end()}}};
}

std::vector<std::unique_ptr<Member>> make_members(std::size_t count) {
  std::vector<std::unique_ptr<Member>> out;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto member = std::make_unique<Member>();
    auto identity = create_tls_identity();
    EXPECT_TRUE(identity.has_value());
    member->identity = *std::move(identity);
    member->as_peer = {.index = {i},
                       .name = "member-" + std::to_string(i),
                       .address = "127.0.0.1:" + std::to_string(free_port()),
                       .pin = *tls_pin(member->identity.certificate_pem)};
    out.push_back(std::move(member));
  }
  return out;
}

void start(Member& member, const std::vector<std::unique_ptr<Member>>& all,
           const MemberOptions& options) {
  PeerNetworkOptions network{.listen_address = member.as_peer.address,
                             .identity = copy(member.identity),
                             .chain = options.chain,
                             .peers = {},
                             .limits = options.limits,
                             .seed = member.as_peer.index.value};
  for (const auto& other : all) {
    if (other.get() != &member) network.peers.push_back(other->as_peer);
  }
  auto started = PeerNetwork::start(std::move(network), member.recorder);
  ASSERT_TRUE(started.has_value()) << started.error().sentence;
  member.network = *std::move(started);
}

void start_all(const std::vector<std::unique_ptr<Member>>& all, const MemberOptions& options) {
  for (const auto& member : all) start(*member, all, options);
  for (const auto& member : all) {
    for (const auto& other : all) {
      if (member == other) continue;
      ASSERT_TRUE(member->recorder.wait_connected(other->as_peer.index))
          << member->as_peer.name << " to " << other->as_peer.name;
    }
  }
}

std::shared_ptr<const base::Bytes> numbered(std::uint32_t number, std::size_t size) {
  auto out = std::make_shared<base::Bytes>(size);
  for (std::size_t i = 0; i < 4; ++i) (*out)[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return out;
}

std::uint32_t number_of(const base::Bytes& message) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 4; ++i) out |= std::uint32_t{message[i]} << (8 * i);
  return out;
}

}  // namespace peerpay::net
