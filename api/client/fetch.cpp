#include <netdb.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "api/client/http_client.h"

namespace peerpay::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Clock = std::chrono::steady_clock;
using Endpoint = asio::ip::tcp::endpoint;
using ErrorCode = boost::system::error_code;
using Failure = base::Unexpected<ClientError>;
using Result = base::Expected<ClientAnswer, ClientError>;

constexpr int kInterimAnswersMax = 8;
constexpr int kLookupsMax = 256;           // threads; the resolver may hold one for half a minute
constexpr std::size_t kAddressesMax = 16;  // tried of one name

Failure fail(ClientFault fault, std::string message) {
  return Failure{ClientError{fault, std::move(message)}};
}

Failure time_is_up() { return fail(ClientFault::kTimeout, "No whole answer within the deadline."); }

bool is_time_up(const ErrorCode& error) {
  return error == beast::error::timeout || error == asio::error::operation_aborted;
}

// ---- Names ----

// A lookup that its caller may walk away from: getaddrinfo can't be interrupted, and Asio's
// resolver asks for one name at a time, so that a slow name server would hold up every other name.
struct Lookup {
  std::mutex mutex;
  asio::steady_timer* waiter = nullptr;  // guarded by mutex; null once the caller has gone
  bool is_done = false;                  // guarded by mutex, and so is the rest
  std::string problem;
  std::vector<Endpoint> endpoints;
};

// Of the whole process, as its threads are.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<int> lookups_under_way{0};

void look_up(Lookup& lookup, const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const std::lock_guard lock{lookup.mutex};
  lookup.is_done = true;
  if (code != 0) {
    lookup.problem = gai_strerror(code);
    return;
  }
  for (const auto* entry = found; entry != nullptr; entry = entry->ai_next) {
    Endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::copy_n(reinterpret_cast<const std::uint8_t*>(entry->ai_addr), entry->ai_addrlen,
                reinterpret_cast<std::uint8_t*>(endpoint.data()));
    endpoint.resize(entry->ai_addrlen);
    endpoint.port(port);
    lookup.endpoints.push_back(endpoint);
  }
  freeaddrinfo(found);
}

// Wakes the caller on its own loop, unless it has gone.
void wake_waiter(const std::shared_ptr<Lookup>& lookup) {
  const std::lock_guard lock{lookup->mutex};
  if (lookup->waiter == nullptr) return;
  asio::post(lookup->waiter->get_executor(), [lookup] {
    const std::lock_guard lock_on_loop{lookup->mutex};
    if (lookup->waiter != nullptr) lookup->waiter->cancel();
  });
}

// False when there are too many.
bool start_lookup(const std::shared_ptr<Lookup>& lookup, const Url& url) {
  if (lookups_under_way.fetch_add(1) >= kLookupsMax) {
    --lookups_under_way;
    return false;
  }
  try {
    std::thread{[lookup, host = url.host, port = url.port] {
      look_up(*lookup, host, port);
      wake_waiter(lookup);
      --lookups_under_way;
    }}.detach();
  } catch (const std::system_error&) {
    --lookups_under_way;
    return false;
  }
  return true;
}

// Lets go of a lookup on every way out, also when the loop ends under the caller.
class Waiting {
 public:
  Waiting(std::shared_ptr<Lookup> lookup, asio::steady_timer& timer) : lookup_{std::move(lookup)} {
    const std::lock_guard lock{lookup_->mutex};
    lookup_->waiter = &timer;
  }
  ~Waiting() {
    const std::lock_guard lock{lookup_->mutex};
    lookup_->waiter = nullptr;
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  std::shared_ptr<Lookup> lookup_;
};

Task<base::Expected<std::vector<Endpoint>, ClientError>> resolve(const Url& url,
                                                                 Clock::time_point deadline) {
  ErrorCode error;
  const auto literal = asio::ip::make_address(url.host, error);
  if (!error) co_return std::vector<Endpoint>{Endpoint{literal, url.port}};

  asio::steady_timer timer{co_await asio::this_coro::executor, deadline};
  const auto lookup = std::make_shared<Lookup>();
  const Waiting waiting{lookup, timer};
  if (!start_lookup(lookup, url)) {
    co_return fail(ClientFault::kUnresolved, "Too many names are being looked up.");
  }
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
  const std::lock_guard lock{lookup->mutex};
  if (!lookup->is_done) co_return time_is_up();
  if (lookup->endpoints.empty()) {
    co_return fail(ClientFault::kUnresolved,
                   "The name " + url.host + " has no address: " + lookup->problem + ".");
  }
  co_return lookup->endpoints;
}

// One forbidden address forbids the name: whoever serves the name chooses the order.
std::optional<Failure> refuse_addresses(const std::vector<Endpoint>& endpoints, Reach reach) {
  for (const auto& endpoint : endpoints) {
    const auto address = endpoint.address().to_string();
    if (is_reachable(reach, address)) continue;
    return fail(ClientFault::kForbiddenAddress, "The address " + address + " is not allowed.");
  }
  return std::nullopt;
}

// ---- TLS ----

void use_authorities(asio::ssl::context& context, const std::optional<std::string>& ca_file,
                     ErrorCode& error) {
  if (ca_file) {
    context.load_verify_file(*ca_file, error);
  } else {
    context.set_default_verify_paths(error);
  }
}

// One context for each set of authorities, kept by the loop: reading the system's takes longer than
// a whole request.
class TlsContexts : public asio::execution_context::service {
 public:
  using key_type = TlsContexts;  // NOLINT(readability-identifier-naming): Asio asks for it
  static inline asio::execution_context::id id;  // NOLINT: Asio finds services by it

