#pragma once
// UnreadWatch: ends a call whose client takes nothing of an answer for too long, so that nobody can
// make the node hold answers, and the call its place, for ever. Thread-safe. Costs one alarm for
// many answers: when it rings, the answer of then is looked at.

#include <chrono>
#include <memory>

struct grpc_call;

namespace peerpay::net {

class UnreadWatch {
 public:
  explicit UnreadWatch(std::chrono::milliseconds unread_max);
  ~UnreadWatch();  // stops
  UnreadWatch(const UnreadWatch&) = delete;
  UnreadWatch& operator=(const UnreadWatch&) = delete;

  // An answer begins to be written. When it takes too long `call` ends with RESOURCE_EXHAUSTED,
  // `answers_unread`. REQUIRES: `call` lives until stop.
  void begin(grpc_call* call);
  // It was taken.
  void taken();
  // The call is about to go. Nothing happens any more; begin does nothing.
  void stop();

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace peerpay::net
