#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "links/data/pose_file.h"

namespace links {

/// Takes the poses of a file piece by piece. Every piece has the same parts (3D, confidence, subject, ...) as
/// the first one; a name of a subject, action or camera has at most 64 bytes.
class PoseStream {
 public:
  /// Makes the file `path`; `name` stands for it in messages. Throws Error.
  PoseStream(const std::string& path, const std::string& name, const std::string& source,
             const std::string& licence);
  ~PoseStream();

  /// Checks a piece as CheckPoses does and writes it; an empty one is passed over. `origin` stands for the
  /// piece in messages. Throws Error.
  void Append(const PoseData& poses, const std::string& origin);

  /// What the joints of all the pieces are; may be said until Finish.
  void SetJoints(JointDefinition joints) { joints_ = joints; }

  /// Poses written so far.
  int64_t size() const { return size_; }

  /// Writes what is left; throws Error when there are no poses or the system refuses to write.
  void Finish();

 private:
  struct File;
  std::unique_ptr<File> file_;
  int64_t size_ = 0;
  JointDefinition joints_ = JointDefinition::kNotStated;
};

/// Writes a pose file in constant memory: `produce` appends its pieces. When it throws, or the program ends
/// before it is done, an earlier file of that name stays as it was.
void StreamPoseFile(const std::string& path, const std::string& source, const std::string& licence,
                    const std::function<void(PoseStream&)>& produce);

}  // namespace links
