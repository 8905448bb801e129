#include "tests/support/http/practice_server.h"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "base/check.h"

namespace peerpay::test {
namespace {

class PlainConnection : public PracticeServer::Connection {
 public:
  PlainConnection(PracticeServer& server, int socket) : server_{server}, socket_{socket} {}

  std::string read_request() override {
    while (true) {
      const auto header_end = received_.find("\r\n\r\n");
      if (header_end != std::string::npos) {
        const auto size = header_end + 4 + content_length(received_.substr(0, header_end));
        if (received_.size() >= size) {
          auto request = received_.substr(0, size);
          received_.erase(0, size);
          return request;
        }
      }
      std::array<char, 4096> piece{};
      const auto count = receive(piece.data(), piece.size());
      if (count <= 0) return "";
      received_.append(piece.data(), static_cast<std::size_t>(count));
    }
  }

  bool send(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto count = transmit(bytes.data(), bytes.size());
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  bool wait(std::chrono::milliseconds time) override { return !server_.wait_for_end(time); }

 protected:
  virtual ssize_t receive(char* bytes, std::size_t size) { return recv(socket_, bytes, size, 0); }
  virtual ssize_t transmit(const char* bytes, std::size_t size) {
    return ::send(socket_, bytes, size, MSG_NOSIGNAL);
  }

 private:
  static std::size_t content_length(const std::string& header) {
    constexpr std::string_view kName = "Content-Length: ";
    const auto at = header.find(kName);
    return at == std::string::npos ? 0 : std::stoul(header.substr(at + kName.size()));
  }

  PracticeServer& server_;
  int socket_;
  std::string received_;
};

class TlsConnection : public PlainConnection {
 public:
  TlsConnection(PracticeServer& server, int socket, SSL_CTX* context)
      : PlainConnection{server, socket}, ssl_{SSL_new(context)} {
    SSL_set_fd(ssl_, socket);
  }
  ~TlsConnection() override { SSL_free(ssl_); }
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;

  bool accept() { return SSL_accept(ssl_) == 1; }

 protected:
  ssize_t receive(char* bytes, std::size_t size) override {
    return SSL_read(ssl_, bytes, static_cast<int>(size));
  }
  ssize_t transmit(const char* bytes, std::size_t size) override {
    return SSL_write(ssl_, bytes, static_cast<int>(size));
  }

 private:
  SSL* ssl_;
};

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
std::unique_ptr<SSL_CTX, FreeContext> make_context(const PracticeServer::Settings& settings) {
  std::unique_ptr<SSL_CTX, FreeContext> context{SSL_CTX_new(TLS_server_method())};
  const auto& files = *settings.certificate;
  PEERPAY_CHECK(
      SSL_CTX_use_certificate_file(context.get(), files.certificate_file.c_str(),
                                   SSL_FILETYPE_PEM) == 1 &&
          SSL_CTX_use_PrivateKey_file(context.get(), files.key_file.c_str(), SSL_FILETYPE_PEM) == 1,
      "a test's certificate can be read");
  if (settings.is_tls_1_1_only) {
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  }
  return context;
}

}  // namespace

PracticeServer::PracticeServer(Serve serve, Settings settings)
    : serve_{std::move(serve)}, settings_{std::move(settings)} {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  PEERPAY_CHECK(bind(listener_, generic, size) == 0 && listen(listener_, 1024) == 0 &&
                    getsockname(listener_, generic, &size) == 0,
                "a test may listen on loopback");
  port_ = ntohs(address.sin_port);
  for (std::size_t i = 0; i < settings_.threads; ++i) {
    threads_.emplace_back([this] { serve_connections(); });
  }
}

PracticeServer::~PracticeServer() {
  {
    const std::lock_guard lock{mutex_};
    is_ending_ = true;
    for (const int socket : open_) shutdown(socket, SHUT_RDWR);
  }
  ended_.notify_all();
  shutdown(listener_, SHUT_RDWR);
  for (auto& thread : threads_) thread.join();
  close(listener_);
}

bool PracticeServer::wait_for_end(std::chrono::milliseconds time) {
  std::unique_lock lock{mutex_};
  return ended_.wait_for(lock, time, [this] { return is_ending_; });
}

void PracticeServer::serve_connections() {
  // OpenSSL writes to a client that has gone without asking for no signal.
  sigset_t pipe{};
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    ++connections_;
    {
      const std::lock_guard lock{mutex_};
      if (is_ending_) shutdown(socket, SHUT_RDWR);
      open_.insert(socket);
    }
    serve_connection(socket);
    const std::lock_guard lock{mutex_};
    open_.erase(socket);
    close(socket);
  }
}

void PracticeServer::serve_connection(int socket) {
  if (!settings_.certificate) {
    PlainConnection connection{*this, socket};
    return serve_(connection);
  }
  const auto context = make_context(settings_);
  TlsConnection connection{*this, socket, context.get()};
  if (connection.accept()) serve_(connection);
}

}  // namespace peerpay::test
