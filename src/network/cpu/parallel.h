#pragma once

#include <ATen/Parallel.h>

// A file that calls at::parallel_for has to be one of those that CMakeLists.txt compiles with OpenMP.
#ifndef _OPENMP
#error "expected -fopenmp, without which at::parallel_for is a loop on one thread"
#endif
