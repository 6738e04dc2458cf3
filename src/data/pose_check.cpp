#include <algorithm>
#include <cmath>
#include <string_view>

#include "links/core/error.h"
#include "links/data/bounds.h"
#include "links/data/pose_file.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

constexpr size_t kMostNameBytes = 256;
constexpr int64_t kMaxPoses = 100'000'000;

void CheckLength(const std::string& origin, const char* name, size_t length, size_t expected) {
  if (length != 0 && length != expected) {
    throw Error(origin, ": /", name, " must hold ", expected,
                " values for the poses of /keypoints_2d, found ", length);
  }
}

/// Where numbers may be missing: nowhere, anywhere, or for a joint as a whole (NaN, it was not seen).
enum class Gaps { kNone, kAny, kJoints };

/// `width` values a row, `width / kJoints` a joint.
void CheckNumbers(const std::string& origin, const char* name, const std::vector<float>& values, size_t width,
                  double most, Gaps gaps) {
  const size_t of_joint = width / kJoints;
  const auto is_gap = [&](size_t i) {
    const float* joint = &values[i - i % of_joint];
    return gaps == Gaps::kAny ? !std::isfinite(values[i])
                              : gaps == Gaps::kJoints && std::all_of(joint, joint + of_joint,
                                                                     [](float x) { return std::isnan(x); });
  };
  for (size_t i = 0; i < values.size(); ++i) {
    if (Within(values[i], most) || is_gap(i)) continue;
    const size_t joint = i % width / of_joint;
    throw Error(origin, ": /", name, " must be finite and within ", most, " either way, found ", values[i],
                " at row ", i / width, ", joint ", joint, " (", kJointNames[joint], ")");
  }
}

void CheckDepth(const std::string& origin, const std::vector<float>& joints) {
  for (size_t i = 0; i < joints.size(); i += 3) {
    if (!(joints[i + 2] > 0)) {
      const size_t joint = i / 3 % kJoints;
      throw Error(
          origin, ": /joints_3d must lie in front of the camera (camera frame in mm, z > 0), found z = ",
          joints[i + 2], " at row ", i / (3 * kJoints), ", joint ", joint, " (", kJointNames[joint], ")");
    }
  }
}

bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    if (lead < 0x80) continue;
    const int more = lead >= 0xF0 && lead < 0xF5   ? 3
                     : lead >= 0xE0 && lead < 0xF0 ? 2
                                                   : lead >= 0xC2 && lead < 0xE0;
    if (more == 0 || i + more > text.size()) return false;
    for (int k = 0; k < more; ++k) {
      if ((static_cast<unsigned char>(text[i++]) & 0xC0) != 0x80) return false;
    }
  }
  return true;
}

void CheckText(const std::string& origin, const char* name, const std::vector<std::string>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].size() > kMostNameBytes) {
      throw Error(origin, ": /", name, " must hold names of at most ", kMostNameBytes, " bytes, found ",
                  values[i].size(), " at row ", i);
    }
    if (!IsUtf8(values[i])) throw Error(origin, ": /", name, " must be UTF-8, found other bytes at row ", i);
  }
}

}  // namespace

void CheckPoses(const PoseData& poses, const std::string& origin, Joints3d joints) {
  const size_t count = poses.keypoints_2d.size() / (2 * kJoints);
  if (count == 0) throw Error(origin, ": /keypoints_2d must hold at least one pose, found none");
  if (poses.size() > kMaxPoses) {
    throw Error(origin, ": a pose file may hold up to ", kMaxPoses, " poses, found ", count);
  }
  CheckLength(origin, "keypoints_2d", poses.keypoints_2d.size(), count * kJoints * 2);
  CheckLength(origin, "joints_3d", poses.joints_3d.size(), count * kJoints * 3);
  CheckLength(origin, "confidence", poses.confidence.size(), count * kJoints);
  CheckLength(origin, "subject", poses.subject.size(), count);
  CheckLength(origin, "action", poses.action.size(), count);
  CheckLength(origin, "camera", poses.camera.size(), count);
  CheckLength(origin, "frame", poses.frame.size(), count);
  const bool truth = joints == Joints3d::kGroundTruth;
  CheckNumbers(origin, "keypoints_2d", poses.keypoints_2d, 2 * kJoints, kMostPixels, Gaps::kJoints);
  CheckNumbers(origin, "confidence", poses.confidence, kJoints, kMostConfidence, Gaps::kNone);
  CheckNumbers(origin, "joints_3d", poses.joints_3d, 3 * kJoints, kMostMillimetres,
               truth ? Gaps::kNone : Gaps::kAny);
  if (truth) CheckDepth(origin, poses.joints_3d);
  CheckText(origin, "subject", poses.subject);
  CheckText(origin, "action", poses.action);
  CheckText(origin, "camera", poses.camera);
}

}  // namespace links
