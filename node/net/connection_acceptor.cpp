#include "node/net/connection_acceptor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cerrno>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "base/endpoint.h"
#include "base/os/clock.h"
#include "base/os/ip_source.h"
#include "base/os/process.h"
#include "node/net/connection_table.h"
#include "node/net/penalties.h"
#include "node/net/received_bytes.h"

namespace peerpay::net {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// Connections that wait to be accepted. Who comes while there are so many gets no answer and tries
// again after a second (tcp(7)): thousands at once are spread over seconds.
constexpr int kBacklog = 128;
// After an accept that failed (no descriptor left, say), before the next.
constexpr std::chrono::milliseconds kPauseAfterFailure{100};
// Looking at all connections for closed ones costs a system call each: no more often than this.
constexpr std::chrono::milliseconds kSweepInterval{50};

// How often all connections are looked at for floods. Those that have said little since, as almost
// all of them have, cost a system call.
constexpr base::Duration kLookInterval = base::milliseconds(10);
// And those that are on trial, that gRPC has not read to the end, or of which nothing came yet.
constexpr base::Duration kCloseLookInterval = base::milliseconds(2);
// Looking takes at most one part in so many of a core.
constexpr std::int64_t kLookShare = 20;
constexpr base::Duration kLookPauseMax = base::milliseconds(100);
constexpr std::uint64_t kLittleBytes = 4 * 1024;
// What gRPC has read it may work on for longer; soon after, it does not.
constexpr std::uint64_t kManyUnusedBytes = 16 * 1024;
constexpr base::Duration kSoon = base::seconds(1);

base::TimePoint monotonic_now() { return os::read_clock().monotonic; }

// Of this thread: on a busy machine it may have to wait in between.
base::Duration cpu_time() {
  timespec time = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return base::seconds(time.tv_sec) + base::microseconds(time.tv_nsec / 1'000);
}

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

enum class Word { kNone, kSaid, kEnded };

// What is there to read.
Word word_of(int descriptor) {
  char byte = 0;
  const auto size = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return Word::kNone;
  return size > 0 ? Word::kSaid : Word::kEnded;
}

bool is_closed(const Connection& connection) {
  return identity_of(connection.descriptor) != connection.identity;
}

constexpr int kNone = -1;  // no descriptor

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
    look_in(kLookInterval);
    boost::asio::post(giver_, [] { os::name_this_thread("hand-over"); });
    thread_ = std::thread{[this] {
      os::name_this_thread("acceptor");
      os::lower_this_threads_priority();  // who is served already goes before who comes
      io_.run();
    }};
  }

  void stop() override {
    // First: a flood keeps the thread that hands it over until it is ended from the other.
    giver_.stop();
    giver_.join();
    io_.stop();
    if (thread_.joinable()) thread_.join();
    listeners_.clear();
    held_.clear();
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
    tcp::endpoint remote;  // of who came last
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
    if (out.listen(kBacklog, error)) return std::nullopt;
    return out;
  }

  void accept(Listener& listener) {
    const auto accepted = [this, &listener](const error_code& error, tcp::socket socket) {
      if (!error) {
        admit(std::move(socket), listener.remote);
        return accept(listener);
      }
      listener.pause.expires_after(kPauseAfterFailure);
      listener.pause.async_wait([this, &listener](const error_code&) { accept(listener); });
    };
    listener.socket.async_accept(listener.remote, accepted);
  }

