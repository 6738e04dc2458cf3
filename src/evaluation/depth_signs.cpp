#include "links/evaluation/depth_signs.h"

#include <torch/types.h>

#include <array>

#include "links/geometry/shapes.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

// A knee is bent when it lies so far off the line from hip to ankle, as a share of its length.
constexpr double kBent = 0.05;

}  // namespace

DepthSigns DepthSignsOf(const torch::Tensor& poses) {
  CheckLastSizes(poses, {-1, kJoints, 3}, "poses");
  const torch::Tensor p = poses.to(torch::kFloat64);
  const auto at = [&](int joint) { return p.select(-2, joint); };
  const torch::Tensor up = at(kThorax) - at(kRoot);
  const torch::Tensor front = torch::cross(at(kLHip) - at(kRHip), up, -1);
  const torch::Tensor shoulders = torch::cross(at(kLShoulder) - at(kRShoulder), up, -1);

  torch::Tensor bent = torch::zeros({}, torch::kFloat64), forward = torch::zeros({}, torch::kFloat64);
  for (const auto& [hip, knee, ankle] :
       {std::array{kRHip, kRKnee, kRAnkle}, std::array{kLHip, kLKnee, kLAnkle}}) {
    const torch::Tensor leg = at(ankle) - at(hip), thigh = at(knee) - at(hip);
    const torch::Tensor along =
        torch::linalg_vecdot(thigh, leg) / torch::linalg_vecdot(leg, leg).clamp_min(1e-12);
    const torch::Tensor offset = thigh - along.unsqueeze(-1) * leg;
    const torch::Tensor is_bent = offset.norm(2, -1) > kBent * leg.norm(2, -1);
    bent = bent + is_bent.sum();
    forward = forward + torch::logical_and(is_bent, torch::linalg_vecdot(offset, front) > 0).sum();
  }

  torch::Tensor differences = torch::zeros({}, torch::kFloat64);
  int pairs = 0;
  for (const auto& [parent, child] : kBoneList) {
    if (kOtherSide[child] <= child) continue;
    const torch::Tensor bone = (at(child) - at(parent)).norm(2, -1);
    const torch::Tensor other = (at(kOtherSide[child]) - at(kOtherSide[parent])).norm(2, -1);
    differences = differences + ((bone - other).abs() / (0.5 * (bone + other)).clamp_min(1e-12)).mean();
    ++pairs;
  }
  return {(forward / bent).item<double>(),
          (torch::linalg_vecdot(front, shoulders) > 0).to(torch::kFloat64).mean().item<double>(),
          differences.item<double>() / pairs};
}

double Disagreement(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).norm(2, -1).mean().item<double>();
}

}  // namespace links
