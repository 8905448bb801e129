#pragma once
// A PracticeNode behind a real gRPC server on a free port of this machine.

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include "tests/support/wallet/practice_node.h"

namespace peerpay::wallet::cli {

// The node, and what its server is told; one lock for all.
struct PracticeState {
  std::mutex mutex;
  std::condition_variable submitted;
  test::PracticeNode node;
  std::size_t submissions = 0;
  std::size_t lookups = 0;  // calls of GetTransaction
  bool is_silent = false;   // GetTransaction arrives, and is not answered before this ends
  std::condition_variable heard;
  bool is_losing_answers = false;  // submissions arrive, and their callers get UNAVAILABLE
};

class PracticeServer {
 public:
  PracticeServer();
  PracticeServer(const PracticeServer&) = delete;
  PracticeServer& operator=(const PracticeServer&) = delete;
  ~PracticeServer();

  // "127.0.0.1:PORT"
  [[nodiscard]] const std::string& address() const { return address_; }
  // Runs `use` on the state while no call does.
  template <class Use>
  auto with(Use use) {
    const std::lock_guard lock(state_.mutex);
    return use(state_);
  }
  // Waits until so many submissions have arrived.
  void await_submissions(std::size_t count);
  // Answers no question about a payment, until told otherwise.
  void be_silent(bool is_silent);
  // Stops answering for good.
  void stop();

 private:
  struct Running;
  PracticeState state_;
  std::unique_ptr<Running> running_;
  std::string address_;
};

}  // namespace peerpay::wallet::cli
