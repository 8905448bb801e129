#pragma once
// What ends a benchmark early: one sentence for the person who ran it.

#include <string>

#include "base/expected.h"

namespace peerpay::bench {

struct Failure {
  std::string sentence;
};

template <class T>
using Result = base::Expected<T, Failure>;

[[nodiscard]] inline base::Unexpected<Failure> fail(std::string sentence) {
  return base::Unexpected{Failure{std::move(sentence)}};
}

}  // namespace peerpay::bench
