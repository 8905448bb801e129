#pragma once
// CreditWindow: the receiver's account of what one stream's sender may still send. Plain data, no
// thread rule.

#include <cstddef>
#include <cstdint>

namespace peerpay::net {

class CreditWindow {
 public:
  explicit CreditWindow(std::size_t bytes) : window_{bytes}, returned_{bytes} {}

  // A message of this cost has arrived. False: the sender had no credit for it, cut the stream.
  [[nodiscard]] bool take(std::size_t cost) {
    if (cost > available_) return false;
    available_ -= cost;
    return true;
  }

  // The node is done with that many bytes.
  void give_back(std::size_t cost) { returned_ += cost; }

  // What to grant now, 0 for nothing. Less than a quarter of the window waits, so that one grant
  // answers many messages; what the sender holds is then still above half the window, enough for
  // the largest message.
  [[nodiscard]] std::uint64_t grant() {
    if (returned_ < window_ / 4) return 0;
    const std::size_t granted = returned_;
    returned_ = 0;
    available_ += granted;
    return granted;
  }

 private:
  std::size_t window_;
  std::size_t available_ = 0;  // granted, not yet used
  std::size_t returned_;       // not yet granted (again); at first, all of it
};

}  // namespace peerpay::net
