#include "api/http/connection.h"

#include <unistd.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <exception>
#include <utility>

namespace peerpay::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using base::Expected;
using base::Unexpected;

// The error is a value here: a client that goes away is no exception.
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kSignOfLife = ": \n\n";  // a comment of text/event-stream
// http H16. After an answer that ends a connection: so long and so much the client may still send.
// Closing earlier would reset the connection and could take the answer with it (RFC 9112
// section 9.6).
constexpr std::chrono::milliseconds kLingerTime{1'000};
constexpr std::size_t kLingerBytesMax = 512 * 1024;
// What a client may send into an event stream, which nobody reads, before it counts as gone.
constexpr std::size_t kStreamInputBytesMax = 64 * 1024;

constexpr auto kNever = Connection::Clock::time_point::max();

}  // namespace

std::string Service::next_request_id() {
  return request_id_prefix + std::to_string(++counters.requests);
}

const std::string& Service::date() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  if (now != date_seconds) {
    date_text = http_date(now);
    date_seconds = now;
  }
  return date_text;
}

Response Service::refuse(Fault fault, std::string_view request_id) {
  const Refusal& refused = refusal(fault);
  Response response = write_refusal(refused, request_id);
  response.status = refused.status;
  if (fault == Fault::kOverloaded) response.set("Retry-After", "1");
  return response;
}

void Service::count_failure(std::string_view request_id, std::string_view reason) {
  ++counters.handler_failures;
  if (settings.on_handler_failure) settings.on_handler_failure(request_id, reason);
}

struct Connection::Io {
  explicit Io(asio::io_context& loop) : socket{loop} {}

  tcp::socket socket;
  asio::cancellation_signal handler_cancellation;
};

// http H13. The bytes of one body count against what all connections may hold, as they come.
class Connection::HeldBody {
 public:
  explicit HeldBody(Service& service) : service_{service} {}
  HeldBody(const HeldBody&) = delete;
  HeldBody& operator=(const HeldBody&) = delete;
  ~HeldBody() { hold(0); }

  void hold(std::size_t bytes) {
    service_.body_bytes_held += bytes - bytes_;
    bytes_ = bytes;
  }
  [[nodiscard]] bool is_too_much() const {
    return service_.body_bytes_held > service_.settings.limits.body_bytes_held_max;
  }

 private:
  Service& service_;
  std::size_t bytes_ = 0;
};

// In the line of those who send, which is no longer than that of connections.
class Connection::Unfinished {
 public:
  Unfinished(Connection& sender, HeldBody& held)
      : sender_{sender},
        held_{held},
        place_{sender.service_->senders.insert(sender.service_->senders.end(), &sender)} {
    sender_.unfinished_ = this;
  }
  ~Unfinished() { leave(); }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;

  [[nodiscard]] bool has_given_way() const { return sender_.unfinished_ == nullptr; }
  void give_way() {
    held_.hold(0);
    leave();
  }

 private:
  void leave() {
    if (has_given_way()) return;
    sender_.service_->senders.erase(place_);
    sender_.unfinished_ = nullptr;
  }

  Connection& sender_;
  HeldBody& held_;
  std::list<Connection*>::iterator place_;
};

Connection::Connection(asio::io_context& loop, std::shared_ptr<Service> service, int descriptor,
                       std::string remote_address)
    : service_{std::move(service)},
      io_{std::make_unique<Io>(loop)},
      received_{service_->framing.header_bytes_max},
      remote_address_{std::move(remote_address)} {
  const bool is_ip6 = remote_address_.find(':') != std::string::npos;
  boost::system::error_code error;
  io_->socket.assign(is_ip6 ? tcp::v6() : tcp::v4(), descriptor, error);
  // Short of memory for one more socket: it stays unopened, so the first read ends the connection.
  if (error) ::close(descriptor);
  io_->socket.non_blocking(true, error);
}

Connection::~Connection() = default;

