# Finds LibTorch and defines the imported target `links::torch`.
#
# Order: CMAKE_PREFIX_PATH, the active Python's torch, the local environment (.venv). The libraries are named by full
# path from the one folder found, so a second LibTorch in the system is never mixed in.
#
# Used by the build and by the installed package; `cmake -P cmake/libtorch.cmake` only says what would be
# found: "-- LibTorch VERSION from ORIGIN: FOLDER", "-- none", or why the one found is refused.
set(LINKS_LIBTORCH_MINIMUM 2.11)

# The root of the source tree, where .venv lies (in an installed package there is none).
get_filename_component(links_root ${CMAKE_CURRENT_LIST_DIR} DIRECTORY)

# Sets <out> to the folders of the NVIDIA wheels beside a torch wheel: nvidia/cu13/lib of newer ones,
# nvidia/cuda_runtime/lib and its like of older ones.
function(links_nvidia_folders folder kind out)
  file(GLOB found LIST_DIRECTORIES true ${folder}/../nvidia/*/${kind})
  set(folders)
  foreach(one IN LISTS found)
    get_filename_component(one ${one} REALPATH)
    list(APPEND folders ${one})
  endforeach()
  set(${out} "${folders}" PARENT_SCOPE)
endfunction()

# Sets <out> to the folders in which a program finds its libraries: LibTorch's, and with <cuda> that of libcudart, which
# we link ourselves.
function(links_libtorch_run_path folder cuda out)
  set(path ${folder}/lib)
  if(cuda)
    links_nvidia_folders(${folder} lib folders)
    foreach(one IN LISTS folders)
      file(GLOB cudart ${one}/libcudart.so.*)
      if(cudart)
        list(APPEND path ${one})
      endif()
    endforeach()
  endif()
  set(${out} "${path}" PARENT_SCOPE)
endfunction()

# Sets <out> to the folder that holds include/ and lib/libtorch_cpu.so, or to "", and <origin> to where it was found.
function(links_locate_libtorch out origin)
  set(${out} "" PARENT_SCOPE)
  set(${origin} "" PARENT_SCOPE)
  string(REPLACE ":" ";" prefixes "$ENV{CMAKE_PREFIX_PATH}")
  list(PREPEND prefixes ${CMAKE_PREFIX_PATH})
  set(places)
  foreach(prefix IN LISTS prefixes)
    # torch.utils.cmake_prefix_path names <torch>/share/cmake
    string(REGEX REPLACE "/share/cmake/?$" "" prefix "${prefix}")
    file(GLOB found ${prefix} ${prefix}/torch ${prefix}/lib/python3*/site-packages/torch)
    foreach(folder IN LISTS found)
      list(APPEND places "CMAKE_PREFIX_PATH=${folder}")
    endforeach()
  endforeach()
  # find_spec does not import torch, which fails where only the small subset of its dependencies is installed.
  execute_process(
    COMMAND python3 -c "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')"
    OUTPUT_VARIABLE active OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  list(APPEND places "the active Python=${active}")
  file(GLOB found ${links_root}/.venv/lib/python3*/site-packages/torch)
  foreach(folder IN LISTS found)
    list(APPEND places "the local environment=${folder}")
  endforeach()
  foreach(place IN LISTS places)
    string(REGEX MATCH "^([^=]*)=(.*)$" place "${place}")
    if(CMAKE_MATCH_2 AND EXISTS ${CMAKE_MATCH_2}/lib/libtorch_cpu.so)
      set(${origin} "${CMAKE_MATCH_1}" PARENT_SCOPE)
      get_filename_component(folder ${CMAKE_MATCH_2} REALPATH)
      set(${out} ${folder} PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# Sets <out> to the version in the headers, and <problem> to a sentence when the folder is not one whole LibTorch.
function(links_libtorch_version folder out problem)
  set(lines)
  foreach(header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
    if(NOT lines AND EXISTS ${folder}/include/${header})
      file(STRINGS ${folder}/include/${header} lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
    endif()
  endforeach()
  string(REGEX MATCHALL "[0-9]+" numbers "${lines}")
  list(JOIN numbers "." version)
  # What the libraries say of themselves: the wheel in version.py, the zip archive in build-version.
  set(library_version)
  foreach(file version.py build-version)
    if(NOT library_version AND EXISTS ${folder}/${file})
      file(READ ${folder}/${file} text)
      string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" library_version "${text}")
    endif()
  endforeach()
  set(${problem} "" PARENT_SCOPE)
  if(NOT version)
    set(${problem} "The LibTorch in ${folder} has libraries but no headers." PARENT_SCOPE)
  elseif(library_version AND NOT library_version VERSION_EQUAL version)
    set(${problem} "The LibTorch in ${folder} is a mixture: its headers are of version ${version}, \
its libraries of version ${library_version}." PARENT_SCOPE)
  elseif(version VERSION_LESS LINKS_LIBTORCH_MINIMUM)
    set(${problem} "LibTorch ${LINKS_LIBTORCH_MINIMUM} or newer is needed, the one in ${folder} is ${version}: \
deactivate that environment, or name another one in CMAKE_PREFIX_PATH." PARENT_SCOPE)
  endif()
  set(${out} ${version} PARENT_SCOPE)
endfunction()

# Defines links::torch from a folder. <cuda> says whether LibTorch's CUDA libraries are linked.
function(links_define_libtorch folder cuda)
  set(libraries ${folder}/lib/libtorch_cpu.so ${folder}/lib/libc10.so)
  links_nvidia_folders(${folder} lib nvidia_libraries)
  # One OpenMP for LibTorch and our own loops: the one that comes with it.
  file(GLOB openmp ${folder}/lib/libgomp*.so*)
  if(NOT openmp)
    set(openmp gomp)
  endif()
  list(APPEND libraries ${openmp})
  set(includes ${folder}/include ${folder}/include/torch/csrc/api/include)
  if(cuda)
    # They register themselves when loaded, whether or not we call them: keep the linker from dropping them.
    file(GLOB cudart ${folder}/../nvidia/cu*/lib/libcudart.so.* ${folder}/lib/libcudart*.so.*)
    list(APPEND libraries -Wl,--no-as-needed ${folder}/lib/libtorch_cuda.so ${folder}/lib/libc10_cuda.so
         -Wl,--as-needed ${cudart})
    links_nvidia_folders(${folder} include nvidia_includes)
    list(APPEND includes ${nvidia_includes})
  endif()
  # The wheel's libraries find the CUDA runtime beside them by their own run path; the linker has to be told.
  # An RPATH, unlike the default RUNPATH, comes before LD_LIBRARY_PATH: no other LibTorch is loaded at run time.
  set(options -Wl,--disable-new-dtags -Wl,--allow-shlib-undefined)
  foreach(library_folder IN LISTS nvidia_libraries)
    list(APPEND options -Wl,-rpath-link,${library_folder})
  endforeach()
  add_library(links::torch INTERFACE IMPORTED GLOBAL)
  set_target_properties(links::torch PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${includes}"
    INTERFACE_LINK_LIBRARIES "${libraries}"
    INTERFACE_LINK_OPTIONS "${options}")
  if(cuda)
    set_target_properties(links::torch PROPERTIES INTERFACE_COMPILE_DEFINITIONS LINKS_CUDA)
  endif()
endfunction()

# True when the CUDA libraries of LibTorch, what they need and its headers are installed: the zip archive of LibTorch comes
# without the headers of the CUDA toolkit, the wheels with them.
function(links_libtorch_has_cuda folder out)
  file(GLOB cublas ${folder}/../nvidia/cu*/lib/libcublas.so.* ${folder}/../nvidia/cublas/lib/libcublas.so.*
       ${folder}/lib/libcublas*.so.*)
  file(GLOB runtime_headers ${folder}/../nvidia/*/include/cuda_runtime.h ${folder}/include/cuda_runtime.h)
  if(cublas AND runtime_headers AND EXISTS ${folder}/lib/libtorch_cuda.so)
    set(${out} ON PARENT_SCOPE)
  else()
    set(${out} OFF PARENT_SCOPE)
  endif()
endfunction()

if(CMAKE_SCRIPT_MODE_FILE)
  links_locate_libtorch(folder origin)
  if(folder)
    links_libtorch_version(${folder} version problem)
  else()
    set(problem "none")
  endif()
  if(problem)
    message(STATUS "${problem}")
  else()
    message(STATUS "LibTorch ${version} from ${origin}: ${folder}")
  endif()
endif()
