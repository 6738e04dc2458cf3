#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "links/data/body_proportions.h"
#include "links/data/camera_distribution.h"
#include "links/data/detector_joints.h"
#include "links/data/mocap_clip.h"
#include "links/data/pose_file.h"

namespace links {

struct MocapImportOptions {
  int views = 4;             ///< virtual cameras a pose
  double fps = 30;           ///< of the poses kept; a clip with fewer frames a second is an error
  uint64_t seed = 1;         ///< of the cameras, the bodies and the noise
  std::string map = "auto";  ///< "auto", a shipped joint map's name, or a YAML file
  CameraDistribution cameras;
  Bodies bodies = Bodies::kRecorded;  ///< varied: another whenever the camera is another
  JointDefinition joints = JointDefinition::kMocap;
  double noise_px = 0;  ///< standard deviation of the keypoints, each coordinate alone
};

/// A format of clips: what its files are called, and how one is read.
struct MocapFormat {
  std::string name;       ///< "BVH"
  std::string extension;  ///< ".bvh", in lower case
  std::function<MocapClip(const std::string& path)> read;
};

/// The files of the format that the paths stand for: files as they are, folders searched with their
/// subfolders; sorted, each once. Throws Error for a path that does not exist or a folder without one.
std::vector<std::string> FindMocapFiles(const std::vector<std::string>& paths, const MocapFormat& format);

/// The poses at `to_fps`: every k-th where the ratio of the rates is a whole number k, else joint positions
/// interpolated linearly in time. Throws Error when `from_fps` is lower; `origin` stands for the file's name.
std::vector<WorldPose> Resample(std::vector<WorldPose> poses, double from_fps, double to_fps,
                                const std::string& origin);

/// What an index.csv beside a file or one folder above says of it (columns file, subject, description);
/// without one the subject is the file's name up to the first '_', the action the name without its extension.
struct ClipLabels {
  std::string subject, action;
};
ClipLabels FindLabels(const std::string& path);

struct MocapImport {
  PoseData poses;
  std::vector<std::string> missed;  ///< what is wrong with each clip that was passed over
};

/// Reads the files and looks at every pose through `views` random cameras: "view0", "view1", ... The rows are
/// in the order file, view, frame; /frame counts from 0 at the new rate. Keypoints are the joints'
/// projections and noise; with the detector's joints those in the middle of others are in their middle in the
/// image too, as `links lift` puts them. A clip that cannot be read, or shows no body under any of the maps,
/// is passed over; throws Error where all are.
MocapImport ImportMocap(const std::vector<std::string>& files, const MocapFormat& format,
                        const MocapImportOptions& options);

}  // namespace links