void Connection::start(const std::shared_ptr<Connection>& connection,
                       std::function<void()> on_closed) {
  // The handler keeps the connection until the coroutine, which only borrows it, is gone.
  auto ended = [connection, on_closed = std::move(on_closed)](const std::exception_ptr&) {
    boost::system::error_code ignored;
    connection->io_->socket.close(ignored);
    on_closed();
  };
  asio::co_spawn(
      connection->io_->socket.get_executor(), connection->serve(),
      asio::bind_cancellation_slot(connection->io_->handler_cancellation.slot(), std::move(ended)));
}

void Connection::enter(Phase phase, Clock::time_point deadline) {
  phase_ = phase;
  deadline_ = deadline;
  has_expired_ = false;
}

void Connection::expire(Clock::time_point now) {
  if (now < deadline_) return;
  deadline_ = kNever;
  has_expired_ = true;
  boost::system::error_code ignored;
  io_->socket.cancel(ignored);
}

void Connection::stop() {
  if (phase_ != Phase::kIdle && phase_ != Phase::kStreaming) return;
  boost::system::error_code ignored;
  io_->socket.cancel(ignored);
}

void Connection::cut() {
  boost::system::error_code ignored;
  io_->socket.close(ignored);
  io_->handler_cancellation.emit(asio::cancellation_type::terminal);
}

Task<void> Connection::serve() {
  bool goes_on = true;
  while (goes_on) goes_on = co_await serve_request();
}

Task<bool> Connection::serve_request() {
  if (!co_await wait_for_request()) co_return false;
  const auto& limits = service_->settings.limits;
  const Clock::time_point now = Clock::now();
  request_deadline_ = now + limits.request_deadline;
  enter(Phase::kReading, now + limits.header_deadline);
  const bool is_head_method = received_.text().starts_with("HEAD ");
  Expected<RequestHead, Ending> head = co_await read_head();
  if (!head) {
    co_await refuse(head.error(), is_head_method);
    co_return false;
  }
  Request request{.method = head->method,
                  .path = std::move(head->path),
                  .query = std::move(head->query),
                  .headers = std::move(head->headers),
                  .body = {},
                  .remote_address = remote_address_,
                  .id = {}};
  HeldBody held{*service_};
  if (is_body_unwanted(*head, request)) {
    request.is_body_unread = true;
    head->ends_connection = true;
  } else if (head->framing != BodyFraming::kNone) {
    Expected<std::string, Ending> body = co_await read_body(*head, held);
    if (!body) {
      held.hold(0);
      co_await refuse(body.error(), is_head_method);
      co_return false;
    }
    request.body = std::move(*body);
  }
  co_return co_await answer(std::move(request), *head, held);
}

Task<bool> Connection::wait_for_request() {
  if (service_->is_stopping) co_return false;
  if (!received_.text().empty()) co_return true;
  received_.shrink();
  enter(Phase::kIdle, Clock::now() + service_->settings.limits.idle_deadline);
  co_return co_await read_more();
}

Task<bool> Connection::read_more() {
  const std::span<char> space = received_.space();
  const auto [error, count] =
      co_await io_->socket.async_read_some(asio::buffer(space.data(), space.size()), kAsTuple);
  received_.add(count);
  co_return !error && !has_expired_;
}

Connection::Ending Connection::interruption() const {
  return has_expired_ ? Ending{Fault::kTimeout} : Ending{};
}

Task<Expected<RequestHead, Connection::Ending>> Connection::read_head() {
  while (true) {
    const auto end = find_header_end(received_.text(), service_->framing);
    if (!end) co_return Unexpected{Ending{end.error()}};
    if (*end) {
      auto head = check_header_block(received_.text().substr(0, **end), service_->framing);
      if (!head) co_return Unexpected{Ending{head.error()}};
      received_.consume(**end);
      co_return std::move(*head);
    }
    if (!co_await read_more()) co_return Unexpected{interruption()};
  }
}

