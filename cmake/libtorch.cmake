# Finds LibTorch and defines the imported target `links::torch`.
#
# Order: CMAKE_PREFIX_PATH, the active Python's torch, the local environment (.venv). The libraries are named by full
# path from the one folder found, so a second LibTorch in the system can never be mixed in.
set(LINKS_LIBTORCH_MINIMUM 2.11)

# Sets `out` to the folder that holds include/ and lib/libtorch_cpu.so, or to "".
function(links_locate_libtorch out origin_out)
  foreach(prefix IN LISTS CMAKE_PREFIX_PATH)
    file(GLOB found ${prefix} ${prefix}/torch ${prefix}/lib/python3*/site-packages/torch)
    foreach(folder IN LISTS found)
      # torch.utils.cmake_prefix_path names <torch>/share/cmake
      string(REGEX REPLACE "/share/cmake/?$" "" folder ${folder})
      if(EXISTS ${folder}/lib/libtorch_cpu.so)
        set(${out} ${folder} PARENT_SCOPE)
        set(${origin_out} "CMAKE_PREFIX_PATH" PARENT_SCOPE)
        return()
      endif()
    endforeach()
  endforeach()
  # find_spec does not import torch, so it also works for the CPU subset of the wheel's dependencies.
  execute_process(
    COMMAND python3 -c "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
    OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(folder AND EXISTS ${folder}/lib/libtorch_cpu.so)
    set(${out} ${folder} PARENT_SCOPE)
    set(${origin_out} "the active Python" PARENT_SCOPE)
    return()
  endif()
  file(GLOB found ${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
  foreach(folder IN LISTS found)
    if(EXISTS ${folder}/lib/libtorch_cpu.so)
      set(${out} ${folder} PARENT_SCOPE)
      set(${origin_out} "the local environment" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  set(${out} "" PARENT_SCOPE)
endfunction()

links_locate_libtorch(folder LINKS_LIBTORCH_ORIGIN)
if(NOT folder)
  message(FATAL_ERROR "LibTorch was not found in CMAKE_PREFIX_PATH, the active Python or .venv: run scripts/setup.sh.")
endif()
# A configured build keeps its LibTorch; changing to another one needs a fresh build folder.
if(LINKS_LIBTORCH AND NOT LINKS_LIBTORCH STREQUAL folder)
  message(FATAL_ERROR "This build folder was configured with the LibTorch in ${LINKS_LIBTORCH} but finds ${folder} now: "
                      "delete the build folder.")
endif()
set(LINKS_LIBTORCH ${folder} CACHE PATH "The LibTorch in use" FORCE)

file(STRINGS ${LINKS_LIBTORCH}/include/torch/headeronly/version.h lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
if(NOT lines)
  file(GLOB version_header ${LINKS_LIBTORCH}/include/torch/csrc/api/include/torch/version.h)
  if(version_header)
    file(STRINGS ${version_header} lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
  endif()
endif()
string(REGEX MATCHALL "[0-9]+" numbers "${lines}")
list(JOIN numbers "." LINKS_LIBTORCH_VERSION)
if(LINKS_LIBTORCH_VERSION VERSION_LESS LINKS_LIBTORCH_MINIMUM)
  message(FATAL_ERROR "LibTorch ${LINKS_LIBTORCH_MINIMUM} or newer is needed, ${LINKS_LIBTORCH} "
                      "(${LINKS_LIBTORCH_ORIGIN}) holds '${LINKS_LIBTORCH_VERSION}'.")
endif()

set(nvidia ${LINKS_LIBTORCH}/../nvidia)
file(GLOB cublas ${nvidia}/cu13/lib/libcublas.so.* ${LINKS_LIBTORCH}/lib/libcublas.so.*)
if(LINKS_CUDA STREQUAL AUTO)
  if(cublas AND EXISTS ${LINKS_LIBTORCH}/lib/libtorch_cuda.so)
    set(use_cuda ON)
  else()
    set(use_cuda OFF)
  endif()
else()
  set(use_cuda ${LINKS_CUDA})
endif()
if(use_cuda AND NOT EXISTS ${LINKS_LIBTORCH}/lib/libtorch_cuda.so)
  message(FATAL_ERROR "LINKS_CUDA is ON but the LibTorch in ${LINKS_LIBTORCH} was built without CUDA.")
endif()

add_library(links_torch INTERFACE)
add_library(links::torch ALIAS links_torch)
target_include_directories(links_torch SYSTEM INTERFACE
  ${LINKS_LIBTORCH}/include ${LINKS_LIBTORCH}/include/torch/csrc/api/include)
set(libraries ${LINKS_LIBTORCH}/lib/libtorch_cpu.so ${LINKS_LIBTORCH}/lib/libc10.so)
if(use_cuda)
  # These register themselves when loaded and define no symbol that we call: keep the linker from dropping them.
  list(APPEND libraries -Wl,--no-as-needed ${LINKS_LIBTORCH}/lib/libtorch_cuda.so ${LINKS_LIBTORCH}/lib/libc10_cuda.so
       -Wl,--as-needed)
endif()
file(GLOB runtime ${nvidia}/cu13/lib ${nvidia}/*/lib)
target_link_libraries(links_torch INTERFACE ${libraries})
# The wheel finds the CUDA runtime beside it by its own run path; the linker has to be told.
foreach(folder IN LISTS runtime)
  target_link_options(links_torch INTERFACE -Wl,-rpath-link,${folder})
endforeach()
target_link_options(links_torch INTERFACE -Wl,--allow-shlib-undefined)
list(APPEND CMAKE_BUILD_RPATH ${LINKS_LIBTORCH}/lib)
list(APPEND CMAKE_INSTALL_RPATH ${LINKS_LIBTORCH}/lib)
message(STATUS "LibTorch ${LINKS_LIBTORCH_VERSION} from ${LINKS_LIBTORCH_ORIGIN}: ${LINKS_LIBTORCH} (CUDA: ${use_cuda})")
