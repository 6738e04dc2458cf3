#include "links/dataset/normalisation.h"

#include <torch/types.h>

#include <algorithm>
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

// Lengths of the bones in the image: (N, 16) float64.
torch::Tensor BonesInImage(const torch::Tensor& keypoints) {
  std::vector<torch::Tensor> lengths;
  for (const auto& [parent, child] : kBoneList) {
    const torch::Tensor along = keypoints.select(1, child) - keypoints.select(1, parent);
    lengths.push_back(along.to(torch::kFloat64).norm(2, -1));
  }
  return torch::stack(lengths, 1);
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

// The mean head top-root distance of those that a pose shares its scale with, px: (N) float64. Where it is
// never seen, from the bones that are, whose means in distances of head top and root are known.
torch::Tensor SharedHeadRoot(const PoseData& poses, const torch::Tensor& keypoints, ScaleOf scale,
                             const std::array<double, kBones>& bones) {
  const torch::Tensor sharers = Sharers(poses, scale), own = HeadRoot(keypoints), told = own.isfinite();
  const torch::Tensor none = torch::zeros({sharers.max().item<int64_t>() + 1}, torch::kFloat64);
  const auto sum = [&](const torch::Tensor& of_pose) { return none.index_add(0, sharers, of_pose); };
  const torch::Tensor count = sum(told.to(torch::kFloat64));
  torch::Tensor means = sum(torch::where(told, own, torch::zeros_like(own))) / count;
  if (count.min().item<double>() == 0) {
    if (!(*std::ranges::max_element(bones) > 0)) {
      throw Error("expected head top and root together in some pose of every ",
                  scale == ScaleOf::kPerson ? "person" : "file", " (data.scale), found one without");
    }
    const torch::Tensor lengths = BonesInImage(keypoints), seen = lengths.isfinite();
    const torch::Tensor known =
        torch::tensor(std::vector<double>(bones.begin(), bones.end()), torch::kFloat64);
    const torch::Tensor px = sum(torch::where(seen, lengths, torch::zeros_like(lengths)).sum(1));
    means = torch::where(count > 0, means, px / sum((seen * known).sum(1)));
  }
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
  if (scale == ScaleOf::kDataset) return constants;
  const torch::Tensor bones = kRootDepth * BonesInImage(constants.Keypoints(poses)).mean(0);
  for (int bone = 0; bone < kBones; ++bone) constants.bones[bone] = bones[bone].item<double>();
  return constants;
}

torch::Tensor Normalisation::Keypoints(const PoseData& poses) const {
  const torch::Tensor pixels = View(poses.keypoints_2d, 2);
  const torch::Tensor centred = pixels - pixels.narrow(1, kRoot, 1);
  if (scale == ScaleOf::kDataset) return ToUnits(centred, head_root_px);
  const torch::Tensor own = SharedHeadRoot(poses, pixels, scale, bones);
  return ToUnits(centred / own.unsqueeze(-1).unsqueeze(-1), 1).to(torch::kFloat32);
}

torch::Tensor RootCentredJoints(const PoseData& poses) {
  if (poses.joints_3d.empty()) throw Error("expected poses with joints_3d, found none in ", poses.source);
  const torch::Tensor joints = View(poses.joints_3d, 3);
  return joints - joints.narrow(1, kRoot, 1);
}

}  // namespace links
