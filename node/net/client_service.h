#pragma once
// ClientService: the gRPC server that wallets, gateways and observers call
// (proto/peerpay/v1/node.proto, docs/spec/wire.md), with server reflection and the standard health
// service. It turns calls into questions to a NodeBackend and bounds what strangers can make the
// node hold; it decides nothing about money. Thread-safe.
//
// Call prepare_grpc_process (grpc_process.h) once before the first ClientService.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/expected.h"
#include "crypto/keys.h"
#include "node/net/listen_error.h"
#include "node/net/node_backend.h"

namespace peerpay::net {

// Any PEM certificate chain and key, unlike the peers' pinned identity: clients check it the usual
// way.
struct ServerCertificate {
  std::string chain_pem;
  crypto::SecretBytes key_pem;
};

struct ClientLimits {
  // Of one request: 1,024 payments with the longest reference and memo, or two transactions of
  // 1,024 operations. gRPC holds as much for every call that is being read.
  std::size_t message_bytes_max = 1024 * 1024;
  // Of gRPC's buffers, all connections together. When they are full gRPC cuts connections, and a
  // burst goes past this before it has.
  std::size_t memory_bytes_max = 128 * 1024 * 1024;
  // Of submissions that all SubmitStreams together have parsed, until the node has let go of them
  // and their last answers are written. When they are spent, messages wait as they came, within
  // memory_bytes_max; but for the part of each stream (byte_budget.h): up to three times as much is
  // held.
  std::size_t submission_bytes_max = 64 * 1024 * 1024;
  std::size_t connections_max = 1'024;  // then the source with most gives its newest
  // At the same time, and as long as the node holds anything for them; more are refused as busy,
  // and so is a host that has as many as are free.
  std::size_t calls_max = 1'536;
  int streams_per_connection_max = 128;
  // Of one SubmitStream: submissions that were read and not yet admitted or refused, their bytes,
  // and those whose last answer is not yet written. At any of them the stream is not read.
  std::size_t unanswered_max = 4'096;
  std::size_t unanswered_bytes_max = 1024 * 1024;
  std::size_t unsettled_max = 65'536;
  std::size_t group_submissions_max = 256;  // handed to the node together
  // Of answers and subscribers' blocks that all calls together have made and their clients not yet
  // taken; gRPC holds as much again. When they are spent large ones are refused as busy, but for
  // the part of each call (byte_budget.h): up to three times as much is held.
  std::size_t answer_bytes_max = 4 * 1024 * 1024;
  // A call whose client takes nothing of an answer for so long is cut.
  std::chrono::milliseconds answers_unread_max{30'000};
  std::chrono::milliseconds handshake_timeout{5'000};
  std::chrono::milliseconds keepalive_interval{30'000};
  std::chrono::milliseconds keepalive_timeout{10'000};
  std::chrono::milliseconds connection_idle_max{60'000};  // without a call

  // One sentence when a value makes no sense.
  [[nodiscard]] std::optional<std::string_view> invalid_reason() const;
};

struct ClientServiceOptions {
  std::string listen_address;                    // host:port; port 0 lets the system choose
  std::optional<ServerCertificate> certificate;  // none: plaintext, for loopback only
  ClientLimits limits;
};

// Since the start; never go back.
struct ClientServiceCounters {
  std::uint64_t calls = 0;          // streams included
  std::uint64_t calls_refused = 0;  // as busy
  std::uint64_t calls_malformed = 0;
  std::uint64_t blocks_sent = 0;  // to subscribers
};

class ClientService {
 public:
  // Listens. Plaintext on an address that is not loopback is refused, and so is a certificate
  // without its key. `backend` is borrowed until
  // stop returns, but for its `done` calls (node_backend.h).
  [[nodiscard]] static base::Expected<std::unique_ptr<ClientService>, ListenError> start(
      ClientServiceOptions options, NodeBackend& backend);

  ClientService(const ClientService&) = delete;
  ClientService& operator=(const ClientService&) = delete;
  ~ClientService();  // stops

  // What the health service says. NOT_SERVING at first.
  void set_serving(bool serving);
  // Cuts every call; well under a second. The backend is not called after it returns. A second call
  // does nothing.
  void stop();

  [[nodiscard]] std::uint16_t listen_port() const;
  [[nodiscard]] ClientServiceCounters counters() const;

 private:
  class Impl;
  explicit ClientService(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace peerpay::net
