# pharos_module(<name> SOURCES ... [DEPS ...] [LIBS ...] [TESTS ...] [TEST_DEPS ...])
#
# Declares the library pharos_<name> (slashes become underscores) and, if TESTS are given, the binary
# pharos_<name>_test. DEPS are module names and must stand in the row of <name> in
# docs/architecture/modules.txt: a dependency that is not in the table does not configure.
# LIBS are outside libraries, linked privately. TEST_DEPS may name any module.

file(STRINGS ${CMAKE_SOURCE_DIR}/docs/architecture/modules.txt PHAROS_MODULE_ROWS REGEX "^[a-z]")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/docs/architecture/modules.txt)

function(pharos_allowed_deps name out)
  foreach(row IN LISTS PHAROS_MODULE_ROWS)
    string(REGEX REPLACE "[ ]*:.*$" "" row_name "${row}")
    if(row_name STREQUAL name)
      string(REGEX REPLACE "^[^:]*:[ ]*" "" row_deps "${row}")
      string(REPLACE " " ";" row_deps "${row_deps}")
      set(${out} "${row_deps}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "module ${name} has no row in docs/architecture/modules.txt")
endfunction()

function(pharos_test_binary target)
  target_link_libraries(${target} PRIVATE pharos_flags GTest::gtest GTest::gmock GTest::gtest_main)
  if(PHAROS_PCH)
    target_precompile_headers(${target} REUSE_FROM pharos_test_pch)
  endif()
endfunction()

function(pharos_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LIBS;TESTS;TEST_DEPS" ${ARGN})
  string(REPLACE "/" "_" id "${name}")
  pharos_allowed_deps(${name} allowed)
  set(links "")
  foreach(dep IN LISTS ARG_DEPS)
    if(NOT "*" IN_LIST allowed AND NOT dep IN_LIST allowed)
      message(FATAL_ERROR "module ${name} may not depend on ${dep} (docs/architecture/modules.txt)")
    endif()
    string(REPLACE "/" "_" dep_id "${dep}")
    list(APPEND links pharos_${dep_id})
  endforeach()
  add_library(pharos_${id} STATIC ${ARG_SOURCES})
  target_link_libraries(pharos_${id} PUBLIC pharos_flags ${links} PRIVATE ${ARG_LIBS})
  if(PHAROS_PCH)
    target_precompile_headers(pharos_${id} REUSE_FROM pharos_pch)
  endif()
  if(ARG_TESTS)
    add_executable(pharos_${id}_test ${ARG_TESTS})
    set(test_links "")
    foreach(dep IN LISTS ARG_TEST_DEPS)
      string(REPLACE "/" "_" dep_id "${dep}")
      list(APPEND test_links pharos_${dep_id})
    endforeach()
    target_link_libraries(pharos_${id}_test PRIVATE pharos_${id} ${test_links} ${ARG_LIBS})
    pharos_test_binary(pharos_${id}_test)
    add_test(NAME unit.${id} COMMAND pharos_${id}_test)
    set_tests_properties(unit.${id} PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()

# Precompiled once for all modules and once for all tests: a pair for each module would cost three
# seconds and 180 MB apiece. All targets take the flags of pharos_flags, which keeps the two valid.
if(PHAROS_PCH)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/pch.cc CONTENT "")
  add_library(pharos_pch OBJECT ${CMAKE_BINARY_DIR}/pch.cc)
  target_link_libraries(pharos_pch PRIVATE pharos_flags)
  target_precompile_headers(pharos_pch PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch.h)
  add_library(pharos_test_pch OBJECT ${CMAKE_BINARY_DIR}/pch.cc)
  target_link_libraries(pharos_test_pch PRIVATE pharos_flags GTest::gtest GTest::gmock)
  target_precompile_headers(pharos_test_pch PRIVATE
    <gtest/gtest.h> <gmock/gmock.h> <string> <vector>)
endif()