// http H13. A body that is there already takes no place while others wait.
bool Connection::is_body_unwanted(const RequestHead& head, const Request& request) const {
  const auto& wants_body = service_->settings.wants_body;
  if (head.framing == BodyFraming::kNone || !wants_body) return false;
  const bool is_here =
      head.framing == BodyFraming::kLength && received_.text().size() >= head.body_bytes;
  return !is_here && !wants_body(request);
}

Task<Expected<std::string, Connection::Ending>> Connection::read_body(const RequestHead& head,
                                                                      HeldBody& held) {
  if (head.expects_continue && received_.text().empty() && !co_await write(kContinue)) {
    co_return Unexpected{Ending{}};
  }
  enter(Phase::kReading, request_deadline_);
  ChunkedReader chunks{head.body_bytes_max, service_->framing.chunk_line_bytes_max};
  std::string body;
  std::optional<Unfinished> unfinished;
  while (true) {
    const std::string_view text = received_.text();
    if (head.framing == BodyFraming::kChunked) {
      const Expected<std::size_t, Fault> taken = chunks.take(text, body);
      if (!taken) co_return Unexpected{Ending{taken.error()}};
      received_.consume(*taken);
      held.hold(body.size());
      if (chunks.is_done()) co_return body;
    } else {
      const std::size_t count = std::min(head.body_bytes - body.size(), text.size());
      body.append(text.substr(0, count));
      received_.consume(count);
      held.hold(body.size());
      if (body.size() == head.body_bytes) co_return body;
    }
    if (!unfinished) unfinished.emplace(*this, held);
    if (!makes_room(held)) co_return Unexpected{Ending{Fault::kOverloaded}};
    const bool has_come = co_await read_more();
    if (unfinished->has_given_way()) co_return Unexpected{Ending{Fault::kOverloaded}};
    if (!has_come) co_return Unexpected{interruption()};
  }
}

// http H13. Who sends slowly gives way to the others. False: nobody has been longer at it.
bool Connection::makes_room(const HeldBody& held) {
  while (held.is_too_much()) {
    Connection* const oldest = service_->senders.front();
    if (oldest == this) return false;
    oldest->give_way();
  }
  return true;
}

void Connection::give_way() {
  unfinished_->give_way();
  boost::system::error_code ignored;
  io_->socket.cancel(ignored);
}

Task<bool> Connection::write(std::string_view bytes) {
  boost::system::error_code error;
  const std::size_t written = io_->socket.write_some(asio::buffer(bytes), error);
  if (written == bytes.size()) co_return true;
  if (error && error != asio::error::would_block) co_return false;
  enter(Phase::kWriting, Clock::now() + service_->settings.limits.write_deadline);
  const auto [failure, rest] =
      co_await asio::async_write(io_->socket, asio::buffer(bytes.substr(written)), kAsTuple);
  co_return !failure;
}

Task<bool> Connection::answer(Request request, const RequestHead& head, HeldBody& held) {
  const bool is_head_method = request.method == Method::kHead;
  request.id = service_->next_request_id();
  const std::string request_id = request.id;
  enter(Phase::kHandling, kNever);
  Response response = co_await respond(std::move(request));
  held.hold(0);
  const bool is_stream = response.events != nullptr;
  const bool is_last = head.ends_connection || is_stream || service_->is_stopping ||
                       ++requests_ >= service_->settings.limits.requests_per_connection_max;
  const std::string text = wire_form(response, {.omits_body = is_head_method,
                                                .is_last = is_last,
                                                .is_chunked = is_stream && head.takes_chunks,
                                                .date = service_->date(),
                                                .request_id = request_id});
  if (!co_await write(text)) co_return false;
  if (is_stream && !is_head_method) {
    co_await stream(*response.events, head.takes_chunks, request_id);
  }
  if (is_last) co_await linger();
  co_return !is_last;
}

