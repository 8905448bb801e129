#include "node/net/byte_budget.h"

#include <algorithm>

#include "base/check.h"

namespace peerpay::net {

BudgetShare& BudgetShare::operator=(BudgetShare&& other) noexcept {
  if (this == &other) return *this;
  resize(0);
  used_ = std::move(other.used_);
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

void BudgetShare::resize(std::size_t bytes) {
  if (!used_) return;
  if (bytes > bytes_) used_->fetch_add(bytes - bytes_);
  if (bytes < bytes_) used_->fetch_sub(bytes_ - bytes);
  bytes_ = bytes;
}

void BudgetShare::add(BudgetShare other) {
  if (!used_) used_ = other.used_;
  PEERPAY_CHECK(!other.used_ || used_ == other.used_, "both are of one budget");
  bytes_ += std::exchange(other.bytes_, 0);
}

BudgetShare BudgetShare::split(std::size_t bytes) {
  if (!used_) return {};
  PEERPAY_CHECK(bytes <= bytes_, "a part is no larger than the whole");
  bytes_ -= bytes;
  return BudgetShare{used_, bytes};
}

template <class Allows>
std::optional<BudgetShare> ByteBudget::take_if(std::size_t bytes, const Allows& allows) {
  auto used = used_->load();
  do {
    if (!allows(used)) return std::nullopt;
  } while (!used_->compare_exchange_weak(used, used + bytes));
  return BudgetShare{used_, bytes};
}

std::optional<BudgetShare> ByteBudget::try_take_part(std::size_t bytes, std::size_t held,
                                                     std::size_t holders) {
  if (held + bytes <= bytes_max_ / holders_max_) {
    used_->fetch_add(bytes);
    return BudgetShare{used_, bytes};
  }
  if (held + bytes > bytes_max_ / std::max<std::size_t>(holders, 1)) return std::nullopt;
  return take_if(bytes, [&](std::size_t used) { return used + bytes <= 2 * bytes_max_; });
}

std::optional<BudgetShare> ByteBudget::try_take(std::size_t bytes) {
  return take_if(bytes, [&](std::size_t used) { return used < bytes_max_; });
}

}  // namespace peerpay::net
