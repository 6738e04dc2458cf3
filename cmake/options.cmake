# Build options, compiler settings and the compiler cache.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set_property(GLOBAL PROPERTY GLOBAL_DEPENDS_NO_CYCLES ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug" FORCE)
endif()

option(LINKS_BUILD_TESTS "Build the tests" ON)
option(LINKS_BENCHMARKS "Build the benchmarks (needs Google Benchmark)" OFF)
option(LINKS_BUILD_PYTHON "Build the Python module (needs pybind11 and Python's headers)" OFF)
option(LINKS_FUZZ "Only the fuzz harnesses and the readers that they need, without LibTorch (Clang)" OFF)
set(LINKS_SANITIZE OFF CACHE STRING "OFF, ON (AddressSanitizer and UndefinedBehaviorSanitizer) or thread (ThreadSanitizer)")
set(LINKS_CUDA AUTO CACHE STRING "Link LibTorch's CUDA libraries: ON, OFF, or AUTO (when they are installed)")
set(LINKS_ONNX AUTO CACHE STRING "Write ONNX with the onnx library (libonnx-dev): ON, OFF, or AUTO (where it is installed)")

# A file that includes LibTorch takes up to 2.5 GiB to compile: with Ninja, no more jobs at once than fit the memory.
cmake_host_system_information(RESULT memory_mib QUERY TOTAL_PHYSICAL_MEMORY)
math(EXPR jobs "${memory_mib} / 2560")
if(jobs LESS 1)
  set(jobs 1)
endif()
set_property(GLOBAL PROPERTY JOB_POOLS compile=${jobs})
set(CMAKE_JOB_POOL_COMPILE compile)
set(CMAKE_JOB_POOL_PRECOMPILE_HEADER compile)

# One set of flags for every target: all of them share one precompiled header, and GCC refuses one that was made with
# other flags. So -fPIC is given here and not by POSITION_INDEPENDENT_CODE, which says -fPIE for executables.
add_library(links_flags INTERFACE)
target_compile_options(links_flags INTERFACE -fPIC -Wall -Wextra $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> -Wno-unknown-pragmas)
if(LINKS_SANITIZE STREQUAL thread)
  target_compile_options(links_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(links_flags INTERFACE -fsanitize=thread)
elseif(LINKS_SANITIZE)
  target_compile_options(links_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(links_flags INTERFACE -fsanitize=address,undefined)
endif()
if(LINKS_FUZZ)
  target_compile_options(links_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A precompiled header is cacheable only with the two relaxations and -fpch-preprocess (ccache manual, "Precompiled
  # headers"); names below the base folder are made relative, so that another clone finds the same entries.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${CCACHE_PROGRAM})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    target_compile_options(links_flags INTERFACE -fpch-preprocess)
  endif()
endif()