Task<Response> Connection::respond(Request request) {
  struct UnderWay {
    std::size_t& count;
    explicit UnderWay(std::size_t& all) : count{all} { ++count; }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;
    ~UnderWay() { --count; }
  };
  ServerCounters& counters = service_->counters;
  const std::string id = request.id;
  if (counters.requests_under_way >= service_->settings.limits.requests_under_way_max) {
    ++counters.requests_overloaded;
    co_return service_->refuse(Fault::kOverloaded, id);
  }
  const UnderWay under_way{counters.requests_under_way};
  std::string failure = "the answer breaks the framing";
  try {
    Response response = co_await service_->handle(std::move(request));
    if (is_sendable(response)) co_return response;
  } catch (const std::exception& error) {
    failure = error.what();
  }
  if (!io_->socket.is_open()) co_return Response{};  // cut: the handler was cancelled
  service_->count_failure(id, failure);
  co_return service_->refuse(Fault::kHandler, id);
}

Task<void> Connection::refuse(Ending ending, bool omits_body) {
  if (!ending.fault) co_return;
  ServerCounters& counters = service_->counters;
  const std::string request_id = service_->next_request_id();
  if (*ending.fault == Fault::kTimeout) {
    ++counters.requests_timed_out;
  } else if (*ending.fault == Fault::kOverloaded) {
    ++counters.requests_overloaded;
  } else {
    ++counters.requests_refused_by_gate;
  }
  const Response response = service_->refuse(*ending.fault, request_id);
  const std::string text = wire_form(response, {.omits_body = omits_body,
                                                .is_last = true,
                                                .is_chunked = false,
                                                .date = service_->date(),
                                                .request_id = request_id});
  if (co_await write(text)) co_await linger();
}

Task<void> Connection::stream(EventSource& events, bool takes_chunks, std::string_view request_id) {
  while (!service_->is_stopping) {
    enter(Phase::kStreaming, kNever);
    const Piece piece = co_await next_or_gone(events);
    if (piece.failure) {
      service_->count_failure(request_id, *piece.failure);
      co_return;  // without the last chunk, so that the client knows
    }
    if (!piece.bytes) break;
    const std::string_view bytes = piece.bytes->empty() ? kSignOfLife : *piece.bytes;
    const std::string text = takes_chunks ? chunk(bytes) : std::string{bytes};
    if (!co_await write(text)) co_return;
  }
  if (takes_chunks && !co_await write(kLastChunk)) co_return;
}

Task<Connection::Piece> Connection::next_or_gone(EventSource& events) {
  using asio::experimental::awaitable_operators::operator||;
  // An exception would not end the race below.
  const auto next = [](EventSource& source) -> Task<Piece> {
    try {
      std::optional<std::string> bytes = co_await source.next();
      co_return Piece{std::move(bytes), std::nullopt};
    } catch (const std::exception& error) {
      co_return Piece{std::nullopt, error.what()};
    }
  };
  auto first = co_await (next(events) || wait_until_gone());
  if (Piece* const piece = std::get_if<Piece>(&first)) co_return std::move(*piece);
  co_return Piece{};
}

Task<void> Connection::wait_until_gone() {
  std::array<char, 512> ignored{};
  for (std::size_t total = 0; total < kStreamInputBytesMax;) {
    const auto [error, count] =
        co_await io_->socket.async_read_some(asio::buffer(ignored), kAsTuple);
    if (error) co_return;
    total += count;
  }
}

Task<void> Connection::linger() {
  const auto& limits = service_->settings.limits;
  enter(Phase::kLingering, Clock::now() + std::min(kLingerTime, limits.write_deadline));
  boost::system::error_code failure;
  io_->socket.shutdown(tcp::socket::shutdown_send, failure);
  if (failure) co_return;
  std::size_t total = 0;
  while (total < kLingerBytesMax && !has_expired_) {
    received_.shrink();
    const std::span<char> space = received_.space();
    const auto [error, count] =
        co_await io_->socket.async_read_some(asio::buffer(space.data(), space.size()), kAsTuple);
    if (error) co_return;
    total += count;
  }
}

}  // namespace peerpay::http
