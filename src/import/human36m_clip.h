#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "hdf5_source.h"
#include "links/data/pose_file.h"
#include "links/import/clip_import.h"
#include "links/import/human36m_camera.h"

namespace links {

/// A recording of a subject.
struct Human36mClip {
  std::string subject;
  std::string name;    ///< of the file or folder: "Directions-2", "TakingPhoto 1"
  std::string action;  ///< "Photo"
};

/// Of rows (F, 32, width) those in `rows` and of these our 17 joints, appended to `to`. Throws Error naming
/// `set` of the file and row first_row + r when a number is out of bounds.
void AppendJoints(const std::vector<float>& recorded, int width, const std::vector<int64_t>& rows,
                  const Hdf5Source& file, const std::string& set, int64_t first_row, std::vector<float>& to);

/// Throws Error when one of (F, 32, 3) numbers is out of bounds.
void CheckFinite(const std::vector<float>& joints, const Hdf5Source& file, const std::string& set);

/// /subject, /action and /camera of the poses, which have 3D joints.
void LabelPoses(PoseData& poses, const Human36mClip& clip, const std::string& camera);

/// Poses of `frames` in the camera's frame, without 2D. world_mm: (F, 32, 3).
PoseData InCameraFrame(const std::vector<float>& world_mm, const std::vector<int64_t>& frames,
                       const Human36mClip& clip, const Human36mCamera& camera);

/// The cameras whose views of the clip are left out, which is none unless the clip is known to be damaged;
/// the summary then says so. `poses`: how many each camera has.
std::set<std::string> LeftOutCameras(ClipImport& clips, const Human36mClip& clip,
                                     const std::map<std::string, int64_t>& poses);

/// The cameras of the rig whose views are not left out; each has `poses`.
Human36mRig KeptCameras(ClipImport& clips, const Human36mClip& clip, const Human36mRig& rig, int64_t poses);

inline constexpr const char* kHuman36mLicence =
    "Human3.6M licence: academic use only, not to be passed on (http://vision.imar.ro/human3.6m)";

/// What the pose file says of its source.
std::string Human36mSource(const std::string& layout, const ImportOptions& options);

/// The folder that holds the subjects: `path`, or the folder `nested` in it. Throws Error.
std::string FindSubjects(const std::string& path, const std::string& nested);

/// The subjects to look for, in order; with no --subjects that is all seven.
std::vector<std::string> WantedSubjects(const ClipImport& clips);

/// Misses the clips that a subject lacks of two an action. `found`: clips an action. `single`: an action of
/// which one clip is all there is.
void MissClips(ClipImport& clips, const std::string& where, const std::map<std::string, int>& found,
               const std::string& single = "");

}  // namespace links
