#include "links/completion/joint_states.h"

#include <torch/types.h>

#include <array>

#include "links/geometry/camera.h"
#include "links/geometry/shapes.h"

namespace links {
namespace {

// Later segments win: legs and torso over right, right over left.
constexpr std::array<Segment, 4> kByRank = {Segment::kLeft, Segment::kRight, Segment::kTorso, Segment::kLegs};

}  // namespace

SeenPoses LiftSeen(PoseLifters& lifters, const torch::Tensor& keypoints, const torch::Tensor& seen,
                   const std::vector<Composition>& of_whole) {
  CheckLastSizes(keypoints, {-1, kJoints, 2}, "keypoints");
  CheckLastSizes(seen, {-1, kJoints}, "seen joints");
  SeenPoses poses;
  poses.seen = seen;
  poses.keypoints = keypoints * seen.unsqueeze(-1);
  const torch::Tensor depths = lifters->Depths(poses.keypoints);
  const torch::Tensor points = Lift(poses.keypoints, depths);  // (S, ..., B, 17, 3)
  // Joint by joint, (..., B, 3) and (..., B).
  const torch::Tensor nowhere = torch::zeros_like(points[0].select(-2, 0));
  std::vector<torch::Tensor> joints(kJoints, nowhere);
  std::vector<torch::Tensor> lifted(kJoints, torch::zeros_like(seen.select(-1, 0)));
  lifted[kRoot] = torch::ones_like(lifted[kRoot]);
  for (Segment segment : kByRank) {
    const torch::Tensor own = points[lifters->IndexOf(segment)];
    torch::Tensor whole = torch::ones_like(seen.select(-1, 0));
    for (int joint : SegmentJoints(segment)) whole = whole & seen.select(-1, joint);
    for (int joint : SegmentJoints(segment)) {
      joints[joint] = torch::where(whole.unsqueeze(-1), own.select(-2, joint), joints[joint]);
      lifted[joint] = lifted[joint] | whole;
    }
  }
  const torch::Tensor all_seen = seen.all(-1, /*keepdim=*/true).unsqueeze(-1);
  const torch::Tensor whole_pose =
      ComposePoses(poses.keypoints, depths, lifters->MeanSelection(of_whole, keypoints.device())).squeeze(0);
  poses.joints = torch::where(all_seen, whole_pose, torch::stack(joints, -2));
  poses.lifted = torch::stack(lifted, -1);
  return poses;
}

SeenPoses LiftSeen(PoseLifters& lifters, const torch::Tensor& keypoints, const torch::Tensor& seen) {
  return LiftSeen(lifters, keypoints, seen, lifters->OfWholePose());
}

}  // namespace links
