#include "links/completion/joint_states.h"

#include <torch/torch.h>

#include <array>

#include "links/geometry/shapes.h"

namespace links {
namespace {

// Later segments win: legs and torso over right, right over left.
constexpr std::array<Segment, 4> kByRank = {Segment::kLeft, Segment::kRight, Segment::kTorso, Segment::kLegs};

}  // namespace

SeenPoses LiftSeen(PoseLifters& lifters, const torch::Tensor& keypoints, const torch::Tensor& seen) {
  CheckShape(keypoints, {-1, kJoints, 2}, "keypoints");
  CheckShape(seen, {-1, kJoints}, "seen joints");
  SeenPoses poses;
  poses.seen = seen;
  poses.keypoints = keypoints * seen.unsqueeze(-1);
  poses.joints = torch::zeros({keypoints.size(0), kJoints, 3}, keypoints.options());
  std::vector<torch::Tensor> lifted_columns(kJoints, torch::zeros_like(seen.select(1, 0)));
  lifted_columns[kRoot] = torch::ones_like(lifted_columns[kRoot]);
  for (Segment segment : kByRank) {
    const std::vector<int> joints = SegmentJoints(segment);
    torch::Tensor whole = torch::ones_like(seen.select(1, 0));
    for (int joint : joints) whole = whole & seen.select(1, joint);
    const torch::Tensor points = lifters->Lift(segment, poses.keypoints);  // (B, J, 3)
    std::vector<torch::Tensor> columns = poses.joints.unbind(1);
    for (size_t i = 0; i < joints.size(); ++i) {
      torch::Tensor& column = columns[joints[i]];
      column = torch::where(whole.unsqueeze(-1), points.select(1, static_cast<int64_t>(i)), column);
      lifted_columns[joints[i]] = lifted_columns[joints[i]] | whole;
    }
    poses.joints = torch::stack(columns, 1);
  }
  poses.lifted = torch::stack(lifted_columns, 1);
  return poses;
}

}  // namespace links
