# peerpay_add_test: one GoogleTest program; each TEST in it is a test of ctest.
#
#   peerpay_add_test(unit_ledger
#     SOURCES a_test.cpp helpers.cpp      # with "tests/unit/ledger/helpers.h" beside it
#     DEPS    peerpay::ledger
#     LABELS  unit                        # the default; what ./dev test --label selects
#     TIMEOUT 120)                        # the default; seconds for each TEST
include(GoogleTest)
include(precompile)
find_package(GTest REQUIRED)

function(peerpay_add_test name)
  cmake_parse_arguments(ARG "" "LABELS;TIMEOUT" "SOURCES;DEPS" ${ARGN})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  peerpay_isolate_headers(${name})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${isolated_folder})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gtest GTest::gtest_main peerpay_warnings)
  peerpay_precompile(${name} HEADERS <gtest/gtest.h> LIBS GTest::gtest)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 DISCOVERY_MODE PRE_TEST
                       PROPERTIES LABELS ${ARG_LABELS} TIMEOUT ${ARG_TIMEOUT})
endfunction()
