#include <cmath>
#include <string_view>

#include "links/core/error.h"
#include "links/data/pose_file.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

constexpr int64_t kMaxPoses = 100'000'000;

void CheckLength(const std::string& origin, const char* name, size_t length, size_t expected) {
  if (length != 0 && length != expected) {
    throw Error(origin, ": /", name, " must hold ", expected,
                " values for the poses of /keypoints_2d, found ", length);
  }
}

/// `width` values a row, `width / kJoints` a joint.
void CheckFinite(const std::string& origin, const char* name, const std::vector<float>& values, int width) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      const size_t joint = i % width / (width / kJoints);
      throw Error(origin, ": /", name, " must be finite, found ", values[i], " at row ", i / width,
                  ", joint ", joint, " (", kJointNames[joint], ")");
    }
  }
}

/// A joint that was not seen is NaN in both coordinates; what is there must be finite.
void CheckKeypoints(const std::string& origin, std::vector<float> px) {
  for (size_t i = 0; i + 1 < px.size(); i += 2) {
    if (std::isnan(px[i]) && std::isnan(px[i + 1])) px[i] = px[i + 1] = 0;
  }
  CheckFinite(origin, "keypoints_2d", px, 2 * kJoints);
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
  CheckKeypoints(origin, poses.keypoints_2d);
  CheckFinite(origin, "confidence", poses.confidence, kJoints);
  if (joints == Joints3d::kGroundTruth) {
    CheckFinite(origin, "joints_3d", poses.joints_3d, 3 * kJoints);
    CheckDepth(origin, poses.joints_3d);
  }
  CheckText(origin, "subject", poses.subject);
  CheckText(origin, "action", poses.action);
  CheckText(origin, "camera", poses.camera);
}

}  // namespace links
