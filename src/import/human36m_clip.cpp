#include "human36m_clip.h"

#include <algorithm>
#include <filesystem>

#include "links/core/error.h"
#include "links/data/bounds.h"
#include "links/data/human36m_names.h"

namespace links {

namespace fs = std::filesystem;

void AppendJoints(const std::vector<float>& recorded, int width, const std::vector<int64_t>& rows,
                  const Hdf5Source& file, const std::string& set, int64_t first_row, std::vector<float>& to) {
  for (const int64_t row : rows) {
    for (const int joint : kHuman36mJoints) {
      const float* point = &recorded[(row * kHuman36mRecordedJoints + joint) * width];
      for (int axis = 0; axis < width; ++axis) {
        if (const double most = width == 2 ? kMostPixels : kMostMillimetres; !Within(point[axis], most)) {
          throw Error(file.path(), ": expected finite numbers within ", most, " in /", set, ", found ",
                      point[axis], " at row ", first_row + row, ", joint ", joint);
        }
      }
      to.insert(to.end(), point, point + width);
    }
  }
}

void CheckFinite(const std::vector<float>& joints, const Hdf5Source& file, const std::string& set) {
  const auto bad = std::find_if(joints.begin(), joints.end(),
                                [](float value) { return !Within(value, kMostMillimetres); });
  if (bad == joints.end()) return;
  const auto joint = (bad - joints.begin()) / 3;
  throw Error(file.path(), ": expected finite numbers within ", kMostMillimetres, " in /", set, ", found ",
              *bad, " at frame ", joint / kHuman36mRecordedJoints, ", joint ",
              joint % kHuman36mRecordedJoints);
}

void LabelPoses(PoseData& poses, const Human36mClip& clip, const std::string& camera) {
  const size_t count = poses.joints_3d.size() / (3 * kJoints);
  poses.subject.assign(count, clip.subject);
  poses.action.assign(count, clip.action);
  poses.camera.assign(count, camera);
}

PoseData InCameraFrame(const std::vector<float>& world_mm, const std::vector<int64_t>& frames,
                       const Human36mClip& clip, const Human36mCamera& camera) {
  PoseData poses;
  poses.joints_3d.reserve(frames.size() * 3 * kJoints);
  for (const int64_t frame : frames) {
    for (const int joint : kHuman36mJoints) {
      const float* world = &world_mm[(frame * kHuman36mRecordedJoints + joint) * 3];
      const Eigen::Vector3d point = camera.FromWorld({world[0], world[1], world[2]});
      for (const double value : point) poses.joints_3d.push_back(static_cast<float>(value));
    }
  }
  poses.frame = frames;
  LabelPoses(poses, clip, camera.name);
  return poses;
}

std::set<std::string> LeftOutCameras(ClipImport& clips, const Human36mClip& clip,
                                     const std::map<std::string, int64_t>& poses) {
  const Human36mDamage* damage = FindHuman36mDamage(clip.subject, clip.name);
  if (damage == nullptr) return {};
  std::set<std::string> damaged;
  int64_t count = 0;
  for (const auto& [camera, views] : poses) {
    if (!damage->camera.empty() && damage->camera != camera) continue;
    damaged.insert(camera);
    count += views;
  }
  if (damaged.empty()) return {};
  const std::string name =
      Concat(clip.subject, " ", clip.name, damage->camera.empty() ? "" : ", camera ", damage->camera);
  return clips.KeepDamaged(name, count, std::string(damage->what)) ? std::set<std::string>() : damaged;
}

Human36mRig KeptCameras(ClipImport& clips, const Human36mClip& clip, const Human36mRig& rig, int64_t poses) {
  std::map<std::string, int64_t> poses_of;
  for (const auto& [index, camera] : rig) poses_of[camera.name] = poses;
  const std::set<std::string> left_out = LeftOutCameras(clips, clip, poses_of);
  Human36mRig kept = rig;
  std::erase_if(kept, [&](const auto& view) { return left_out.contains(view.second.name); });
  return kept;
}

std::string Human36mSource(const std::string& layout, const ImportOptions& options) {
  return Concat("Human3.6M, ", layout, "; frames: every ", options.every,
                options.moved_mm > 0 ? Concat(", of these those that moved ", options.moved_mm, " mm") : "",
                "; known damaged clips ", options.skip_damaged ? "left out" : "kept");
}

std::string FindSubjects(const std::string& path, const std::string& nested) {
  if (!fs::is_directory(path)) throw Error(path, ": expected a folder with Human3.6M's subjects, found none");
  for (const fs::path& folder : {fs::path(path), fs::path(path) / nested}) {
    for (const std::string_view subject : kHuman36mSubjects) {
      if (fs::is_directory(folder / subject)) return folder.string();
    }
  }
  throw Error(path, ": expected folders S1, S5, S6, S7, S8, S9, S11 in it or in its folder ", nested,
              ", found none of them");
}

std::vector<std::string> WantedSubjects(const ClipImport& clips) {
  const std::vector<std::string>& asked = clips.options().subjects;
  std::vector<std::string> wanted;
  for (const std::string_view subject : kHuman36mSubjects) {
    if (asked.empty() || std::find(asked.begin(), asked.end(), subject) != asked.end())
      wanted.emplace_back(subject);
  }
  return wanted;
}

void MissClips(ClipImport& clips, const std::string& where, const std::map<std::string, int>& found,
               const std::string& single) {
  std::string lacking;
  for (const std::string_view name : kHuman36mActions) {
    const std::string action(name);
    const auto at = found.find(action);
    const int count = at == found.end() ? 0 : at->second;
    if (count < (action == single ? 1 : 2))
      lacking += Concat(lacking.empty() ? "" : ", ", count, " of ", action);
  }
  if (!lacking.empty()) clips.Miss(Concat(where, ": expected two clips of every action, found ", lacking));
}

}  // namespace links