  void admit(tcp::socket socket, const tcp::endpoint& remote) {
    const auto source = os::ip_source(remote.address().to_string());
    if (table_.is_full()) sweep();
    // First of all: thousands may come in a second.
    if (table_.turns_away(source)) return;
    const auto now = monotonic_now();
    // What gRPC's own listener does.
    error_code error;
    socket.native_non_blocking(true, error);
    socket.set_option(tcp::no_delay{true}, error);
    const int descriptor = socket.native_handle();
    const auto identity = identity_of(descriptor);
    if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0 || !identity) return;
    const bool is_over = table_.is_full();
    table_.add({.descriptor = descriptor,
                .identity = *identity,
                .source = source,
                .peer = peer_of(remote),
                .held_until = now + options_.silent_max});
    held_.emplace(*identity, std::move(socket));
    if (is_over) end(table_.evict(source));
    if (!penalties_.refuses(source, now)) return await_word(source, *identity);
    table_.refuse(source, now);
    drop_those_held_too_long(now);
  }

  void await_word(const std::string& source, std::uint64_t identity) {
    held_.at(identity).async_wait(
        tcp::socket::wait_read, [this, source, identity](const error_code& error) {
          // An end that is expected already is not reported as an error when it comes too late.
          auto* connection = error ? nullptr : table_.find(source, identity);
          if (connection == nullptr || connection->stage != Connection::Stage::kSilent) return;
          const auto word = word_of(connection->descriptor);
          if (word == Word::kNone) return await_word(source, identity);
          if (word == Word::kEnded) return drop(identity);
          connection->stage = Connection::Stage::kWaiting;
          connection->held_until = monotonic_now() + ConnectionTable::kTurnMax;
          table_.begin_trials_of(source, monotonic_now(),
                                 [this](Connection& each) { hand_over(each); });
        });
  }

  void hand_over(Connection& connection) {
    connection.awaits_hand_over = true;
    boost::asio::post(
        giver_, [this, source = connection.source, identity = connection.identity,
                 socket = std::move(held_.extract(connection.identity).mapped())]() mutable {
          boost::asio::post(io_, [this, source, identity] { begin_trial(source, identity); });
          hand_over_(socket.release());
        });
    look_soon();
  }

  void begin_trial(const std::string& source, std::uint64_t identity) {
    auto* connection = table_.find(source, identity);
    if (connection == nullptr) return;
    connection->awaits_hand_over = false;
    connection->trial_begun = connection->heard = monotonic_now();
    look_soon();
  }

  // Of a connection that the table has forgotten.
  void end(const Connection& connection) {
    if (held_.erase(connection.identity) > 0) return;
    // gRPC owns it: it sees the end and closes it. Should it do so between these two calls, and
    // another connection get the number, that one ends instead: rare, and dialled again.
    if (!is_closed(connection)) ::shutdown(connection.descriptor, SHUT_RDWR);
  }

  void drop(std::uint64_t identity) {
    held_.erase(identity);
    table_.sweep([identity](const Connection& each) { return each.identity == identity; });
  }

  void look_in(base::Duration time) {
    look_next_ = monotonic_now() + time;
    look_.expires_after(std::chrono::microseconds{time.microseconds});
    look_.async_wait([this](const error_code& error) {
      if (!error) look();
    });
  }

  void look_soon() {
    if (look_next_ - monotonic_now() > kCloseLookInterval) look_in(kCloseLookInterval);
  }

  void look() {
    const auto now = monotonic_now();
    const auto cpu_before = cpu_time();
    const bool is_at_all = now >= look_at_all_;
    if (is_at_all) look_at_all_ = now + kLookInterval;
    options_.begin_round();
    penalties_.forget(now);
    bool is_any_new = false;
    bool is_any_busy = false;
    end_where([&](Connection& connection) {
      if (connection.is_held() || (!is_at_all && !is_busy(connection, now))) return false;
      const bool is_flood = floods(connection, now);
      is_any_new |= connection.heard == now;
      is_any_busy |= is_busy(connection, now);
      return is_flood;
    });
    if (is_any_new) end_excessive(now);
    drop_those_held_too_long(now);
    table_.settle(now);
    const base::Duration took{cpu_time().microseconds - cpu_before.microseconds};
    look_in(std::max(is_any_busy ? kCloseLookInterval : kLookInterval,
                     std::min(took * kLookShare, kLookPauseMax)));
    table_.begin_trials(now, [this](Connection& each) { hand_over(each); });
  }

  static bool is_in_work(const Connection& connection, base::TimePoint now) {
    return connection.watch.unused_bytes() >= kManyUnusedBytes && now - connection.heard < kSoon;
  }

  static bool is_busy(const Connection& connection, base::TimePoint now) {
    return connection.has_more || connection.stage == Connection::Stage::kOnTrial ||
           is_in_work(connection, now);
  }

  // Those connections end, and their sources get no others for a while.
  template <class Predicate>
  void end_where(const Predicate& is_meant) {
    std::set<std::string> sources;
    table_.for_each([&](Connection& connection) {
      if (!is_meant(connection)) return;
      end_now(connection.descriptor);
      held_.erase(connection.identity);
      connection.descriptor = kNone;
      sources.insert(connection.source);
    });
    if (sources.empty()) return;
    const auto now = monotonic_now();
    for (const auto& source : sources) {
      penalties_.add(source, now);
      table_.refuse(source, now);
    }
    table_.sweep(is_closed);
  }

  void end_excessive(base::TimePoint now) {
    if (table_.excessive(now, options_.unused_bytes_max).empty()) return;
    // By what was seen at many looks; now at once.
    table_.sweep(is_closed);
    table_.for_each([&](Connection& connection) {
      if (!connection.is_held()) (void)is_flood_now(connection, now);
    });
    const auto excessive = table_.excessive(now, options_.unused_bytes_max);
    end_where([&](const Connection& connection) {
      return std::find(excessive.begin(), excessive.end(), &connection) != excessive.end();
    });
  }

  void drop_those_held_too_long(base::TimePoint now) {
    if (held_.empty()) return;
    table_.sweep([&](const Connection& each) {
      if (!each.is_held() || now < each.held_until) return false;
      held_.erase(each.identity);
      return true;
    });
  }

  // Looks at one that gRPC has.
  bool floods(Connection& connection, base::TimePoint now) const {
    const auto received = received_bytes(connection.descriptor);
    const bool is_on_trial = connection.stage == Connection::Stage::kOnTrial;
    const bool is_new = received != connection.bytes_received || connection.has_more;
    const bool is_watched = is_on_trial || is_in_work(connection, now);
    if (received && !is_new && !is_watched) return false;
    // The number is another's; its trial lasts as if it were silent, as what it said was no use.
    if (!received || is_closed(connection)) {
      connection.has_more = false;
      return false;
    }
    const auto unread = unread_bytes(connection.descriptor);
    // Some may have come since.
    const auto taken = *received - std::min(*received, unread);
    connection.bytes_received = *received;
    connection.has_more = unread > 0;
    if (is_new) connection.heard = now;
    // What comes of the few bytes of a first call may be counted after they were read.
    if (!is_watched && taken < connection.bytes_taken + kLittleBytes) return false;
    connection.bytes_taken = std::max(taken, connection.bytes_taken);
    return is_flood_now(connection, now);
  }

  bool is_flood_now(Connection& connection, base::TimePoint now) const {
    const auto calls = options_.counts(connection.peer).value_or(CallCounts{});
    return connection.watch.is_flood(connection.bytes_taken, calls, now, options_.unused_bytes_max);
  }

  void sweep() {
    const auto now = std::chrono::steady_clock::now();
    if (now < sweep_again_) return;
    sweep_again_ = now + kSweepInterval;
    table_.sweep(is_closed);
  }

  const AcceptorOptions options_;
  boost::asio::io_context io_{1};
  // gRPC begins to read a connection on the thread that hands it over, and goes on while more
  // comes: that of a flood is kept until somebody else has ended it.
  boost::asio::thread_pool giver_{1};
  boost::asio::steady_timer look_{io_};
  std::deque<Listener> listeners_;  // a deque: handlers keep references
  std::uint16_t port_ = 0;
  std::function<void(int)> hand_over_;
  std::thread thread_;
  ConnectionTable table_;  // of thread_, as all below
  std::chrono::steady_clock::time_point sweep_again_;
  std::map<std::uint64_t, tcp::socket> held_;  // by identity: those that are not gRPC's yet
  base::TimePoint look_next_;
  base::TimePoint look_at_all_;
  Penalties penalties_;
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
