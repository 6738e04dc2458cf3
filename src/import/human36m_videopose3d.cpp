#include <algorithm>
#include <map>

#include "human36m_clip.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/data/bounds.h"
#include "links/data/human36m_names.h"
#include "links/import/importer.h"

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

// scripts/videopose3d_to_hdf5.py turns VideoPose3D's pickled archives into one HDF5 file:
//   /positions_3d/S9/Directions 1    (T, 32, 3) float   metres, world
//   /positions_2d/S9/Directions 1/0  (T', 17, 2 or 3) float, pixels and a score; 0 to 3 = the cameras
//   /keypoints/num_joints, /keypoints/keypoints_symmetry (2, n)   what the 2D joints are
//   /cameras/subject9/camera1/...    as in cameras.h5, optional

/// VideoPose3D's archives, as that file.
class VideoPose3d : public Importer {
 public:
  template <class V>
  void Fields(V& v) {
    v("cameras", cameras_,
      "cameras.h5, or Human3.6M's metadata.xml; by default the cameras in the HDF5 file");
  }

  std::string Source(const ImportOptions& options) const override {
    return Human36mSource("VideoPose3D's positions and 2D keypoints", options);
  }

  void Read(const std::string& path, ClipImport& clips) const override {
    const Hdf5Source file(path);
    CheckLayout(file);
    if (cameras_.empty() && !file.Has("cameras")) {
      throw Error(path, ": expected /cameras in the file or a file named with --cameras, found neither");
    }
    const Human36mCameraReader reader =
        cameras_.empty() ? OpenHuman36mCameras(path, "cameras/") : OpenHuman36mCameras(cameras_);
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

 private:
  std::string cameras_;
};

}  // namespace

ImporterKind Human36mVideoPose3d() {
  return KindOf<VideoPose3d>(
      {.name = "h36m-videopose3d",
       .help =
           "Read Human3.6M as VideoPose3D prepares it: data_3d_h36m.npz and data_2d_h36m_*.npz (ground truth "
           "or detections), turned into HDF5 by scripts/videopose3d_to_hdf5.py",
       .path = "The HDF5 file",
       .licence = kHuman36mLicence,
       .example = "python3 scripts/videopose3d_to_hdf5.py --positions data_3d_h36m.npz --keypoints "
                  "data_2d_h36m_gt.npz --cameras VideoPose3D --output vp3d.h5 && links data import "
                  "h36m-videopose3d vp3d.h5 --output h36m.h5"});
}

}  // namespace links
