#pragma once
// Gateway: the whole of it, from configuration to a server that answers. One loop on a thread of
// its own, one store thread, and gRPC's threads, which only post to the loop.

#include <cstdint>
#include <functional>
#include <memory>

#include "api/app/exit_code.h"
#include "api/app/gateway_config.h"

namespace peerpay::api {

class Gateway {
 public:
  // Called at most once, from any thread, when it can't go on; stop() must follow.
  using Failed = std::function<void(Failure)>;
  // Asked now and then while start() waits for something.
  using ShouldStop = std::function<bool()>;

  // Takes the data directory, learns the network (from DATA/genesis.bcs, or once from the node) and
  // listens. Answers about the ledger begin when the node is reached.
  // When `should_stop` says so before: kOk as the code of the failure.
  [[nodiscard]] static Result<std::unique_ptr<Gateway>> start(const GatewayConfig& config,
                                                              Failed failed,
                                                              const ShouldStop& should_stop);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // Where it listens: "127.0.0.1:8080", also when the port was left to the system.
  [[nodiscard]] std::string address() const;
  // Finishes what is under way, within two seconds.
  void stop();

 private:
  class Impl;
  explicit Gateway(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace peerpay::api
