#include "node/net/connection_acceptor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "base/endpoint.h"
#include "base/os/clock.h"
#include "node/net/connection_table.h"
#include "node/net/received_bytes.h"

namespace peerpay::net {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// After an accept that failed (no descriptor left, say), before the next.
constexpr std::chrono::milliseconds kPauseAfterFailure{100};
// Looking at all connections for closed ones costs a system call each: no more often than this.
constexpr std::chrono::milliseconds kSweepInterval{50};

// How often all connections are looked at for floods. Those that have said little since, as almost
// all of them have, cost a system call.
constexpr std::chrono::milliseconds kLookInterval{10};
constexpr std::uint64_t kLittleBytes = 4 * 1024;
// Sources that are refused at a time; of more, the later ones are not.
constexpr std::size_t kRefusedMax = 4'096;

base::TimePoint monotonic_now() { return os::read_clock().monotonic; }

// As gRPC writes it (grpc_sockaddr_to_uri).
std::string peer_of(const tcp::endpoint& remote) {
  const auto address = remote.address();
  const auto port = std::to_string(remote.port());
  if (address.is_v4()) return "ipv4:" + address.to_string() + ":" + port;
  if (address.to_v6().is_v4_mapped()) {
    const auto mapped =
        boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
    return "ipv4:" + mapped.to_string() + ":" + port;
  }
  return "ipv6:%5B" + address.to_string() + "%5D:" + port;
}

// Of a socket: the same while it is open, and no other open one's.
std::optional<std::uint64_t> identity_of(int descriptor) {
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0 || !S_ISSOCK(status.st_mode)) return std::nullopt;
  return status.st_ino;
}

// gRPC owns the descriptor and closes it when it sees the end; what has come and was not read yet
// must not reach it.
void end_now(int descriptor) {
  constexpr std::size_t kPiece = 1024 * 1024;
  ::shutdown(descriptor, SHUT_RDWR);
  // tcp(7): MSG_TRUNC discards without a buffer.
  while (::recv(descriptor, nullptr, kPiece, MSG_TRUNC | MSG_DONTWAIT) > 0) {
  }
}

bool is_closed(const Connection& connection) {
  return identity_of(connection.descriptor) != connection.identity;
}

class Acceptor final : public ConnectionAcceptor {
 public:
  explicit Acceptor(const AcceptorOptions& options)
      : options_{options}, table_{options.connections_max} {}
  ~Acceptor() override { stop(); }

  // Listens on every address of the host that this machine has.
  std::optional<std::string> listen(const std::string& address) {
    const auto place = base::parse_endpoint(address);
    if (!place) return "Address " + address + " is not host:port.";
    error_code error;
    const auto found =
        tcp::resolver{io_}.resolve(place->host, std::to_string(place->port),
                                   tcp::resolver::passive | tcp::resolver::numeric_service, error);
    if (error) return "Cannot resolve " + address + ": " + error.message() + ".";
    error_code failure;
    for (const auto& entry : found) {
      tcp::endpoint endpoint = entry.endpoint();
      if (port_ != 0) endpoint.port(port_);
      if (auto listener = bind(endpoint, error)) {
        port_ = listener->local_endpoint().port();
        listeners_.emplace_back(std::move(*listener), io_);
      } else {
        failure = error;
      }
    }
    // A host with an address of a family that this machine lacks still has the other.
    if (listeners_.empty() || failure == boost::asio::error::address_in_use) {
      return "Cannot listen on " + address + ": " + failure.message() + ".";
    }
    return std::nullopt;
  }

  void start(std::function<void(int)> hand_over) override {
    hand_over_ = std::move(hand_over);
    for (Listener& listener : listeners_) accept(listener);
    if (options_.counts) look_again();
    thread_ = std::thread{[this] { io_.run(); }};
  }

