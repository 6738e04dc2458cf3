#include <algorithm>
#include <filesystem>
#include <map>

#include "human36m_clip.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/data/human36m_names.h"
#include "links/import/importer.h"

namespace links {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSet = "3D_positions";

std::string FindCameras(const fs::path& root) {
  for (const char* name : {"cameras.h5", "metadata.xml"}) {
    if (fs::exists(root / name)) return (root / name).string();
  }
  throw Error(root.string(),
              ": expected cameras.h5 or metadata.xml in it or a file named with --cameras, found none");
}

/// -> (N, 32, 3) mm.
std::vector<float> ReadPositions(const Hdf5Source& file) {
  const int64_t width = kHuman36mRecordedJoints * 3;
  const int64_t frames = file.CheckShape(kSet, {width, -1})[1];
  if (frames == 0) throw Error(file.path(), ": expected frames in /", kSet, ", found the shape (96, 0)");
  const std::vector<float> columns = file.ReadFloats(kSet, 0, width);
  std::vector<float> joints(columns.size());
  for (int64_t i = 0; i < width; ++i) {
    for (int64_t frame = 0; frame < frames; ++frame) joints[frame * width + i] = columns[i * frames + frame];
  }
  CheckFinite(joints, file, kSet);
  return joints;
}

void Project(const Human36mCamera& camera, PoseData& poses) {
  poses.keypoints_2d.reserve(poses.joints_3d.size() / 3 * 2);
  for (size_t i = 0; i < poses.joints_3d.size(); i += 3) {
    const Eigen::Vector3f point(&poses.joints_3d[i]);
    for (const double value : camera.Project(point.cast<double>()))
      poses.keypoints_2d.push_back(static_cast<float>(value));
  }
}

void ImportClip(const std::string& path, const Human36mClip& clip, const Human36mRig& cameras,
                ClipImport& clips) {
  const Hdf5Source file(path);
  const std::vector<float> world = ReadPositions(file);
  const auto frames = static_cast<int64_t>(world.size()) / (kHuman36mRecordedJoints * 3);
  const std::vector<int64_t> kept = KeptFrames(clips.options(), world, kHuman36mRecordedJoints, frames);
  for (const auto& [index, camera] : KeptCameras(clips, clip, cameras, static_cast<int64_t>(kept.size()))) {
    clips.Try([&, &camera = camera] {
      PoseData poses = InCameraFrame(world, kept, clip, camera);
      Project(camera, poses);
      clips.Append(poses, Concat(path, ", camera ", camera.name));
    });
  }
}

/// The clips of a folder in the order of their names; "_ALL.h5" is no clip.
std::vector<fs::path> FindClips(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".h5" && !name.starts_with("_") && !name.starts_with("."))
      found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

void ImportSubject(const fs::path& folder, const std::string& subject, const Human36mRig& cameras,
                   ClipImport& clips) {
  std::map<std::string, int> found;
  for (const fs::path& path : FindClips(folder)) {
    const std::string name = path.stem().string(), action = Human36mAction(name);
    if (action.empty()) {
      clips.Miss(Concat(path.string(),
                        ": expected a file named like 'Directions 1.h5' after one of the 15 "
                        "actions, found another name"));
      continue;
    }
    ++found[action];
    clips.Try([&] { ImportClip(path.string(), {subject, name, action}, cameras, clips); });
  }
  MissClips(clips, folder.string(), found);
}

/// The folder h36m/ of Martinez et al.'s h36m.zip, or its parent: S9/MyPoses/3D_positions/"Directions 1.h5"
/// with the data set 3D_positions (96, N), mm in the world, which the four cameras project.
class Martinez : public Importer {
 public:
  template <class V>
  void Fields(V& v) {
    v("cameras", cameras_, "cameras.h5, or Human3.6M's metadata.xml; by default the one in the folder h36m/");
    v("camera_names", camera_names_, "names of the cameras 1 to 4 in place of those of the file");
  }

  std::string Source(const ImportOptions& options) const override {
    return Human36mSource("3D_positions of Martinez et al., projected with distortion", options);
  }

  void Read(const std::string& path, ClipImport& clips) const override {
    if (!camera_names_.empty() && camera_names_.size() != 4)
      throw UsageError("expected the names of four cameras, found ", camera_names_.size());
    const fs::path root = FindSubjects(path, "h36m");
    const Human36mCameraReader reader = OpenHuman36mCameras(cameras_.empty() ? FindCameras(root) : cameras_);
    for (const std::string& subject : WantedSubjects(clips)) {
      const fs::path folder = root / subject / "MyPoses" / "3D_positions";
      if (!fs::is_directory(folder)) {
        if (clips.options().subjects.empty() || fs::is_directory(root / subject)) {
          clips.Wants(subject);
          clips.Miss(Concat(folder.string(), ": expected a folder with the subject's clips, found none"));
        }
        continue;
      }
      if (!clips.Wants(subject)) continue;
      LogInfo("reading " + folder.string());
      const Human36mRig cameras = ReadHuman36mCameras(reader, subject, camera_names_, clips);
      if (!cameras.empty()) ImportSubject(folder, subject, cameras, clips);
    }
  }

 private:
  std::string cameras_;
  std::vector<std::string> camera_names_;
};

}  // namespace

ImporterKind Human36mMartinez() {
  return KindOf<Martinez>(
      {.name = "h36m-martinez",
       .help =
           "Read Human3.6M as in Martinez et al.'s h36m.zip: S*/MyPoses/3D_positions/*.h5, projected by the "
           "four cameras with their distortion",
       .path = "The folder h36m/, or the one that holds it",
       .licence = kHuman36mLicence,
       .example = "links data import h36m-martinez h36m --output h36m.h5 --cameras metadata.xml"});
}

}  // namespace links
