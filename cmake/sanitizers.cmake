# PEERPAY_SANITIZE: empty, or a list for -fsanitize= (address,undefined or thread).
set(PEERPAY_SANITIZE "" CACHE STRING "Sanitizers to build with, comma separated")
if(PEERPAY_SANITIZE)
  add_compile_options(
    -fsanitize=${PEERPAY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(PEERPAY_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Boost.Asio uses fences, which the sanitizer does not follow; each of its loops has one thread.
    add_compile_options(-Wno-tsan)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND PEERPAY_SANITIZE MATCHES "undefined")
    # Clang 14 puts what this check needs before each part of a coroutine, and then can't assemble it.
    add_compile_options(-fno-sanitize=function)
  endif()
  add_link_options(-fsanitize=${PEERPAY_SANITIZE})
endif()
