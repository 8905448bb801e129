#include "api/http/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <list>
#include <map>
#include <span>
#include <utility>

#include "api/http/connection.h"
#include "base/bytes.h"
#include "base/os/entropy.h"
#include "base/os/ip_source.h"

namespace peerpay::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using base::Expected;
using base::Unexpected;
using std::chrono::milliseconds;

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

constexpr int kBacklog = 4'096;
constexpr int kAcceptsPerTurn = 64;  // then others have their turn on the loop
constexpr milliseconds kAcceptPause{100};
constexpr milliseconds kSweepIntervalMax{250};
constexpr milliseconds kSweepIntervalMin{5};

// http H11: deadlines are kept to a quarter of the shortest one.
milliseconds sweep_interval(const ServerLimits& limits) {
  const milliseconds shortest = std::min({limits.header_deadline, limits.request_deadline,
                                          limits.write_deadline, limits.idle_deadline});
  return std::clamp(shortest / 4, kSweepIntervalMin, kSweepIntervalMax);
}

// http H15: another try at once would fail the same way.
bool is_shortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

Expected<std::string, std::string> random_prefix() {
  std::array<std::uint8_t, 8> bytes{};
  if (const auto filled = os::fill_with_entropy(bytes); !filled) {
    return Unexpected{filled.error().sentence()};
  }
  return "req_" + base::to_hex(bytes) + "_";
}

}  // namespace

struct Server::State : std::enable_shared_from_this<Server::State> {
  State(asio::io_context& the_loop, std::shared_ptr<Service> the_service)
      : loop{the_loop},
        acceptor{the_loop},
        accept_pause{the_loop},
        sweep_timer{the_loop},
        all_closed{the_loop},
        service{std::move(the_service)} {}

  void open(const tcp::endpoint& endpoint, boost::system::error_code& error);
  [[nodiscard]] static Task<void> accept_all(std::shared_ptr<State> state);
  [[nodiscard]] bool accept_some();
  void take(int descriptor, const asio::ip::address& address);
  void turn_away(int descriptor);
  void forget(const std::string& source);
  [[nodiscard]] static Task<void> sweep(std::shared_ptr<State> state);
  void stop_accepting();
  void cut_all();

  asio::io_context& loop;
  tcp::acceptor acceptor;
  asio::steady_timer accept_pause;
  asio::steady_timer sweep_timer;
  asio::steady_timer all_closed;
  std::shared_ptr<Service> service;
  std::list<std::shared_ptr<Connection>> connections;
  std::map<std::string, std::size_t> connections_of;  // each source
};

void Server::State::open(const tcp::endpoint& endpoint, boost::system::error_code& error) {
  acceptor.open(endpoint.protocol(), error);
  if (error) return;
  acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
  if (error) return;
  acceptor.bind(endpoint, error);
  if (error) return;
  acceptor.listen(kBacklog, error);
  if (error) return;
  acceptor.native_non_blocking(true, error);
}

Task<void> Server::State::accept_all(std::shared_ptr<State> state) {
  while (state->acceptor.is_open()) {
    const auto [error] = co_await state->acceptor.async_wait(tcp::acceptor::wait_read, kAsTuple);
    if (error) co_return;
    if (state->accept_some()) continue;
    ++state->service->counters.accept_pauses;
    state->accept_pause.expires_after(kAcceptPause);
    co_await state->accept_pause.async_wait(kAsTuple);
  }
}

// False when it must not be tried again at once.
bool Server::State::accept_some() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    tcp::endpoint peer;
    auto size = static_cast<socklen_t>(peer.capacity());
    const int descriptor =
        ::accept4(acceptor.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
      peer.resize(size);
      take(descriptor, peer.address());
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
    if (is_shortage(errno)) return false;
    // Anything else is about the one connection that just failed.
  }
  return true;
}

