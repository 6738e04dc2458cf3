#include "links/dataset/normalisation.h"

#include <torch/types.h>

#include <map>
#include <string>
#include <vector>

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

// Distances of head top and root in the first two coordinates: (N) float64.
torch::Tensor HeadRoot(const torch::Tensor& joints) {
  const torch::Tensor difference =
      (joints.select(1, kHeadTop) - joints.select(1, kRoot)).narrow(-1, 0, 2).to(torch::kFloat64);
  return difference.norm(2, -1);
}

double MeanHeadRoot(const torch::Tensor& joints) {
  return HeadRoot(joints).mean().item<double>();
}

// For each pose the number of the file or the person that it shares its scale with: (N) int64.
torch::Tensor Sharers(const PoseData& poses, ScaleOf scale) {
  std::map<std::string, int64_t> numbers;
  std::vector<int64_t> of_pose;
  for (size_t i = 0; i < static_cast<size_t>(poses.size()); ++i) {
    std::string name = poses.file.empty() ? "" : std::to_string(poses.file[i]);
    if (scale == ScaleOf::kPerson) {
      for (const auto* names : {&poses.subject, &poses.action, &poses.camera})
        name.append("/").append(names->empty() ? "" : (*names)[i]);
    }
    of_pose.push_back(numbers.emplace(name, static_cast<int64_t>(numbers.size())).first->second);
  }
  return torch::tensor(of_pose, torch::kInt64);
}

// The mean head top-root distance of those that a pose shares its scale with, px: (N) float64.
torch::Tensor SharedHeadRoot(const PoseData& poses, const torch::Tensor& keypoints, ScaleOf scale) {
  const torch::Tensor sharers = Sharers(poses, scale), own = HeadRoot(keypoints);
  const torch::Tensor none = torch::zeros({sharers.max().item<int64_t>() + 1}, torch::kFloat64);
  const torch::Tensor means =
      none.index_add(0, sharers, own) / none.index_add(0, sharers, torch::ones_like(own));
  if (!(means.min().item<double>() > 0)) {
    throw Error("expected a ", scale == ScaleOf::kPerson ? "person" : "file",
                " whose head top and root differ (data.scale), found a mean distance of ",
                means.min().item<double>(), " px");
  }
  return means.index_select(0, sharers);
}

}  // namespace

Normalisation Normalisation::Of(const PoseData& poses, ScaleOf scale) {
  Normalisation constants;
  constants.scale = scale;
  constants.joints = poses.joints;
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
  const torch::Tensor centred = pixels - pixels.narrow(1, kRoot, 1);
  if (scale == ScaleOf::kDataset) return ToUnits(centred, head_root_px);
  const torch::Tensor own = SharedHeadRoot(poses, pixels, scale);
  return ToUnits(centred / own.unsqueeze(-1).unsqueeze(-1), 1).to(torch::kFloat32);
}

torch::Tensor RootCentredJoints(const PoseData& poses) {
  if (poses.joints_3d.empty()) throw Error("expected poses with joints_3d, found none in ", poses.source);
  const torch::Tensor joints = View(poses.joints_3d, 3);
  return joints - joints.narrow(1, kRoot, 1);
}

}  // namespace links
