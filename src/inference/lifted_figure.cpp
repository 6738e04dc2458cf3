#include "links/inference/lifted_figure.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "links/core/error.h"
#include "links/core/log.h"
#include "links/figures/pose_panels.h"

namespace links {
namespace {

constexpr float kNotSeen = std::numeric_limits<float>::quiet_NaN();

std::string Words(double plausibility) {
  char text[48];
  std::snprintf(text, sizeof text, ", plausibility %.2f", plausibility);
  return std::isfinite(plausibility) ? text : "";
}

PosePanel Panel(const LiftedFrame& frame, const LiftedPerson& person, bool with_plausibility) {
  PosePanel panel;
  const auto guessed = std::count(person.states.begin(), person.states.end(), JointState::kGuessed);
  panel.title =
      Concat("frame ", frame.index, ", ",
             person.track.empty() ? Concat("person ", person.person) : "track " + person.track,
             with_plausibility ? Words(person.plausibility) : "",
             guessed > 0 ? Concat(", ", guessed, guessed == 1 ? " joint guessed" : " joints guessed") : "");
  for (int joint = 0; joint < kJoints; ++joint) {
    const bool seen = person.states[joint] != JointState::kGuessed;
    for (int k = 0; k < 2; ++k) panel.keypoints_2d.push_back(seen ? person.px[2 * joint + k] : kNotSeen);
    for (int k = 0; k < 3; ++k) panel.joints_3d.push_back(static_cast<float>(person.joints[3 * joint + k]));
    panel.guessed.push_back(!seen);
  }
  return panel;
}

}  // namespace

LiftedFigure::LiftedFigure(const FigureChoice& choice) : worst_(static_cast<size_t>(choice.worst)) {
  if (choice.worst < 0 || worst_ > kMostPoses)
    throw UsageError("expected 1 to ", kMostPoses, " of the worst poses, found ", choice.worst);
  if (choice.frames.empty()) return;
  if (worst_ > 0) throw UsageError("expected the frames of a figure or how many of the worst, found both");
  ranges_ = ParseFrameRanges(choice.frames);
}

void LiftedFigure::Add(const LiftedFrame& frame) {
  const bool asked = std::any_of(ranges_.begin(), ranges_.end(), [&](const auto& range) {
    return range.first <= frame.index && frame.index <= range.second;
  });
  for (const LiftedPerson& person : frame.people) {
    if (!person.unusable.empty()) continue;
    if (worst_ > 0) {
      AddWorst(frame, person);
    } else if (ranges_.empty()) {
      AddSpread(frame, person);
    } else if (asked && kept_.size() < kMostPoses) {
      kept_.push_back({person.plausibility, Panel(frame, person, false)});
    } else if (asked) {
      ++left_out_;
    }
  }
}

void LiftedFigure::AddSpread(const LiftedFrame& frame, const LiftedPerson& person) {
  if (count_++ % step_ != 0) return;
  kept_.push_back({person.plausibility, Panel(frame, person, false)});
  if (kept_.size() < 2 * kPoses) return;
  for (size_t i = 1; i < kPoses; ++i) kept_[i] = std::move(kept_[2 * i]);
  kept_.resize(kPoses);
  step_ *= 2;
}

void LiftedFigure::AddWorst(const LiftedFrame& frame, const LiftedPerson& person) {
  const auto better = [](const Kept& a, const Kept& b) { return a.plausibility < b.plausibility; };
  if (!std::isfinite(person.plausibility)) return;
  if (kept_.size() == worst_) {
    if (person.plausibility >= kept_.front().plausibility) return;
    std::pop_heap(kept_.begin(), kept_.end(), better);
    kept_.pop_back();
  }
  kept_.push_back({person.plausibility, Panel(frame, person, true)});
  std::push_heap(kept_.begin(), kept_.end(), better);
}

void LiftedFigure::Draw(const std::string& path) const {
  std::vector<PosePanel> panels;
  if (worst_ > 0) {
    if (kept_.empty()) throw Error("expected poses of known plausibility to draw the worst of, found none");
    std::vector<const Kept*> order;
    for (const Kept& kept : kept_) order.push_back(&kept);
    std::stable_sort(order.begin(), order.end(),
                     [](const Kept* a, const Kept* b) { return a->plausibility < b->plausibility; });
    for (const Kept* kept : order) panels.push_back(kept->panel);
  } else if (ranges_.empty()) {
    for (const int64_t i : SpreadFrames(static_cast<int64_t>(kept_.size()), kPoses))
      panels.push_back(kept_[i].panel);
  } else {
    if (kept_.empty()) throw Error("expected poses in the frames to draw, found none");
    for (const Kept& kept : kept_) panels.push_back(kept.panel);
    if (left_out_ > 0)
      LogWarning(Concat(path, ": the first ", kMostPoses, " poses are drawn, ", left_out_, " more are not"));
  }
  DrawPoses(path, panels);
}

}  // namespace links
