#pragma once
// Rotation: queues of several owners that take turns, however much each of them holds. An owner
// whose queue was empty takes its turn after those that wait already, so nobody gains by coming
// anew. Pure; logarithmic in the number of owners with a queue.

#include <deque>
#include <map>
#include <utility>

namespace peerpay::app {

template <class Owner, class Queue>
class Rotation {
 public:
  Rotation() = default;
  Rotation(Rotation&&) noexcept = default;
  Rotation& operator=(Rotation&&) noexcept = default;
  Rotation(const Rotation&) = delete;  // its turns are places in its own queues
  Rotation& operator=(const Rotation&) = delete;
  ~Rotation() = default;

  [[nodiscard]] bool empty() const { return turns_.empty(); }

  // REQUIRES: something is put into it at once.
  Queue& of(const Owner& owner) {
    const auto [place, is_new] = queues_.try_emplace(owner);
    if (is_new) turns_.push_back(place);
    return place->second;
  }

  // `take` takes one from the queue whose turn it is. REQUIRES: not empty.
  template <class Take>
  auto take_next(const Take& take) {
    const auto place = turns_.front();
    turns_.pop_front();
    auto out = take(place->second);
    if (place->second.empty()) {
      queues_.erase(place);
    } else {
      turns_.push_back(place);
    }
    return out;
  }

 private:
  using Queues = std::map<Owner, Queue>;
  Queues queues_;  // none is empty
  std::deque<typename Queues::iterator> turns_;
};

}  // namespace peerpay::app
