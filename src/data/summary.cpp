#include "links/data/summary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "links/core/error.h"
#include "links/core/text_table.h"
#include "links/data/missing_joints.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

constexpr const char* kAbsentText = "not in the file";

void AddCounts(TextTable& table, const std::string& label, const std::vector<std::string>& values) {
  if (values.empty()) return table.AddRow({label, kAbsentText});
  std::map<std::string, int64_t> counts;
  for (const std::string& value : values) ++counts[value];
  table.AddRow({label, std::to_string(counts.size())});
  for (const auto& [name, count] : counts) table.AddRow({"  " + name, std::to_string(count)});
}

/// Distance of joints a and b of a pose that starts at `pose`, with `width` coordinates a joint.
double Distance(const float* pose, int width, int a, int b) {
  double sum = 0;
  for (int k = 0; k < width; ++k) sum += std::pow(double{pose[width * a + k]} - pose[width * b + k], 2);
  return std::sqrt(sum);
}

/// Over the poses that have both joints.
double MeanDistance(const std::vector<float>& joints, int width, int a, int b) {
  double sum = 0;
  int64_t count = 0;
  const size_t step = static_cast<size_t>(width) * kJoints;
  for (size_t i = 0; i < joints.size(); i += step) {
    const double distance = Distance(&joints[i], width, a, b);
    if (std::isnan(distance)) continue;
    sum += distance;
    ++count;
  }
  return sum / static_cast<double>(count);
}

std::string PixelDistance(const std::vector<float>& keypoints, int a, int b) {
  const double mean = MeanDistance(keypoints, 2, a, b);
  return std::isnan(mean) ? "no pose has both" : Fixed(mean, 1);
}

void AddImageRange(TextTable& table, const std::vector<float>& keypoints) {
  for (int axis : {0, 1}) {
    float low = std::numeric_limits<float>::infinity(), high = -low;
    for (size_t i = axis; i < keypoints.size(); i += 2) {
      if (std::isnan(keypoints[i])) continue;
      low = std::min(low, keypoints[i]);
      high = std::max(high, keypoints[i]);
    }
    if (low > high) return table.AddRow({"2D px", "no joint is seen"});
    table.AddRow({axis == 0 ? "2D x px" : "2D y px", Fixed(low, 1) + " to " + Fixed(high, 1)});
  }
}

}  // namespace

std::string DescribePoses(const PoseData& poses) {
  TextTable table({"", ""}, 2);
  table.AddRow({"poses", std::to_string(poses.size())});
  AddCounts(table, "subjects", poses.subject);
  AddCounts(table, "actions", poses.action);
  AddCounts(table, "cameras", poses.camera);
  if (!poses.frame.empty()) {
    const auto [first, last] = std::minmax_element(poses.frame.begin(), poses.frame.end());
    table.AddRow({"frames", std::to_string(*first) + " to " + std::to_string(*last)});
  }
  AddImageRange(table, poses.keypoints_2d);
  table.AddRow({"mean head-root px", PixelDistance(poses.keypoints_2d, kHeadTop, kRoot)});
  if (const int64_t incomplete = CountIncomplete(poses); incomplete > 0) {
    table.AddRow({"poses that lack joints", std::to_string(incomplete)});
  }
  table.AddRow({"confidence", poses.confidence.empty() ? kAbsentText : "in the file"});
  table.AddRow(
      {"3D joints", poses.joints_3d.empty() ? kAbsentText : "in the file; mean bone lengths in mm:"});
  for (const Bone& bone : kBoneList) {
    if (poses.joints_3d.empty()) break;
    table.AddRow({Concat("  ", kJointNames[bone.parent], "-", kJointNames[bone.child]),
                  Fixed(MeanDistance(poses.joints_3d, 3, bone.parent, bone.child), 1)});
  }
  table.AddRow({"joint definition",
                poses.joints == JointDefinition::kNotStated ? "not stated" : NameOf(poses.joints)});
  if (!poses.cameras.empty()) table.AddRow({"virtual cameras", poses.cameras});
  table.AddRow({"source", poses.source.empty() ? "not stated" : poses.source});
  table.AddRow({"licence", poses.licence.empty() ? "not stated" : poses.licence});
  return table.Rows();
}

}  // namespace links
