# PEERPAY_SANITIZE: empty, or a list for -fsanitize= (address,undefined or thread).
set(PEERPAY_SANITIZE "" CACHE STRING "Sanitizers to build with, comma separated")
if(PEERPAY_SANITIZE)
  add_compile_options(
    -fsanitize=${PEERPAY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PEERPAY_SANITIZE})
endif()
