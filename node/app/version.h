#pragma once
// The version of this build, from the project's CMakeLists.txt.

#include <string_view>

namespace peerpay::app {

inline constexpr std::string_view kVersion = PEERPAY_VERSION;

}  // namespace peerpay::app
