#pragma once
// A server on loopback that does what a test tells it, byte by byte: for clients that must stand
// bad servers.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/http/practice_certificate.h"

namespace peerpay::test {

class PracticeServer {
 public:
  // Blocks; everything ends at once when the server is destroyed.
  class Connection {
   public:
    virtual ~Connection() = default;
    // Header and body of the next request, by its Content-Length; "" when the client has gone.
    virtual std::string read_request() = 0;
    // False when the client has gone.
    virtual bool send(std::string_view bytes) = 0;
    // False when the server is being destroyed.
    virtual bool wait(std::chrono::milliseconds time) = 0;
  };
  using Serve = std::function<void(Connection&)>;

  struct Settings {
    std::size_t threads = 4;  // connections that are served at the same time
    std::optional<PracticeCertificate> certificate = {};  // https
    bool is_tls_1_1_only = false;
  };
  // `serve` is called for each connection, on one of the server's threads.
  PracticeServer(Serve serve, Settings settings);
  ~PracticeServer();
  PracticeServer(const PracticeServer&) = delete;
  PracticeServer& operator=(const PracticeServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::size_t connections() const { return connections_; }  // ever accepted
  // True once the server is being destroyed, false after `time`.
  [[nodiscard]] bool wait_for_end(std::chrono::milliseconds time);

 private:
  void serve_connections();
  void serve_connection(int socket);

  Serve serve_;
  Settings settings_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> connections_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  bool is_ending_ = false;  // guarded by mutex_
  std::set<int> open_;      // guarded by mutex_
  std::vector<std::thread> threads_;
};

}  // namespace peerpay::test
