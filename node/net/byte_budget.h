#pragma once
// ByteBudget: how many bytes of submissions the calls of a service hold together. Thread-safe.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace peerpay::net {

// A part of a budget, given back when it goes. May outlive the budget.
class BudgetShare {
 public:
  BudgetShare() = default;
  BudgetShare(BudgetShare&& other) noexcept
      : used_{std::move(other.used_)}, bytes_{std::exchange(other.bytes_, 0)} {}
  BudgetShare& operator=(BudgetShare&& other) noexcept;
  BudgetShare(const BudgetShare&) = delete;
  BudgetShare& operator=(const BudgetShare&) = delete;
  ~BudgetShare() { resize(0); }

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  // What is held is known better now; may take more than the budget has.
  void resize(std::size_t bytes);
  // REQUIRES: of the same budget, or empty.
  void add(BudgetShare other);
  // REQUIRES: bytes <= bytes(), but for an empty share, which gives an empty one.
  [[nodiscard]] BudgetShare split(std::size_t bytes);

 private:
  friend class ByteBudget;
  BudgetShare(std::shared_ptr<std::atomic<std::size_t>> used, std::size_t bytes)
      : used_{std::move(used)}, bytes_{bytes} {}

  std::shared_ptr<std::atomic<std::size_t>> used_;
  std::size_t bytes_ = 0;
};

// Between two looks of one among `holders` whether there is room for it: so long that all of them
// together look 20,000 times a second at most.
[[nodiscard]] constexpr std::chrono::microseconds pause_before_room(std::size_t holders) {
  constexpr std::chrono::microseconds kPauseMin{20'000};
  return std::max(kPauseMin, std::chrono::microseconds{50} * static_cast<std::int64_t>(holders));
}

class ByteBudget {
 public:
  // At most `holders_max` hold anything of it.
  ByteBudget(std::size_t bytes_max, std::size_t holders_max)
      : used_{std::make_shared<std::atomic<std::size_t>>(0)},
        bytes_max_{bytes_max},
        holders_max_{holders_max} {}

  // Empty while the budget is spent. The last share may exceed it: or small ones, taken by others
  // all the time, would keep a large one out for ever.
  [[nodiscard]] std::optional<BudgetShare> try_take(std::size_t bytes);
  // For one of `holders` who has `held` of it: also while it is spent. What the smallest part
  // allows, that of one among holders_max, is never refused, so nobody keeps the others out; an
  // equal part of one among `holders` is given until twice the budget is used. Early ones keep what
  // was their part when they were few, so without that bound the parts would add up to many
  // budgets. All together hold at most three.
  [[nodiscard]] std::optional<BudgetShare> try_take_part(std::size_t bytes, std::size_t held,
                                                         std::size_t holders);
  [[nodiscard]] std::size_t bytes_used() const { return used_->load(); }

 private:
  template <class Allows>  // allows(used)
  [[nodiscard]] std::optional<BudgetShare> take_if(std::size_t bytes, const Allows& allows);

  const std::shared_ptr<std::atomic<std::size_t>> used_;
  const std::size_t bytes_max_;
  const std::size_t holders_max_;
};

}  // namespace peerpay::net
