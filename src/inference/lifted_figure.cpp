#include "links/inference/lifted_figure.h"

#include <algorithm>
#include <limits>

#include "links/core/error.h"
#include "links/figures/pose_panels.h"
#include "links/geometry/camera.h"
#include "links/skeleton/units.h"

namespace links {
namespace {

PosePanel Panel(const LiftedFrame& frame, const LiftedPerson& person) {
  const auto guessed = std::count(person.states.begin(), person.states.end(), JointState::kGuessed);
  PosePanel panel;
  panel.title = Concat("frame ", frame.index, ", ",
                       person.track.empty() ? Concat("person ", person.person) : "track " + person.track,
                       guessed > 0 ? Concat(", ", guessed, " joints guessed") : "");
  for (int joint = 0; joint < kJoints; ++joint) {
    const double* at = &person.joints[3 * joint];
    const bool seen = person.states[joint] != JointState::kGuessed;
    for (int k = 0; k < 2; ++k) {
      const double units = at[k] / std::max(at[2] + kRootDepth, 1.);
      // Upright joints are in other axes than the image's.
      const double projected = person.upright ? std::numeric_limits<double>::quiet_NaN()
                                              : person.root_px[k] + ToPixels(units, person.scale_px);
      panel.keypoints_2d.push_back(seen ? person.px[2 * joint + k] : static_cast<float>(projected));
    }
    for (int k = 0; k < 3; ++k) panel.joints_3d.push_back(static_cast<float>(at[k]));
  }
  return panel;
}

}  // namespace

void LiftedFigure::Add(const LiftedFrame& frame) {
  for (const LiftedPerson& person : frame.people) {
    if (!person.unusable.empty() || count_++ % step_ != 0) continue;
    kept_.push_back(Panel(frame, person));
    if (kept_.size() < 2 * kPoses) continue;
    for (size_t i = 1; i < kPoses; ++i) kept_[i] = std::move(kept_[2 * i]);
    kept_.resize(kPoses);
    step_ *= 2;
  }
}

void LiftedFigure::Draw(const std::string& path) const {
  std::vector<PosePanel> panels;
  for (const int64_t i : SpreadFrames(static_cast<int64_t>(kept_.size()), kPoses)) panels.push_back(kept_[i]);
  DrawPoses(path, panels);
}

}  // namespace links
