#include <numeric>

#include "bindings.h"
#include "links/core/error.h"
#include "links/metrics/accumulator.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

using Floats = py::array_t<float, py::array::c_style | py::array::forcecast>;

std::span<const float> Numbers(const Floats& array) {
  return {array.data(), static_cast<size_t>(array.size())};
}

py::dict Evaluate(const Floats& predicted, const Floats& truth) {
  for (const Floats* poses : {&predicted, &truth}) {
    if (poses->ndim() != 3 || poses->shape(1) != kJoints || poses->shape(2) != 3)
      throw UsageError("expected joints (N, ", kJoints, ", 3) in mm, found ", poses->ndim(), " axes, ",
                       poses->size(), " numbers");
  }
  if (predicted.shape(0) != truth.shape(0))
    throw UsageError("expected as many predicted poses as true ones, ", truth.shape(0), ", found ",
                     predicted.shape(0));
  std::vector<int> every(kJoints);
  std::iota(every.begin(), every.end(), 0);
  std::vector<std::vector<Metrics>> measured;
  {
    const py::gil_scoped_release release;
    measured = MeasurePoses(Numbers(predicted), Numbers(truth), {{"all", every}});
  }
  const Metrics& metrics = measured.at(0).at(0);
  py::dict result;
  result["poses"] = metrics.poses;
  result["rejected"] = metrics.rejected;
  for (const auto& [name, value] : kMetricFields) result[py::str(name)] = metrics.*value;
  return result;
}

}  // namespace

void BindMetrics(py::module_& module) {
  module.def("evaluate", Evaluate);
}

}  // namespace links
