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

std::optional<BudgetShare> ByteBudget::try_take_part(std::size_t bytes, std::size_t held,
                                                     std::size_t holders) {
  if (held + bytes > bytes_max_ / std::max<std::size_t>(holders, 1)) return std::nullopt;
  used_->fetch_add(bytes);
  return BudgetShare{used_, bytes};
}

std::optional<BudgetShare> ByteBudget::try_take(std::size_t bytes) {
  auto used = used_->load();
  do {
    if (used >= bytes_max_) return std::nullopt;
  } while (!used_->compare_exchange_weak(used, used + bytes));
  return BudgetShare{used_, bytes};
}

}  // namespace peerpay::net
