#include "links/completion/joint_states.h"

#include <torch/torch.h>

#include <array>

#include "links/geometry/camera.h"
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
  const torch::Tensor points = Lift(poses.keypoints, lifters->Depths(poses.keypoints));  // (S, B, 17, 3)
  poses.joints = torch::zeros({keypoints.size(0), kJoints, 3}, keypoints.options());
  std::vector<torch::Tensor> columns = poses.joints.unbind(1);
  std::vector<torch::Tensor> lifted_columns(kJoints, torch::zeros_like(seen.select(1, 0)));
  lifted_columns[kRoot] = torch::ones_like(lifted_columns[kRoot]);
  for (Segment segment : kByRank) {
    const torch::Tensor own = points[lifters->IndexOf(segment)];
    torch::Tensor whole = torch::ones_like(seen.select(1, 0));
    for (int joint : SegmentJoints(segment)) whole = whole & seen.select(1, joint);
    for (int joint : SegmentJoints(segment)) {
      columns[joint] = torch::where(whole.unsqueeze(-1), own.select(1, joint), columns[joint]);
      lifted_columns[joint] = lifted_columns[joint] | whole;
    }
  }
  poses.joints = torch::stack(columns, 1);
  poses.lifted = torch::stack(lifted_columns, 1);
  return poses;
}

}  // namespace links
