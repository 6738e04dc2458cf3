# Build options, compiler settings and the compiler cache.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set_property(GLOBAL PROPERTY GLOBAL_DEPENDS_NO_CYCLES ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug" FORCE)
endif()

option(LINKS_BUILD_TESTS "Build the tests" ON)
option(LINKS_SANITIZE "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
set(LINKS_CUDA AUTO CACHE STRING "Link LibTorch's CUDA libraries: ON, OFF, or AUTO (when they are installed)")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A precompiled header is cacheable only with these two relaxed (ccache manual, "Precompiled headers").
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()

add_library(links_flags INTERFACE)
target_compile_options(links_flags INTERFACE -Wall -Wextra -Wno-unknown-pragmas)
if(LINKS_SANITIZE)
  target_compile_options(links_flags INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer)
  target_link_options(links_flags INTERFACE -fsanitize=address,undefined)
endif()
