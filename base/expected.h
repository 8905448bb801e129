#pragma once
// Expected<T, E>: a value, or the reason why there is none. The subset of C++23 std::expected that
// this project uses; replace it when the compiler ships <expected>.
//
// Reading the side that is not there is our bug and ends the process (CHECK).

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"

namespace peerpay::base {

template <class E>
struct Unexpected {
  E error;
};
template <class E>
Unexpected(E) -> Unexpected<E>;

template <class T, class E>
class [[nodiscard]] Expected {
 public:
  // Both implicit, as in std: a function returns its value or its Unexpected.
  Expected(T value)  // NOLINT(google-explicit-constructor)
      : state_{std::in_place_index<0>, std::move(value)} {}
  template <class G>
  Expected(Unexpected<G> unexpected)  // NOLINT(google-explicit-constructor)
      : state_{std::in_place_index<1>, E(std::move(unexpected.error))} {}
  // Of a lower layer, whose error this layer's can be made from.
  template <class G>
  requires(!std::is_same_v<E, G> && std::is_constructible_v<E, const G&>)
      Expected(Expected<T, G> lower)  // NOLINT(google-explicit-constructor)
      : state_{lower ? State{std::in_place_index<0>, std::move(*lower)}
                     : State{std::in_place_index<1>, E(lower.error())}} {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return checked(state_); }
  const T& value() const& { return checked(state_); }
  T&& value() && { return std::move(checked(state_)); }
  T& operator*() & { return checked(state_); }
  const T& operator*() const& { return checked(state_); }
  T&& operator*() && { return std::move(checked(state_)); }
  T* operator->() { return &checked(state_); }
  const T* operator->() const { return &checked(state_); }

  const E& error() const {
    const E* error = std::get_if<1>(&state_);
    PEERPAY_CHECK(error != nullptr, "error() of an Expected that holds a value");
    return *error;
  }

 private:
  using State = std::variant<T, E>;
  // `Side` is the variant, const or not, and so is what comes back.
  template <class Side>
  static auto& checked(Side& state) {
    auto* const value = std::get_if<0>(&state);
    PEERPAY_CHECK(value != nullptr, "value of an Expected that holds an error");
    return *value;
  }
  State state_;
};

template <class E>
class [[nodiscard]] Expected<void, E> {
 public:
  Expected() = default;
  template <class G>
  Expected(Unexpected<G> unexpected)  // NOLINT(google-explicit-constructor)
      : error_{E(std::move(unexpected.error))} {}
  template <class G>
  requires(!std::is_same_v<E, G> && std::is_constructible_v<E, const G&>)
      Expected(const Expected<void, G>& lower) {  // NOLINT(google-explicit-constructor)
    if (!lower) error_ = E(lower.error());
  }

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  const E& error() const {
    PEERPAY_CHECK(error_.has_value(), "error() of an Expected that holds a value");
    return *error_;
  }

 private:
  std::optional<E> error_;
};

}  // namespace peerpay::base
