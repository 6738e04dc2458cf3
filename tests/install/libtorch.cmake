# What cmake/libtorch.cmake makes of the folders that LibTorch comes in: cmake -DFOLDER=TEMPORARY -P libtorch.cmake.
# Empty files stand for the libraries and headers.
cmake_minimum_required(VERSION 3.25)
include(${CMAKE_CURRENT_LIST_DIR}/../../cmake/libtorch.cmake)

function(expect what found wanted)
  if(NOT "${found}" STREQUAL "${wanted}")
    message(SEND_ERROR "${what}: expected '${wanted}', found '${found}'")
  endif()
endfunction()

# make(<name> <file>...): a tree with these files; sets <name> to its torch folder.
function(make name)
  file(REMOVE_RECURSE ${FOLDER}/${name})
  foreach(file IN LISTS ARGN)
    file(WRITE ${FOLDER}/${name}/${file} "")
  endforeach()
  file(REAL_PATH ${FOLDER}/${name}/torch folder)
  set(${name} ${folder} PARENT_SCOPE)
endfunction()

set(libraries torch/lib/libtorch_cpu.so torch/lib/libtorch_cuda.so)
make(wheel ${libraries} nvidia/cu13/lib/libcublas.so.13 nvidia/cu13/lib/libcudart.so.13 nvidia/cu13/include/cuda_runtime.h
  nvidia/cudnn/lib/libcudnn.so.9)
make(old_wheel ${libraries} nvidia/cublas/lib/libcublas.so.12 nvidia/cuda_runtime/lib/libcudart.so.12
  nvidia/cuda_runtime/include/cuda_runtime.h)
make(small_wheel ${libraries} nvidia/cu13/lib/libcudart.so.13 nvidia/cu13/include/cuda_runtime.h)
make(archive ${libraries} torch/lib/libcublas-1.so.12 torch/lib/libcudart-2.so.12)

foreach(case "wheel=ON" "old_wheel=ON" "small_wheel=OFF" "archive=OFF")
  string(REPLACE "=" ";" case ${case})
  list(GET case 0 name)
  list(GET case 1 wanted)
  links_libtorch_has_cuda(${${name}} found)
  expect("CUDA of the ${name}" "${found}" ${wanted})
endforeach()

links_libtorch_run_path(${wheel} ON found)
file(REAL_PATH ${wheel}/../nvidia/cu13/lib cudart)
expect("run path of the wheel" "${found}" "${wheel}/lib;${cudart}")
links_libtorch_run_path(${wheel} OFF found)
expect("run path of the wheel without CUDA" "${found}" "${wheel}/lib")
links_libtorch_run_path(${old_wheel} ON found)
file(REAL_PATH ${old_wheel}/../nvidia/cuda_runtime/lib cudart)
expect("run path of the old wheel" "${found}" "${old_wheel}/lib;${cudart}")
