# peerpay_add_module: a module is a folder, a static library, and nothing it did not name.
#
#   peerpay_add_module(consensus
#     SOURCES engine.cpp tally.cpp
#     DEPS    peerpay::base peerpay::crypto      # the module's whole import list
#     PRIVATE_LIBS secp256k1)                    # third party, seen by its .cpp files only
#
# What the build enforces (each is proved by tests/lint/module_isolation_test.sh):
#  0. Layer order: every name in DEPS must already be a target, and folders are added bottom-up, so
#     an upward or cyclic dependency stops the configure step.
#  1. Header isolation: the include path of a module is a folder of symbolic links that holds only
#     this module's headers; including what is not linked does not compile.
#  2. Header self-containment: each header is compiled alone (target check_headers).
#  3. Link test: the whole archive must link with its declared dependencies alone (target
#     check_links).

# Makes the include folder of target `name`: links to the headers of the current folder, and to
# nothing else. Sets isolated_folder, and isolated_headers as they are written in an #include.
function(peerpay_isolate_headers name)
  file(RELATIVE_PATH module_path ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  set(folder ${PROJECT_BINARY_DIR}/isolated/${name})
  file(REMOVE_RECURSE ${folder})
  file(MAKE_DIRECTORY ${folder}/${module_path})
  file(GLOB headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}
       ${CMAKE_CURRENT_SOURCE_DIR}/*.h ${CMAKE_CURRENT_SOURCE_DIR}/operations/*.h)
  set(included_as "")
  foreach(header IN LISTS headers)
    get_filename_component(parent ${folder}/${module_path}/${header} DIRECTORY)
    file(MAKE_DIRECTORY ${parent})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${header} ${folder}/${module_path}/${header}
         SYMBOLIC)
    list(APPEND included_as ${module_path}/${header})
  endforeach()
  set(isolated_folder ${folder} PARENT_SCOPE)
  set(isolated_headers ${included_as} PARENT_SCOPE)
endfunction()

function(peerpay_add_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_LIBS" ${ARGN})
  file(RELATIVE_PATH module_path ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(dependency IN LISTS ARG_DEPS)
    if(NOT TARGET ${dependency})
      message(FATAL_ERROR
              "${module_path}: ${dependency} is not a lower layer (modules are added bottom-up)")
    endif()
  endforeach()

  peerpay_isolate_headers(${name})
  set(check_sources "")
  foreach(header IN LISTS isolated_headers)
    string(MAKE_C_IDENTIFIER ${header} header_id)
    set(check_source ${PROJECT_BINARY_DIR}/header_checks/${name}/${header_id}.cpp)
    file(CONFIGURE OUTPUT ${check_source} CONTENT "#include \"${header}\"\n")
    list(APPEND check_sources ${check_source})
  endforeach()

  add_library(${name} STATIC ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME peerpay_${name})
  add_library(peerpay::${name} ALIAS ${name})
  target_include_directories(${name} PUBLIC ${isolated_folder})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_LIBS} peerpay_warnings)

  add_library(${name}_header_check OBJECT EXCLUDE_FROM_ALL ${check_sources})
  target_link_libraries(${name}_header_check PRIVATE ${name} peerpay_warnings)
  add_dependencies(check_headers ${name}_header_check)

  add_executable(${name}_link_test EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/cmake/empty_main.cpp)
  target_link_libraries(${name}_link_test PRIVATE
    -Wl,--whole-archive $<TARGET_FILE:${name}> -Wl,--no-whole-archive
    ${ARG_DEPS} ${ARG_PRIVATE_LIBS})
  add_dependencies(${name}_link_test ${name})
  add_dependencies(check_links ${name}_link_test)
endfunction()