void Server::State::take(int descriptor, const asio::ip::address& address) {
  const ServerLimits& limits = service->settings.limits;
  const std::string source = os::ip_source(address.to_string());  // http H12
  const auto known = connections_of.find(source);
  const std::size_t from_there = known == connections_of.end() ? 0 : known->second;
  if (connections.size() >= limits.connections_max ||
      from_there >= limits.connections_per_address_max) {
    turn_away(descriptor);
    return;
  }
  const int on = 1;  // answers are one write each: nothing is gained by waiting for more
  (void)::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto connection = std::make_shared<Connection>(loop, service, descriptor, address.to_string());
  ++connections_of[source];
  ++service->counters.connections_accepted;
  connections.push_back(connection);
  service->counters.connections_open = connections.size();
  const auto place = std::prev(connections.end());
  Connection::start(connection, [self = shared_from_this(), place, source] {
    self->connections.erase(place);
    self->forget(source);
  });
}

void Server::State::forget(const std::string& source) {
  const auto counted = connections_of.find(source);
  if (--counted->second == 0) connections_of.erase(counted);
  service->counters.connections_open = connections.size();
  if (connections.empty() && service->is_stopping) all_closed.cancel();
}

// One try to say why: a client without a place must not cost one.
void Server::State::turn_away(int descriptor) {
  ++service->counters.connections_refused;
  const std::string request_id = service->next_request_id();
  const Response response = service->refuse(Fault::kOverloaded, request_id);
  const std::string text = wire_form(response, {.omits_body = false,
                                                .is_last = true,
                                                .is_chunked = false,
                                                .date = service->date(),
                                                .request_id = request_id});
  (void)::send(descriptor, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  ::close(descriptor);
}

Task<void> Server::State::sweep(std::shared_ptr<State> state) {
  const milliseconds interval = sweep_interval(state->service->settings.limits);
  while (true) {
    state->sweep_timer.expires_after(interval);
    const auto [error] = co_await state->sweep_timer.async_wait(kAsTuple);
    if (error) co_return;
    const Connection::Clock::time_point now = Connection::Clock::now();
    for (const auto& connection : state->connections) connection->expire(now);
  }
}

void Server::State::stop_accepting() {
  service->is_stopping = true;
  boost::system::error_code ignored;
  acceptor.close(ignored);
  accept_pause.cancel();
}

void Server::State::cut_all() {
  const auto open = connections;  // a handler that ends at once takes its connection off the list
  for (const auto& connection : open) connection->cut();
  sweep_timer.cancel();
}

Expected<std::unique_ptr<Server>, std::string> Server::listen(asio::io_context& loop,
                                                              const ServerSettings& settings,
                                                              Handle handle,
                                                              RefusalWriter refusal) {
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(settings.host, error);
  if (error) return Unexpected{"\"" + settings.host + "\" is no IP address."};
  Expected<std::string, std::string> prefix = random_prefix();
  if (!prefix) return Unexpected{prefix.error()};
  auto service = std::make_shared<Service>();
  service->settings = settings;
  service->framing.header_bytes_max = settings.limits.header_bytes_max;
  service->framing.target_bytes_max = settings.limits.target_bytes_max;
  service->framing.body_bytes_max = settings.limits.body_bytes_max;
  service->framing.long_bodies = settings.long_bodies;
  service->handle = std::move(handle);
  service->write_refusal = std::move(refusal);
  service->request_id_prefix = std::move(*prefix);
  auto state = std::make_shared<State>(loop, std::move(service));
  state->open(tcp::endpoint{address, settings.port}, error);
  if (error) {
    return Unexpected{"Cannot listen on " + settings.host + " port " +
                      std::to_string(settings.port) + ": " + error.message() + "."};
  }
  asio::co_spawn(loop, State::accept_all(state), asio::detached);
  asio::co_spawn(loop, State::sweep(state), asio::detached);
  return std::unique_ptr<Server>{new Server{std::move(state)}};
}

Server::Server(std::shared_ptr<State> state) : state_{std::move(state)} {}

Server::~Server() {
  state_->stop_accepting();
  state_->cut_all();
}

std::uint16_t Server::port() const {
  boost::system::error_code ignored;
  return state_->acceptor.local_endpoint(ignored).port();
}

const ServerCounters& Server::counters() const { return state_->service->counters; }

Task<void> Server::stop(milliseconds patience) {
  const std::shared_ptr<State> state = state_;
  state->stop_accepting();
  for (const auto& connection : state->connections) connection->stop();
  if (!state->connections.empty()) {
    state->all_closed.expires_after(patience);
    co_await state->all_closed.async_wait(kAsTuple);
  }
  state->cut_all();
}

}  // namespace peerpay::http
