#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <vector>

namespace links {

namespace py = pybind11;

void BindEstimator(py::module_& module);
void BindPoses(py::module_& module);
void BindMetrics(py::module_& module);

/// An array that takes the memory of the vector.
template <class Number>
py::array_t<Number> ToArray(std::vector<Number>&& numbers, const std::vector<py::ssize_t>& sizes) {
  auto* kept = new std::vector<Number>(std::move(numbers));
  const py::capsule owner(kept, [](void* vector) { delete static_cast<std::vector<Number>*>(vector); });
  return py::array_t<Number>(sizes, kept->data(), owner);
}

}  // namespace links
