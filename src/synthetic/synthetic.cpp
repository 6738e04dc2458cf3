#include "links/synthetic/synthetic.h"

#include <algorithm>

#include "body_model.h"
#include "links/core/error.h"
#include "motion.h"

namespace links {
namespace {

constexpr int kSubjects = 10;
constexpr int64_t kMaxClipFrames = 50;

}  // namespace

PoseData Synthesize(const SyntheticOptions& options) {
  if (options.poses < 1) throw UsageError("expected at least 1 pose to synthesize, found ", options.poses);
  Random random(options.seed);
  std::vector<BodyShape> shapes;
  for (int subject = 0; subject < kSubjects; ++subject) shapes.push_back(BodyShape::Sample(random));
  // A small set has short clips, so that it still has every subject.
  const int64_t clip_frames = std::clamp<int64_t>(options.poses / (4 * kSubjects), 1, kMaxClipFrames);
  PoseData out;
  for (int64_t clip = 0; out.size() < options.poses; ++clip) {
    const int subject = static_cast<int>(clip % kSubjects);
    const auto action = static_cast<size_t>(clip / kSubjects + subject) % kActionNames.size();
    const auto frames = static_cast<int>(std::min<int64_t>(clip_frames, options.poses - out.size()));
    const std::vector<BodyPose> motion = SampleMotion(static_cast<Action>(action), frames, random);
    for (int frame = 0; frame < frames; ++frame) {
      AppendView(PoseBody(shapes[subject], motion[frame]), random, out);
      out.subject.push_back(Concat("S", subject + 1));
      out.action.emplace_back(kActionNames[action]);
      out.camera.push_back(Concat("view", clip % 4));
      out.frame.push_back(frame);
    }
  }
  out.source = Concat("links data synthesize, seed ", options.seed);
  out.licence = "CC0-1.0";
  return out;
}

}  // namespace links
