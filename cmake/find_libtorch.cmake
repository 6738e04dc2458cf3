# The build's LibTorch: LINKS_LIBTORCH, LINKS_LIBTORCH_VERSION and the target links::torch.
include(libtorch)

links_locate_libtorch(folder origin)
if(NOT folder)
  message(FATAL_ERROR "LibTorch was not found in CMAKE_PREFIX_PATH, the active Python or .venv: run scripts/setup.sh.")
endif()
links_libtorch_version(${folder} version problem)
if(problem)
  message(FATAL_ERROR "${problem}")
endif()
# A build folder keeps its LibTorch: objects compiled against two of them would be a mixture.
if(LINKS_LIBTORCH AND NOT "${LINKS_LIBTORCH} ${LINKS_LIBTORCH_VERSION}" STREQUAL "${folder} ${version}")
  message(FATAL_ERROR "This build folder was made with LibTorch ${LINKS_LIBTORCH_VERSION} in ${LINKS_LIBTORCH}, but "
                      "${origin} holds ${version} in ${folder} now: delete ${CMAKE_BINARY_DIR} to change.")
endif()
set(LINKS_LIBTORCH ${folder} CACHE INTERNAL "The LibTorch in use")
set(LINKS_LIBTORCH_VERSION ${version} CACHE INTERNAL "Its version")

links_libtorch_has_cuda(${folder} has_cuda)
if(LINKS_CUDA STREQUAL AUTO)
  set(LINKS_USE_CUDA ${has_cuda})
elseif(LINKS_CUDA AND NOT has_cuda)
  message(FATAL_ERROR "LINKS_CUDA is ON but the LibTorch in ${folder} comes without its CUDA libraries or without the headers of "
                      "the CUDA toolkit (cuda_runtime.h).")
else()
  set(LINKS_USE_CUDA ${LINKS_CUDA})
endif()
links_define_libtorch(${folder} ${LINKS_USE_CUDA})
links_libtorch_run_path(${folder} ${LINKS_USE_CUDA} CMAKE_INSTALL_RPATH)
message(STATUS "LibTorch ${version} from ${origin}: ${folder} (CUDA: ${LINKS_USE_CUDA})")
