# Compiler flags, sanitizers, linker and cache. Everything here is per build tree, chosen by a preset.

set(PHAROS_SANITIZE "" CACHE STRING "Empty, 'address,undefined', 'thread' or 'fuzzer'")
option(PHAROS_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
option(PHAROS_PCH "Use precompiled headers" ON)

find_program(PHAROS_CCACHE ccache)
if(PHAROS_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${PHAROS_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PHAROS_CCACHE})
endif()

find_program(PHAROS_MOLD mold)
if(PHAROS_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(pharos_flags INTERFACE)
target_compile_options(pharos_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -Wimplicit-fallthrough -Wunused-result -pthread -fno-omit-frame-pointer -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these falsely inside libstdc++ and Boost at -O2.
  target_compile_options(pharos_flags INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds
    -Wno-stringop-overread -Wno-dangling-pointer)
endif()
target_include_directories(pharos_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_definitions(pharos_flags INTERFACE PHAROS_VERSION="${PROJECT_VERSION}")

if(PHAROS_SANITIZE)
  add_compile_options(-fsanitize=${PHAROS_SANITIZE} -g1)
  add_link_options(-fsanitize=${PHAROS_SANITIZE})
  if(PHAROS_SANITIZE MATCHES "undefined")
    # The four left out take half of the compile time; what null and object-size would report, the
    # address sanitizer stops at.
    add_compile_options(-fno-sanitize-recover=undefined
      -fno-sanitize=vptr,null,alignment,object-size)
  endif()
endif()
