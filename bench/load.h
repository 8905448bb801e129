#pragma once
// Load: submits prepared payments over several SubmitStreams and notes when each became final.
//
// Closed loop (rate 0): each stream keeps a bounded number of payments in flight and sends the next
// ones as answers come. Open loop: payment k is due k / rate seconds after the start whatever the
// network does, and its latency counts from then, so a stall is charged to every payment that it
// delayed (no coordinated omission).

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "bench/failure.h"
#include "bench/interruption.h"
#include "bench/latency.h"
#include "bench/payments.h"
#include "proto/client/node_api.h"

namespace peerpay::bench {

// What a stream does when its node goes away.
enum class WhenCut : std::uint8_t {
  kStop,       // the run has failed
  kReconnect,  // to the next node, and send again the same bytes of all that has no end yet
};

struct LoadOptions {
  std::vector<std::string> nodes;     // host:port; stream i begins at node i mod size
  std::size_t streams = 4;            // connections
  std::size_t in_flight_max = 2'000;  // payments without an end, of all streams; closed loop
  std::uint32_t rate_per_second = 0;  // of all streams; 0: closed loop
  WhenCut when_cut = WhenCut::kStop;
};

struct Completion {
  base::TimePoint due;    // closed loop: sent
  base::TimePoint final;  // as the client saw it
};

struct LoadResult {
  std::vector<Completion> completions;
  std::uint64_t refused = 0;  // can never be applied
  std::uint64_t expired = 0;
  std::uint64_t unsettled = 0;  // in flight when the patience ended
  std::uint64_t unsent = 0;     // due before the sending was stopped, and not sent by then
  std::vector<base::TimePoint> open_due;  // of both
  base::TimePoint ended;                  // of the patience
  std::uint64_t reconnections = 0;
  std::optional<std::string> fault;  // one sentence on the first thing that went wrong
};

class LoadStream;

class Load {
 public:
  // Called from receiving threads, once for each final payment, after the node acknowledged it.
  using OnFinal = std::function<void(const proto::TransactionStatus&)>;

  // `payments` is borrowed until finish.
  Load(const LoadOptions& options, const std::vector<PreparedPayment>& payments,
       const OnFinal& on_final = {});
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load();

  void start();
  // Stops sending, and waits at most `patience` for what is in flight. REQUIRES: started.
  [[nodiscard]] LoadResult finish(base::Duration patience);

  [[nodiscard]] std::uint64_t final_count() const;
  [[nodiscard]] std::optional<std::string> fault() const;
  // No payment of this number or above has been sent.
  [[nodiscard]] std::size_t numbers_used() const;
  // A stream has no payment left to send: the load is less from here on.
  [[nodiscard]] bool exhausted() const;
  [[nodiscard]] bool sent_all() const;

 private:
  std::vector<std::unique_ptr<LoadStream>> streams_;
};

// Makes all of the payments as fast as the nodes take them, and tells every second how far it is.
// Fails when one has not become final.
[[nodiscard]] Result<LoadResult> make_all(const LoadOptions& options,
                                          const std::vector<PreparedPayment>& payments,
                                          Interruption& interruption);

struct Window {
  base::TimePoint begin;
  base::TimePoint end;
};
// Payments that became final within the window.
[[nodiscard]] std::uint64_t finals_in(const std::vector<Completion>& completions,
                                      const Window& window);
// Of the payments that were due within the window, whenever they became final.
[[nodiscard]] Latencies latencies_in(const std::vector<Completion>& completions,
                                     const Window& window);
// With those that never became final: they took until the end at least. Who leaves them out tells
// of an overloaded network what it did with the payments that it did not forget.
[[nodiscard]] Latencies latencies_in(const LoadResult& result, const Window& window);

}  // namespace peerpay::bench
