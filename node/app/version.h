#pragma once
// The version of this build, from the project's CMakeLists.txt.

#include <string_view>

namespace peerpay::app {

[[nodiscard]] std::string_view version();

}  // namespace peerpay::app
