#include <limits>

#include "lifted_output.h"
#include "links/core/error.h"
#include "links/data/pose_stream.h"
#include "links/skeleton/units.h"

namespace links {
namespace {

constexpr float kNotSeen = std::numeric_limits<float>::quiet_NaN();

/// Poses in mm, with the root where the lifters see it.
class PoseFile : public LiftedOutput {
 public:
  explicit PoseFile(const OutputPlace& place)
      : path_(place.path), stream_(place.files.Add(path_), path_, place.options.source, "") {
    stream_.SetJoints(place.options.joints);
  }

  void Write(const LiftedFrame& frame) override {
    PoseData poses;
    for (const LiftedPerson& person : frame.people) {
      if (!person.unusable.empty()) continue;
      if (!(person.mm_per_unit > 0)) {
        throw UsageError("expected the height of the person for a pose file, which holds mm, found none");
      }
      for (int joint = 0; joint < kJoints; ++joint) {
        const bool seen = person.states[joint] != JointState::kGuessed;
        for (int k = 0; k < 2; ++k) poses.keypoints_2d.push_back(seen ? person.px[2 * joint + k] : kNotSeen);
        poses.confidence.push_back(seen ? person.confidence[joint] : 0);
      }
      for (int i = 0; i < 3 * kJoints; ++i) {
        const double units = person.joints[i] + (i % 3 == 2 ? kRootDepth : 0);
        poses.joints_3d.push_back(static_cast<float>(units * person.mm_per_unit));
      }
      poses.subject.push_back(person.track.empty() ? Concat("person ", person.person) : person.track);
      poses.frame.push_back(frame.index);
    }
    stream_.Append(poses, Concat(path_, ": frame ", frame.index));
  }

  std::vector<std::string> Finish() override {
    stream_.Finish();
    return {path_};
  }

 private:
  std::string path_;
  PoseStream stream_;
};

}  // namespace

std::unique_ptr<LiftedOutput> PoseFileOutput(const OutputPlace& place) {
  return std::make_unique<PoseFile>(place);
}

}  // namespace links
