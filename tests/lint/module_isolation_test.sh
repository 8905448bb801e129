#!/usr/bin/env bash
# Proves on a scratch project that cmake/add_module.cmake enforces what it promises: each broken
# rule must stop its step with the expected message, and the unbroken project must pass.
#   usage: module_isolation_test.sh REPOSITORY_ROOT
set -euo pipefail

root=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

write() { mkdir -p "$(dirname "$1")" && cat >"$1"; }

# Two layers: low has a public header and a function; high uses both.
write_project() {
  rm -rf low high cmake
  cp -r "$root/cmake" cmake
  write CMakeLists.txt <<'EOF'
cmake_minimum_required(VERSION 3.25)
project(scratch LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
list(APPEND CMAKE_MODULE_PATH ${PROJECT_SOURCE_DIR}/cmake)
include(warnings)
add_custom_target(check_headers)
add_custom_target(check_links)
include(add_module)
add_subdirectory(low)
add_subdirectory(high)
EOF
  write low/CMakeLists.txt <<<'peerpay_add_module(low SOURCES low.cpp)'
  printf '#pragma once\nint low_value();\n' | write low/low.h
  printf '#include "low/low.h"\nint low_value() { return 1; }\n' | write low/low.cpp
  write high/CMakeLists.txt <<<'peerpay_add_module(high SOURCES high.cpp DEPS peerpay::low)'
  printf '#pragma once\nint high_value();\n' | write high/high.h
  write high/high.cpp <<'EOF'
#include "high/high.h"
#include "low/low.h"
int high_value() { return low_value(); }
EOF
}

configure() { cmake -S . -B build -G Ninja; }
build() { configure && cmake --build build; }
check_headers() { build && cmake --build build --target check_headers; }
check_links() { build && cmake --build build --target check_links; }

expect_success() {
  if ! "$1" >log 2>&1; then
    echo "FAILED: $1 of the unbroken project"
    cat log
    exit 1
  fi
  echo "ok: the unbroken project passes $1"
}

# expect_failure STEP PATTERN WHAT: STEP must fail, and for the reason that PATTERN names.
expect_failure() {
  if "$1" >log 2>&1; then
    echo "FAILED: $3, and $1 did not notice"
    exit 1
  fi
  if ! grep -Eq "$2" log; then
    echo "FAILED: $3, and $1 failed for another reason than /$2/"
    cat log
    exit 1
  fi
  echo "ok: $1 refuses that $3"
}

write_project
expect_success check_headers
expect_success check_links

sed -i 's/ DEPS peerpay::low//' high/CMakeLists.txt
expect_failure build 'low/low.h: No such file' 'a module includes what it does not name'

write_project
sed -i 's/low.cpp)/low.cpp DEPS peerpay::high)/' low/CMakeLists.txt
expect_failure configure 'low: peerpay::high is not a lower layer' 'a module depends upward'

write_project
printf '#pragma once\nstd::string high_name();\n' >high/name.h
expect_success build
expect_failure check_headers 'name.h.*error' \
  'a header leans on what its includers include'

write_project
printf 'int low_value();\nint high_value() { return low_value(); }\n' >high/high.cpp
sed -i 's/ DEPS peerpay::low//' high/CMakeLists.txt
expect_success build
expect_failure check_links 'undefined reference to .low_value' \
  'a module calls what it does not link'
