#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "links/lifted/lifted_pose.h"
#include "links/skeleton/joint_definition.h"

namespace links {

/// Takes lifted frames in the order of their index.
class LiftedWriter {
 public:
  virtual ~LiftedWriter() = default;
  virtual void Write(const LiftedFrame& frame) = 0;
};

struct LiftedOptions {
  double fps = 30;                                       ///< of BVH
  std::string source;                                    ///< of pose files: where the poses come from
  JointDefinition joints = JointDefinition::kNotStated;  ///< of pose files
  bool upright = false;                                  ///< whether the frames are LiftedPerson::upright
};

/// Writes a file by its extension, schemas in docs/lift.md: .json, .jsonl, .csv, .h5 (a pose file) in
/// constant memory, .bvh with 212 bytes a person and frame in memory. `produce` hands over the frames. A
/// failure at any moment leaves an earlier file of that name as it was. A BVH of several tracks becomes a
/// file for each, NAME_TRACK.bvh, all of them or none. Returns the files written. Throws UsageError for
/// another extension and for upright poses in a pose file, which has the camera's axes, Error when there is
/// nothing to write to a pose file or BVH and for whatever the system refuses.
std::vector<std::string> WriteLifted(const std::string& path, const LiftedOptions& options,
                                     const std::function<void(LiftedWriter&)>& produce);

/// Throws UsageError unless WriteLifted knows the extension, and Error unless a file can be made there: to be
/// called before long work.
void CheckLiftedPath(const std::string& path);

/// JSON lines, each flushed: answers while the next frame is awaited. Throws Error when the stream fails.
std::unique_ptr<LiftedWriter> LiftedLines(std::ostream& out);

}  // namespace links
