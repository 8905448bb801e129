# Warnings are errors in our own code; the flags travel by target, never globally.
add_library(peerpay_warnings INTERFACE)
target_compile_options(peerpay_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wswitch-enum -Werror
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
