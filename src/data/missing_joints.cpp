#include "links/data/missing_joints.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "links/core/error.h"
#include "links/core/log.h"
#include "links/data/pose_select.h"
#include "links/skeleton/segments.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

constexpr float kMostShare = 2;

bool IsComplete(const PoseData& poses, int64_t row) {
  const float* px = &poses.keypoints_2d[2 * kJoints * row];
  return std::none_of(px, px + 2 * kJoints, [](float value) { return std::isnan(value); });
}

bool Shows(const PoseData& poses, int64_t row, Segment segment) {
  const std::vector<int> joints = NeededJoints(segment);
  const float* px = &poses.keypoints_2d[2 * kJoints * row];
  return std::ranges::none_of(
      joints, [&](int joint) { return std::isnan(px[2 * joint]) || std::isnan(px[2 * joint + 1]); });
}

std::vector<size_t> CompleteRows(const PoseData& poses) {
  std::vector<size_t> rows;
  for (int64_t row = 0; row < poses.size(); ++row) {
    if (IsComplete(poses, row)) rows.push_back(static_cast<size_t>(row));
  }
  return rows;
}

}  // namespace

void MarkMissingJoints(PoseData& poses) {
  const size_t joints = poses.keypoints_2d.size() / 2;
  const bool confidences = poses.confidence.size() == joints;
  for (size_t i = 0; i < joints; ++i) {
    float &x = poses.keypoints_2d[2 * i], &y = poses.keypoints_2d[2 * i + 1];
    const bool missing =
        std::isnan(x) || std::isnan(y) || (x == 0 && y == 0) || (confidences && !(poses.confidence[i] > 0));
    if (!missing) continue;
    x = y = std::numeric_limits<float>::quiet_NaN();
    if (confidences) poses.confidence[i] = 0;
  }
}

int64_t CountIncomplete(const PoseData& poses) {
  int64_t count = 0;
  for (int64_t row = 0; row < poses.size(); ++row) count += IsComplete(poses, row) ? 0 : 1;
  return count;
}

void DropIncomplete(PoseData& poses, const std::string& what) {
  const std::vector<size_t> rows = CompleteRows(poses);
  const int64_t dropped = poses.size() - static_cast<int64_t>(rows.size());
  if (dropped == 0) return;
  if (rows.empty())
    throw Error("expected ", what, " with all 17 joints in 2D, found none among ", poses.size());
  LogWarning(Concat(dropped, " of ", poses.size(), " ", what, " lack joints in 2D and are left out"));
  KeepPoses(poses, rows);
}

void DropWithoutSegment(PoseData& poses, const std::string& what) {
  std::vector<size_t> rows;
  for (int64_t row = 0; row < poses.size(); ++row) {
    if (std::ranges::any_of(kSegments, [&](Segment segment) { return Shows(poses, row, segment); }))
      rows.push_back(static_cast<size_t>(row));
  }
  const int64_t dropped = poses.size() - static_cast<int64_t>(rows.size());
  if (dropped == 0) return;
  if (rows.empty()) {
    throw Error("expected ", what,
                " with the root and all joints of legs, torso, left or right in 2D, found none among ",
                poses.size());
  }
  LogWarning(Concat(dropped, " of ", poses.size(), " ", what,
                    " show no segment of the body in 2D and are left out"));
  KeepPoses(poses, rows);
}

PoseData CompletePoses(const PoseData& poses, const std::string& what) {
  const std::vector<size_t> rows = CompleteRows(poses);
  if (rows.empty()) {
    throw Error("expected ", what,
                " with all 17 joints in 2D, which the full-pose flow and the groups of lifters learn from, "
                "found none among ",
                poses.size());
  }
  PoseData complete = poses;
  KeepPoses(complete, rows);
  return complete;
}

void CheckPixels(const PoseData& poses, const std::string& origin) {
  float low = 0, high = 0;
  bool first = true, extent = false;
  for (const float value : poses.keypoints_2d) {
    if (std::isnan(value)) continue;
    if (std::abs(value) > kMostShare) return;
    low = first ? value : std::min(low, value);
    high = first ? value : std::max(high, value);
    first = false;
    extent = extent || low != high;
  }
  if (extent) {
    throw Error(origin, ": /keypoints_2d must be in pixels, found coordinates from ", low, " to ", high,
                ": multiply them by the size of the image");
  }
}

}  // namespace links
