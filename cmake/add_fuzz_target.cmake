# peerpay_add_fuzz_target: one LLVMFuzzerTestOneInput, built twice.
#
#   peerpay_add_fuzz_target(bech32m
#     SOURCES bech32m_fuzz.cpp
#     DEPS    peerpay::crypto)
#   ...
#   peerpay_add_fuzz_replay(replay.cpp)      # once, after the last target
#
# In the preset "fuzz" it is a libFuzzer program, fuzz_<name>, which `./dev fuzz` runs. In all others
# it is a part of fuzz_replay, one program for all targets because each would link the same archives
# again: the test fuzz_replay.<name> runs what lies in tests/fuzz/corpus/<name>/, an empty input, and
# seeded mutations of them. There a compiler definition gives each entry point a name of its own.
option(PEERPAY_FUZZ "Build libFuzzer programs instead of the replay of their corpora" OFF)
add_custom_target(fuzzers)

function(peerpay_add_fuzz_target name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  if(PEERPAY_FUZZ)
    peerpay_isolate_headers(fuzz_${name})
    add_executable(fuzz_${name} EXCLUDE_FROM_ALL ${ARG_SOURCES})
    target_include_directories(fuzz_${name} PRIVATE ${isolated_folder})
    target_link_libraries(fuzz_${name} PRIVATE ${ARG_DEPS} peerpay_warnings)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(fuzzers fuzz_${name})
  else()
    set_source_files_properties(${ARG_SOURCES} PROPERTIES
      COMPILE_DEFINITIONS LLVMFuzzerTestOneInput=fuzz_${name})
    set_property(GLOBAL APPEND PROPERTY peerpay_fuzz_targets ${name})
    set_property(GLOBAL APPEND PROPERTY peerpay_fuzz_sources ${ARG_SOURCES})
    set_property(GLOBAL APPEND PROPERTY peerpay_fuzz_deps ${ARG_DEPS})
  endif()
endfunction()

function(peerpay_add_fuzz_replay driver)
  if(PEERPAY_FUZZ)
    return()
  endif()
  get_property(targets GLOBAL PROPERTY peerpay_fuzz_targets)
  get_property(sources GLOBAL PROPERTY peerpay_fuzz_sources)
  get_property(deps GLOBAL PROPERTY peerpay_fuzz_deps)
  list(REMOVE_DUPLICATES deps)
  set(declarations "")
  set(rows "")
  foreach(target IN LISTS targets)
    string(APPEND declarations "extern \"C\" int fuzz_${target}(const std::uint8_t*, std::size_t);\n")
    string(APPEND rows "    {\"${target}\", &fuzz_${target}},\n")
  endforeach()
  set(table ${CMAKE_CURRENT_BINARY_DIR}/fuzz_targets.cpp)
  file(CONFIGURE OUTPUT ${table} CONTENT [[
#include "tests/fuzz/replay_targets.h"

@declarations@
namespace peerpay::fuzz {
std::span<const Target> targets() {
  static constexpr Target kTargets[] = {
@rows@  };
  return kTargets;
}
}  // namespace peerpay::fuzz
]] @ONLY)

  peerpay_isolate_headers(fuzz_replay)
  add_executable(fuzz_replay ${driver} ${table} ${sources})
  target_include_directories(fuzz_replay PRIVATE ${isolated_folder})
  target_link_libraries(fuzz_replay PRIVATE ${deps} peerpay_warnings)
  foreach(target IN LISTS targets)
    add_test(NAME fuzz_replay.${target}
             COMMAND fuzz_replay ${target} ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${target})
    set_tests_properties(fuzz_replay.${target} PROPERTIES LABELS unit TIMEOUT 120)
  endforeach()
  # A replay that reports nothing would prove nothing.
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_test(NAME fuzz_replay_test
           COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_CURRENT_SOURCE_DIR}/replay_test.py $<TARGET_FILE:fuzz_replay>)
  set_tests_properties(fuzz_replay_test PROPERTIES LABELS unit TIMEOUT 60)
endfunction()
