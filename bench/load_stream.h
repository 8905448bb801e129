#pragma once
// LoadStream: one stream of a Load (load.h). One thread decides what to send and sends it, another
// receives; a mutex guards what they share.

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bench/load.h"
#include "bench/submit_stream.h"

namespace peerpay::bench {

class LoadStream {
 public:
  // Stream number `index`: it sends the payments index, index + streams, index + 2 streams ...
  LoadStream(const LoadOptions& options, std::size_t index,
             const std::vector<PreparedPayment>& payments, Load::OnFinal on_final);
  LoadStream(const LoadStream&) = delete;
  LoadStream& operator=(const LoadStream&) = delete;
  ~LoadStream();

  void start(base::TimePoint now);
  // Nothing new is sent; what is in flight has until `deadline`.
  void stop_sending(base::TimePoint deadline);
  // REQUIRES: stop_sending was called.
  [[nodiscard]] LoadResult join();

  [[nodiscard]] std::uint64_t final_count() const;
  [[nodiscard]] std::optional<std::string> fault() const;
  // Of the next payment that is sent for the first time.
  [[nodiscard]] std::size_t number_next() const;
  [[nodiscard]] bool exhausted() const { return number_next() >= payments_.size(); }

 private:
  // A payment without an end.
  struct Open {
    std::size_t number = 0;  // in the prepared payments
    base::TimePoint due;
  };

  void run();
  // One connection, until it is cut or all is done.
  void converse(const std::string& node);
  void receive_all(SubmitStream& stream);
  // Blocks until there is something to send; empty when the conversation is over.
  std::vector<const std::string*> next_batch();
  // The rest REQUIRES mutex_ held.
  // True when the payment has become final.
  bool settle(const proto::StreamedStatus& answer, base::TimePoint now);
  std::vector<Open> take_due(base::TimePoint now);
  std::vector<Open> take_again(base::TimePoint now);
  void reopen_unanswered();
  [[nodiscard]] std::size_t open_count() const { return sent_open_ + again_.size(); }
  [[nodiscard]] base::TimePoint due_of(std::size_t number) const;
  [[nodiscard]] base::TimePoint wake_at() const;
  [[nodiscard]] bool waits_for_answers() const;
  [[nodiscard]] bool is_over(base::TimePoint now) const;

  const LoadOptions options_;
  const std::size_t in_flight_max_;  // of this stream
  // Sending resumes when no more than these are in flight: answers come in the bursts of blocks,
  // and waking up for each would cost more than sending does.
  const std::size_t resume_at_;
  const std::vector<PreparedPayment>& payments_;
  const std::size_t batch_max_;  // in one message
  const Load::OnFinal on_final_;

  mutable std::mutex mutex_;  // guards everything below but sender_
  std::condition_variable wake_;
  std::vector<std::optional<Open>> sent_;  // by position in the present call; empty: has its end
  std::size_t sent_open_ = 0;              // how many of them have none
  std::vector<Open> again_;                // to be sent again, at the next chance
  base::TimePoint again_not_before_;
  std::size_t next_;
  base::TimePoint began_;
  std::optional<base::TimePoint> deadline_;  // set: nothing new is sent
  base::TimePoint stopped_at_;               // when it was
  bool cut_ = false;                         // the present conversation has ended
  LoadResult result_;
  std::jthread sender_;
};

}  // namespace peerpay::bench
