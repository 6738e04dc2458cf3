#include "links/import/human36m_videopose3d.h"

#include <algorithm>
#include <map>

#include "human36m_clip.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/data/bounds.h"
#include "links/data/human36m_names.h"

namespace links {
namespace {

const std::vector<double> kLeftThenRight = {4, 5, 6, 11, 12, 13, 1, 2, 3, 14, 15, 16};

/// Throws unless the 2D joints are our 17 in our order.
void CheckLayout(const Hdf5Source& file) {
  const std::vector<double> joints = file.ReadNumbers("keypoints/num_joints", 1);
  const std::vector<double> symmetry = file.ReadNumbers("keypoints/keypoints_symmetry", -1);
  if (joints[0] != kJoints || symmetry != kLeftThenRight) {
    std::string found;
    for (const double joint : symmetry) found += Concat(found.empty() ? "" : " ", joint);
    throw Error(file.path(),
                ": expected 2D keypoints of Human3.6M's 17 joints (left 4 5 6 11 12 13, right 1 2 3 14 "
                "15 16), found ",
                joints[0], " joints with the left and right ones ", found);
  }
}

/// -> (T, 32, 3) mm.
std::vector<float> ReadPositions(const Hdf5Source& file, const std::string& set) {
  const int64_t frames = file.CheckShape(set, {-1, kHuman36mRecordedJoints, 3})[0];
  if (frames == 0) throw Error(file.path(), ": expected frames in /", set, ", found none");
  std::vector<float> joints = file.ReadFloats(set, 0, frames);
  for (float& value : joints) value *= 1000;
  CheckFinite(joints, file, set);
  return joints;
}

/// Adds the 2D keypoints of the poses' frames, and the score where there is one. A detector may have seen
/// more frames than were recorded.
void AddKeypoints(const Hdf5Source& file, const std::string& set, int64_t recorded, PoseData& poses) {
  const std::vector<int64_t> shape = file.Shape(set);
  if (shape.size() != 3 || shape[1] != kJoints || (shape[2] != 2 && shape[2] != 3)) {
    throw Error(file.path(), ": expected /", set,
                " of the shape (N, 17, 2) or, with a score, (N, 17, 3), found ", hdf5::ShapeText(shape));
  }
  if (shape[0] < recorded) {
    throw Error(file.path(), ": expected ", recorded, " frames in /", set, " as in the 3D positions, found ",
                shape[0]);
  }
  const std::vector<float> values = file.ReadFloats(set, 0, recorded);
  for (const int64_t frame : poses.frame) {
    for (int joint = 0; joint < kJoints; ++joint) {
      const float* keypoint = &values[(frame * kJoints + joint) * shape[2]];
      for (int64_t i = 0; i < shape[2]; ++i) {
        if (Within(keypoint[i], kMostPixels)) continue;
        throw Error(file.path(), ": expected finite numbers within ", kMostPixels, " in /", set, ", found ",
                    keypoint[i], " at frame ", frame, ", joint ", joint);
      }
      poses.keypoints_2d.insert(poses.keypoints_2d.end(), keypoint, keypoint + 2);
      if (shape[2] == 3) poses.confidence.push_back(keypoint[2]);
    }
  }
}

void ImportClip(const Hdf5Source& file, const Human36mClip& clip, const Human36mRig& cameras,
                ClipImport& clips) {
  const std::string part = "/" + clip.subject + "/" + clip.name;
  const std::vector<float> world = ReadPositions(file, "positions_3d" + part);
  const auto frames = static_cast<int64_t>(world.size()) / (kHuman36mRecordedJoints * 3);
  const std::vector<int64_t> kept = KeptFrames(clips.options(), world, kHuman36mRecordedJoints, frames);
  for (const auto& [index, camera] : KeptCameras(clips, clip, cameras, static_cast<int64_t>(kept.size()))) {
    clips.Try([&, index = index, &camera = camera] {
      const std::string set = Concat("positions_2d", part, "/", index);
      PoseData poses = InCameraFrame(world, kept, clip, camera);
      AddKeypoints(file, set, frames, poses);
      clips.Append(poses, Concat(file.path(), ": /", set));
    });
  }
}

void ImportSubject(const Hdf5Source& file, const std::string& subject, const Human36mRig& cameras,
                   ClipImport& clips) {
  std::map<std::string, int> found;
  for (const std::string& name : file.Children("positions_3d/" + subject)) {
    const std::string action = Human36mAction(name);
    if (action.empty()) {
      clips.Miss(Concat(file.path(),
                        ": expected a data set named like 'Directions 1' after one of the 15 actions, "
                        "found /positions_3d/",
                        subject, "/", name));
      continue;
    }
    ++found[action];
    clips.Try([&] { ImportClip(file, {subject, name, action}, cameras, clips); });
  }
  // VideoPose3D leaves the damaged one out.
  MissClips(clips, Concat(file.path(), ": /positions_3d/", subject), found,
            subject == "S11" ? "Directions" : "");
}

}  // namespace

void ImportHuman36mVideoPose3d(const std::string& path, const std::string& cameras, ClipImport& clips) {
  const Hdf5Source file(path);
  CheckLayout(file);
  if (cameras.empty() && !file.Has("cameras")) {
    throw Error(path, ": expected /cameras in the file or a file named with --cameras, found neither");
  }
  const Human36mCameraReader reader =
      cameras.empty() ? OpenHuman36mCameras(path, "cameras/") : OpenHuman36mCameras(cameras);
  for (const std::string& subject : WantedSubjects(clips)) {
    if (!file.Has("positions_3d/" + subject)) {
      if (clips.options().subjects.empty())
        clips.Miss(Concat(path, ": expected the group /positions_3d/", subject, ", found none"));
      continue;
    }
    if (!clips.Wants(subject)) continue;
    LogInfo(Concat("reading ", path, ": ", subject));
    const Human36mRig rig = ReadHuman36mCameras(reader, subject, {}, clips);
    if (!rig.empty()) ImportSubject(file, subject, rig, clips);
  }
}

}  // namespace links
