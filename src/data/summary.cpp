#include "links/data/summary.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <map>
#include <sstream>

#include "links/skeleton/skeleton.h"

namespace links {
namespace {

constexpr int kLabelWidth = 24;

template <class Value>
void Line(std::ostream& out, const std::string& label, const Value& value) {
  out << std::left << std::setw(kLabelWidth) << label << value << "\n";
}

void Counts(std::ostream& out, const std::string& label, const std::vector<std::string>& values) {
  if (values.empty()) return Line(out, label, "not in the file");
  std::map<std::string, int64_t> counts;
  for (const std::string& value : values) ++counts[value];
  Line(out, label, counts.size());
  for (const auto& [name, count] : counts) {
    out << "  " << std::setw(kLabelWidth - 2) << name << " " << count << "\n";
  }
}

/// Distance of joints a and b of a pose that starts at `pose`, with `width` coordinates a joint.
double Distance(const float* pose, int width, int a, int b) {
  double sum = 0;
  for (int k = 0; k < width; ++k) sum += std::pow(double{pose[width * a + k]} - pose[width * b + k], 2);
  return std::sqrt(sum);
}

double MeanDistance(const std::vector<float>& joints, int width, int a, int b) {
  double sum = 0;
  const size_t step = static_cast<size_t>(width) * kJoints;
  for (size_t i = 0; i < joints.size(); i += step) sum += Distance(&joints[i], width, a, b);
  return sum / static_cast<double>(joints.size() / step);
}

void ImageRange(std::ostream& out, const std::vector<float>& keypoints) {
  for (int axis : {0, 1}) {
    float low = keypoints[axis], high = keypoints[axis];
    for (size_t i = axis; i < keypoints.size(); i += 2) {
      low = std::min(low, keypoints[i]);
      high = std::max(high, keypoints[i]);
    }
    std::ostringstream range;
    range << std::fixed << std::setprecision(1) << low << " to " << high << "";
    Line(out, axis == 0 ? "2D x px" : "2D y px", range.str());
  }
}

}  // namespace

std::string DescribePoses(const PoseData& poses) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(1);
  Line(out, "poses", poses.size());
  Counts(out, "subjects", poses.subject);
  Counts(out, "actions", poses.action);
  Counts(out, "cameras", poses.camera);
  if (!poses.frame.empty()) {
    const auto [first, last] = std::minmax_element(poses.frame.begin(), poses.frame.end());
    Line(out, "frames", std::to_string(*first) + " to " + std::to_string(*last));
  }
  ImageRange(out, poses.keypoints_2d);
  Line(out, "mean head-root px", MeanDistance(poses.keypoints_2d, 2, kHeadTop, kRoot));
  Line(out, "confidence", poses.confidence.empty() ? "not in the file" : "in the file");
  Line(out, "3D joints",
       poses.joints_3d.empty() ? "not in the file" : "in the file; mean bone lengths in mm:");
  for (const Bone& bone : kBoneList) {
    if (poses.joints_3d.empty()) break;
    const std::string name =
        std::string(kJointNames[bone.parent]) + "-" + std::string(kJointNames[bone.child]);
    out << "  " << std::setw(kLabelWidth - 2) << name << " "
        << MeanDistance(poses.joints_3d, 3, bone.parent, bone.child) << "\n";
  }
  Line(out, "source", poses.source.empty() ? "not stated" : poses.source);
  Line(out, "licence", poses.licence.empty() ? "not stated" : poses.licence);
  return out.str();
}

}  // namespace links
