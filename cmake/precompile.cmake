# peerpay_precompile: parses expensive third-party headers once for all targets that name them.
#
#   peerpay_precompile(unit_ledger HEADERS <gtest/gtest.h> LIBS GTest::gtest)
#   peerpay_precompile(node_net    HEADERS <grpcpp/grpcpp.h> LIBS gRPC::grpc++)
#
# LIBS give the headers their definitions; the target must link them itself. Measured with g++ 12
# -O2: gtest.h takes 1.0 s of each file and 3.3 s once, grpcpp.h 0.9 s and 4.4 s, so it pays from
# five files on. Sources still include what they use: clang-tidy reads them without it.

function(peerpay_precompile target)
  cmake_parse_arguments(ARG "" "" "HEADERS;LIBS" ${ARGN})
  # Programs are compiled with -fPIE, libraries with -fPIC; a precompiled header must match.
  get_target_property(type ${target} TYPE)
  if(NOT type STREQUAL EXECUTABLE)
    set(type LIBRARY)
  endif()
  string(MAKE_C_IDENTIFIER "precompiled_${type}_${ARG_HEADERS}" holder)
  if(NOT TARGET ${holder})
    if(type STREQUAL EXECUTABLE)
      add_executable(${holder} EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/cmake/empty_main.cpp)
    else()
      add_library(${holder} STATIC EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/cmake/empty_main.cpp)
    endif()
    target_link_libraries(${holder} PRIVATE ${ARG_LIBS} peerpay_warnings)
    target_compile_options(${holder} PRIVATE -pthread)
    target_precompile_headers(${holder} PRIVATE ${ARG_HEADERS})
    set_target_properties(${holder} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${holder})
  # -pthread defines a macro that C headers ask for; some libraries bring it and some do not, so all
  # get it. -fpch-preprocess tells ccache which precompiled header a file was made with.
  target_compile_options(${target} PRIVATE -pthread $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endfunction()