  explicit TlsContexts(asio::execution_context& owner) : asio::execution_context::service{owner} {}

  base::Expected<asio::ssl::context*, ClientError> find(const std::optional<std::string>& ca_file) {
    const auto known = contexts_.find(ca_file);
    if (known != contexts_.end()) return &known->second;
    asio::ssl::context context{asio::ssl::context::tls_client};
    ErrorCode error;
    use_authorities(context, ca_file, error);
    if (error) {
      return fail(ClientFault::kTls, "The certificate authorities can't be read" +
                                         (ca_file ? " from " + *ca_file : std::string{}) + ": " +
                                         error.message() + ".");
    }
    auto* const native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
    return &contexts_.emplace(ca_file, std::move(context)).first->second;
  }

 private:
  void shutdown() override { contexts_.clear(); }
  std::map<std::optional<std::string>, asio::ssl::context> contexts_;
};

using TlsStream = asio::ssl::stream<beast::tcp_stream>;

// The certificate must be for the host of the URL. False when OpenSSL is out of memory.
bool expect_host(TlsStream& stream, const Url& url) {
  constexpr std::array<unsigned char, 9> kProtocols = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  SSL* const ssl = stream.native_handle();
  SSL_set_alpn_protos(ssl, kProtocols.data(), kProtocols.size());
  ErrorCode error;
  asio::ip::make_address(url.host, error);
  if (!error) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), url.host.c_str()) == 1;
  }
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set_tlsext_host_name(ssl, url.host.c_str()) == 1 &&
         SSL_set1_host(ssl, url.host.c_str()) == 1;
}

// ---- HTTP ----

using WireRequest = beast::http::request<beast::http::string_body>;
using Parser = beast::http::response_parser<beast::http::buffer_body>;

WireRequest to_wire(const ClientRequest& request) {
  WireRequest wire;
  wire.version(11);
  wire.method_string(name(request.method));
  wire.target(request.url.target);
  wire.set(beast::http::field::host, request.url.authority());
  wire.set(beast::http::field::connection, "close");
  for (const auto& header : request.headers) wire.set(header.name, header.value);
  wire.body() = request.body;
  wire.prepare_payload();
  return wire;
}

Failure broken_exchange(const ErrorCode& error) {
  if (is_time_up(error)) return time_is_up();
  if (error.category() == asio::error::get_ssl_category()) {
    return fail(ClientFault::kTls, "TLS failed: " + error.message() + ".");
  }
  return fail(ClientFault::kMalformed, "No HTTP answer: " + error.message() + ".");
}

ClientAnswer header_of(const Parser& parser) {
  ClientAnswer answer;
  answer.status = parser.get().result_int();
  for (const auto& field : parser.get()) {
    answer.headers.push_back({std::string{field.name_string()}, std::string{field.value()}});
  }
  return answer;
}

// What comes until the end, the bound or the deadline. REQUIRES: the header was read.
template <class Stream>
Task<void> read_body(Stream& stream, beast::flat_buffer& buffer, Parser& parser,
                     std::size_t bytes_max, ClientAnswer& answer) {
  std::array<char, 4096> piece{};
  while (!parser.is_done()) {
    auto& body = parser.get().body();
    body.data = piece.data();
    body.size = std::min(piece.size(), bytes_max + 1 - answer.body.size());
    const auto room = body.size;
    ErrorCode error;
    co_await beast::http::async_read_some(stream, buffer, parser,
                                          asio::redirect_error(asio::use_awaitable, error));
    answer.body.append(piece.data(), room - parser.get().body().size);
    const bool is_too_long = answer.body.size() > bytes_max;
    if (is_too_long) answer.body.resize(bytes_max);
    answer.is_body_whole = !is_too_long && (!error || error == beast::http::error::need_buffer);
    if (!answer.is_body_whole) co_return;
  }
}

