#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "links/lifted/lifted_pose.h"
#include "links/skeleton/joint_definition.h"

namespace links {

class Video;

/// Takes lifted frames in the order of their index.
class LiftedWriter {
 public:
  virtual ~LiftedWriter() = default;
  virtual void Write(const LiftedFrame& frame) = 0;
};

struct LiftedOptions {
  double fps = 30;     ///< of motions and of the page
  std::string source;  ///< where the poses come from: of pose files and of the page
  JointDefinition joints = JointDefinition::kNotStated;  ///< of pose files
  bool upright = false;                                  ///< whether the frames are LiftedPerson::upright
  const Video* video = nullptr;                          ///< pictures for the page; null = none
};

/// Writes each of `paths` by its extension, schemas in docs/lift.md: .json, .jsonl, .csv, .h5 (a pose file)
/// in constant memory; .bvh, .trc and .c3d with 230 bytes a person and frame in memory, .html (a page to look
/// at) with 220, .npz with 600.
/// `produce` hands over the frames, once. All or nothing: a failure at any moment leaves the earlier files of
/// those names as they were; what a killed process left half renamed is finished first. A .bvh, .trc or .c3d
/// of several tracks becomes a file for each, NAME_TRACK.bvh. Returns the files written. Throws UsageError
/// for another extension, a name given twice, a file in mm of people whose height is not known and for
/// upright poses in a pose file, which has the camera's axes, Error when there is nothing to write to a pose
/// file, motion or page and for whatever the system refuses.
std::vector<std::string> WriteLifted(const std::vector<std::string>& paths, const LiftedOptions& options,
                                     const std::function<void(LiftedWriter&)>& produce);

/// Throws UsageError unless WriteLifted knows the extension, and Error unless a file can be made there: to be
/// called before long work.
void CheckLiftedPath(const std::string& path);

/// JSON lines, each flushed: answers while the next frame is awaited. Throws Error when the stream fails.
std::unique_ptr<LiftedWriter> LiftedLines(std::ostream& out);

}  // namespace links
