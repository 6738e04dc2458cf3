#include "bench_poses.h"

#include <algorithm>

#include "links/skeleton/skeleton.h"
#include "links/synthetic/synthetic.h"

namespace links {
namespace {

constexpr int64_t kDifferentPoses = 10000;

// The values again and again until there are `count` rows of `width`.
std::vector<float> Repeat(const std::vector<float>& values, int64_t count, int64_t width) {
  std::vector<float> repeated(static_cast<size_t>(count * width));
  for (size_t i = 0; i < repeated.size(); ++i) repeated[i] = values[i % values.size()];
  return repeated;
}

}  // namespace

PoseData MakeBenchPoses(int64_t count) {
  const PoseData made = Synthesize({.poses = std::min(count, kDifferentPoses)});
  PoseData poses;
  poses.keypoints_2d = Repeat(made.keypoints_2d, count, 2 * kJoints);
  poses.joints_3d = Repeat(made.joints_3d, count, 3 * kJoints);
  poses.source = made.source;
  return poses;
}

}  // namespace links