// REQUIRES: the stream is connected, and has its deadline.
template <class Stream>
Task<Result> exchange(Stream& stream, const ClientRequest& request, const ClientLimits& limits) {
  ErrorCode error;
  const auto wire = to_wire(request);
  co_await beast::http::async_write(stream, wire, asio::redirect_error(asio::use_awaitable, error));
  // A server may answer and close before it has read all; what it said is there to be read.
  if (error && is_time_up(error)) co_return time_is_up();

  beast::flat_buffer buffer{limits.header_bytes_max + 4096};
  for (int i = 0; i <= kInterimAnswersMax; ++i) {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    parser.body_limit(boost::none);  // read_body has its own
    parser.skip(request.method == Method::kHead);
    co_await beast::http::async_read_header(stream, buffer, parser,
                                            asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return broken_exchange(error);
    const auto status = parser.get().result_int();
    if (status == 101 || status < 100 || status > 599) break;
    if (status < 200) continue;
    auto answer = header_of(parser);
    co_await read_body(stream, buffer, parser, limits.answer_bytes_max, answer);
    co_return answer;
  }
  co_return fail(ClientFault::kMalformed, "No HTTP answer: a status that ends nothing.");
}

// Tries each address in its share of the time that is left.
Task<ErrorCode> connect(beast::tcp_stream& stream, const std::vector<Endpoint>& endpoints,
                        Clock::time_point deadline) {
  ErrorCode error = asio::error::host_unreachable;
  const auto tried = std::min(endpoints.size(), kAddressesMax);
  for (std::size_t i = 0; i < tried; ++i) {
    const auto share = (deadline - Clock::now()) / static_cast<Clock::rep>(tried - i);
    stream.expires_at(Clock::now() + share);
    co_await stream.async_connect(endpoints[i], asio::redirect_error(asio::use_awaitable, error));
    if (!error || error == asio::error::operation_aborted) break;
    stream.close();
  }
  stream.expires_at(deadline);
  co_return error;
}

Task<Result> exchange_by_tls(beast::tcp_stream tcp, const ClientRequest& request,
                             const ClientLimits& limits) {
  const auto executor = co_await asio::this_coro::executor;
  auto& contexts = asio::use_service<TlsContexts>(asio::query(executor, asio::execution::context));
  const auto context = contexts.find(limits.ca_file);
  if (!context) co_return Failure{context.error()};
  TlsStream stream{std::move(tcp), **context};
  if (!expect_host(stream, request.url)) {
    co_return fail(ClientFault::kTls, "TLS can't be set up for this host.");
  }
  ErrorCode error;
  co_await stream.async_handshake(asio::ssl::stream_base::client,
                                  asio::redirect_error(asio::use_awaitable, error));
  if (error && is_time_up(error)) co_return time_is_up();
  if (error) {
    const auto verdict = SSL_get_verify_result(stream.native_handle());
    const std::string why =
        verdict == X509_V_OK ? error.message() : X509_verify_cert_error_string(verdict);
    co_return fail(ClientFault::kTls, "TLS failed: " + why + ".");
  }
  co_return co_await exchange(stream, request, limits);
}

}  // namespace

std::string_view name(ClientFault fault) {
  switch (fault) {
    case ClientFault::kForbiddenAddress: return "forbidden_address";
    case ClientFault::kUnresolved: return "unresolved";
    case ClientFault::kUnreachable: return "unreachable";
    case ClientFault::kTls: return "tls";
    case ClientFault::kTimeout: return "timeout";
    case ClientFault::kMalformed: return "malformed";
  }
  PEERPAY_UNREACHABLE("every fault has a name");
}

std::optional<std::string_view> ClientAnswer::header(std::string_view header_name) const {
  std::optional<std::string_view> found;
  for (const auto& header : headers) {
    if (!beast::iequals(header.name, header_name)) continue;
    if (found) return std::nullopt;
    found = header.value;
  }
  return found;
}

Task<Result> fetch(ClientRequest request, ClientLimits limits) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto deadline = Clock::now() + limits.deadline;
  const auto endpoints = co_await resolve(request.url, deadline);
  if (!endpoints) co_return Failure{endpoints.error()};
  if (auto refusal = refuse_addresses(*endpoints, limits.reach)) co_return std::move(*refusal);

  beast::tcp_stream tcp{co_await asio::this_coro::executor};
  const auto error = co_await connect(tcp, *endpoints, deadline);
  if (error && is_time_up(error)) co_return time_is_up();
  if (error) {
    co_return fail(ClientFault::kUnreachable,
                   "No connection to " + request.url.authority() + ": " + error.message() + ".");
  }
  if (request.url.is_tls) co_return co_await exchange_by_tls(std::move(tcp), request, limits);
  co_return co_await exchange(tcp, request, limits);
}

Result fetch_and_wait(const ClientRequest& request, const ClientLimits& limits) {
  asio::io_context loop{1};
  std::optional<Result> result;
  asio::co_spawn(
      loop, [&]() -> Task<void> { result = co_await fetch(request, limits); },
      [](const std::exception_ptr& exception) { rethrow(exception); });
  loop.run();
  return std::move(*result);
}

}  // namespace peerpay::http
