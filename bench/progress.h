#pragma once
// Progress goes to standard error, so that standard output holds the figures alone.

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace peerpay::bench {

template <class... Values>
void progress(fmt::format_string<Values...> text, Values&&... values) {
  fmt::print(stderr, "peerpay-bench: {}\n", fmt::format(text, std::forward<Values>(values)...));
}

}  // namespace peerpay::bench
