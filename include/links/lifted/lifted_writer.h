#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "links/lifted/lifted_pose.h"
#include "links/skeleton/joint_definition.h"
#include "links/video/video.h"

namespace links {

/// Takes lifted frames in the order of their index.
class LiftedWriter {
 public:
  virtual ~LiftedWriter() = default;
  virtual void Write(const LiftedFrame& frame) = 0;
};

struct LiftedOptions {
  double fps = 30;     ///< of BVH, TRC, C3D and the page
  std::string source;  ///< where the poses come from: of pose files and of the page
  JointDefinition joints = JointDefinition::kNotStated;  ///< of pose files
  bool upright = false;                                  ///< whether the frames are LiftedPerson::upright
  const Video* video = nullptr;                          ///< pictures for the page; null = none
};

/// Writes each of `paths` by its extension, schemas in docs/lift.md: .json, .jsonl, .csv, .h5 (a pose file)
/// in constant memory, .bvh with 212 bytes a person and frame in memory, .html (a page to look at) with 200.
/// `produce` hands over the frames, once. All or nothing: a failure at any moment leaves the earlier files of
/// those names as they were; what a killed process left half renamed is finished first. A BVH of several
/// tracks becomes a file for each, NAME_TRACK.bvh. Returns the files written. Throws UsageError for another
/// extension, a name given twice and for upright poses in a pose file, which has the camera's axes, Error
/// when there is nothing to write to a pose file, BVH or page and for whatever the system refuses.
std::vector<std::string> WriteLifted(const std::vector<std::string>& paths, const LiftedOptions& options,
                                     const std::function<void(LiftedWriter&)>& produce);

/// Throws UsageError unless WriteLifted knows the extension, and Error unless a file can be made there: to be
/// called before long work.
void CheckLiftedPath(const std::string& path);

/// JSON lines, each flushed: answers while the next frame is awaited. Throws Error when the stream fails.
std::unique_ptr<LiftedWriter> LiftedLines(std::ostream& out);

}  // namespace links
