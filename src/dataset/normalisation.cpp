#include "links/dataset/normalisation.h"

#include <torch/types.h>

#include "links/core/error.h"
#include "links/geometry/camera.h"
#include "links/skeleton/skeleton.h"
#include "links/skeleton/units.h"

namespace links {
namespace {

// A view of the vector as (N, 17, columns); it must outlive the tensor.
torch::Tensor View(const std::vector<float>& values, int64_t columns) {
  return torch::from_blob(const_cast<float*>(values.data()),
                          {static_cast<int64_t>(values.size()) / (kJoints * columns), kJoints, columns},
                          torch::kFloat32);
}

// Mean distance of head top and root in the first two coordinates.
double MeanHeadRoot(const torch::Tensor& joints) {
  const torch::Tensor difference =
      (joints.select(1, kHeadTop) - joints.select(1, kRoot)).narrow(-1, 0, 2).to(torch::kFloat64);
  return difference.norm(2, -1).mean().item<double>();
}

}  // namespace

Normalisation Normalisation::Of(const PoseData& poses) {
  Normalisation constants;
  constants.head_root_px = MeanHeadRoot(View(poses.keypoints_2d, 2));
  if (!(constants.head_root_px > 0)) {
    throw Error("expected poses whose head top and root differ, found a mean head-root distance of ",
                constants.head_root_px, " px");
  }
  if (!poses.joints_3d.empty()) constants.mm_per_unit = MeanHeadRoot(View(poses.joints_3d, 3));
  return constants;
}

torch::Tensor Normalisation::Keypoints(const PoseData& poses) const {
  const torch::Tensor pixels = View(poses.keypoints_2d, 2);
  return ToUnits(pixels - pixels.narrow(1, kRoot, 1), head_root_px);
}

torch::Tensor RootCentredJoints(const PoseData& poses) {
  if (poses.joints_3d.empty()) throw Error("expected poses with joints_3d, found none in ", poses.source);
  const torch::Tensor joints = View(poses.joints_3d, 3);
  return joints - joints.narrow(1, kRoot, 1);
}

}  // namespace links
