#pragma once
// A wire that a test can hold: forwards TCP connections on 127.0.0.1, until it is frozen. To both
// ends a frozen wire looks like a peer that has stopped without a word.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "base/os/descriptor.h"

namespace peerpay::net {

class TcpProxy {
 public:
  // Forwards connections to `listen_port` to `target_port`.
  TcpProxy(std::uint16_t listen_port, std::uint16_t target_port);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  void freeze(bool frozen) { frozen_ = frozen; }
  // Bytes forwarded so far, both ways.
  [[nodiscard]] std::size_t forwarded() const { return forwarded_; }

 private:
  struct Wire {
    os::Descriptor ends[2];
    bool open = true;
  };
  void run();
  void accept_one();
  void forward(Wire& wire, std::size_t from);

  const std::uint16_t target_port_;
  os::Descriptor listener_;
  std::vector<Wire> wires_;  // the proxy's thread only
  std::atomic<bool> frozen_ = false;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> forwarded_ = 0;
  std::thread thread_;
};

}  // namespace peerpay::net