  void stop() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    listeners_.clear();
  }

  std::uint16_t port() const override { return port_; }

  void cut_off(const std::string& peer) override {
    boost::asio::post(io_, [this, peer] {
      end_where([&](const Connection& connection) {
        return connection.peer == peer && !is_closed(connection);
      });
    });
  }

 private:
  struct Listener {
    Listener(tcp::acceptor socket_in, boost::asio::io_context& io)
        : socket{std::move(socket_in)}, pause{io} {}
    tcp::acceptor socket;
    boost::asio::steady_timer pause;
  };

  std::optional<tcp::acceptor> bind(const tcp::endpoint& endpoint, error_code& error) {
    tcp::acceptor out{io_};
    if (out.open(endpoint.protocol(), error)) return std::nullopt;
    // Of its family alone unless it is the address of all: then of both, where there are both.
    if (endpoint.address().is_v6()) {
      out.set_option(boost::asio::ip::v6_only{!endpoint.address().is_unspecified()}, error);
    }
    out.set_option(tcp::acceptor::reuse_address{true}, error);
    if (out.bind(endpoint, error)) return std::nullopt;
    if (out.listen(boost::asio::socket_base::max_listen_connections, error)) return std::nullopt;
    return out;
  }

  void accept(Listener& listener) {
    listener.socket.async_accept([this, &listener](const error_code& error, tcp::socket socket) {
      if (!error) {
        admit(std::move(socket));
        return accept(listener);
      }
      listener.pause.expires_after(kPauseAfterFailure);
      listener.pause.async_wait([this, &listener](const error_code&) { accept(listener); });
    });
  }

  void admit(tcp::socket socket) {
    error_code error;
    const auto remote = socket.remote_endpoint(error);
    if (error) return;  // gone already
    const auto source = remote.address().to_string();
    if (is_refused(source)) return;
    // What gRPC's own listener does.
    socket.native_non_blocking(true, error);
    socket.set_option(tcp::no_delay{true}, error);
    const int descriptor = socket.native_handle();
    const auto identity = identity_of(descriptor);
    if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0 || !identity) return;
    if (table_.is_full()) sweep();
    const bool is_over = table_.is_full();
    table_.add({descriptor, *identity, source, peer_of(remote)});
    if (is_over) {
      const Connection evicted = table_.evict(source);
      if (evicted.descriptor == descriptor) return;
      // gRPC owns it: it sees the end and closes it. Should it do so between these two calls, and
      // another connection get the number, that one ends instead: rare, and dialled again.
      if (!is_closed(evicted)) ::shutdown(evicted.descriptor, SHUT_RDWR);
    }
    hand_over_(socket.release());
  }

  void look_again() {
    look_.expires_after(kLookInterval);
    look_.async_wait([this](const error_code& error) {
      if (error) return;
      look();
      look_again();
    });
  }

  void look() {
    options_.begin_round();
    const auto now = monotonic_now();
    std::erase_if(refused_, [now](const auto& entry) { return entry.second <= now; });
    end_where([&](Connection& connection) { return floods(connection, now); });
  }

  // Those connections end, and their sources get no others for a while.
  template <class Predicate>
  void end_where(const Predicate& is_meant) {
    bool has_ended = false;
    table_.for_each([&](Connection& connection) {
      if (!is_meant(connection)) return;
      if (refused_.size() < kRefusedMax) {
        refused_[connection.source] = monotonic_now() + kFloodPenalty;
      }
      end_now(connection.descriptor);
      has_ended = true;
    });
    if (has_ended) table_.sweep(is_closed);
  }

  bool floods(Connection& connection, base::TimePoint now) const {
    const auto bytes = received_bytes(connection.descriptor);
    if (!bytes || *bytes - connection.bytes_seen < kLittleBytes) return false;
    if (is_closed(connection)) return false;  // the number is another's
    connection.bytes_seen = *bytes;
    const auto calls = options_.counts(connection.peer).value_or(CallCounts{});
    return connection.watch.is_flood(*bytes, calls, now, options_.unused_bytes_max);
  }

  bool is_refused(const std::string& source) const {
    const auto found = refused_.find(source);
    return found != refused_.end() && found->second > monotonic_now();
  }

  void sweep() {
    const auto now = std::chrono::steady_clock::now();
    if (now < sweep_again_) return;
    sweep_again_ = now + kSweepInterval;
    table_.sweep(is_closed);
  }

  const AcceptorOptions options_;
  boost::asio::io_context io_{1};
  boost::asio::steady_timer look_{io_};
  std::deque<Listener> listeners_;  // a deque: handlers keep references
  std::uint16_t port_ = 0;
  std::function<void(int)> hand_over_;
  std::thread thread_;
  ConnectionTable table_;  // of thread_, as all below
  std::chrono::steady_clock::time_point sweep_again_;
  std::map<std::string, base::TimePoint> refused_;  // sources, until when
};

}  // namespace

base::Expected<std::unique_ptr<ConnectionAcceptor>, std::string> ConnectionAcceptor::open(
    const AcceptorOptions& options) {
  auto acceptor = std::make_unique<Acceptor>(options);
  if (auto failure = acceptor->listen(options.address)) {
    return base::Unexpected{std::move(*failure)};
  }
  return std::unique_ptr<ConnectionAcceptor>{std::move(acceptor)};
}

}  // namespace peerpay::net
