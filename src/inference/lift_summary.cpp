#include "links/inference/lift_summary.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "links/core/error.h"
#include "links/inference/body_scale.h"

namespace links {

void LiftSummary::Add(const LiftedFrame& frame) {
  ++frames_;
  for (const LiftedPerson& person : frame.people) {
    ++people_;
    if (!person.unusable.empty()) {
      ++reasons_[person.unusable];
      continue;
    }
    const bool whole = std::all_of(person.states.begin(), person.states.end(),
                                   [](JointState state) { return state == JointState::kLifted; });
    ++(whole ? whole_ : completed_);
    root_estimated_ += person.root_estimated;
    // "9 of 16 bones" counts with the other single frames.
    const bool counts_bones = std::isdigit(static_cast<unsigned char>(person.scale_from[0])) != 0;
    const bool doubtful = person.scale_from.ends_with(kDoubtfulScale);
    Scale& scale = scales_[counts_bones ? Concat("bones of the frame alone", doubtful ? kDoubtfulScale : "")
                                        : person.scale_from];
    ++scale.people;
    scale.sum_px += person.scale_px;
  }
}

std::string LiftSummary::Rate() const {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  return Concat(frames_, " frames, ", people_, " people, ",
                std::llround(static_cast<double>(people_) / std::max(seconds, 1e-3)), " a second");
}

std::string LiftSummary::Text() const {
  std::string text = Concat(Rate(), ": ", whole_, " lifted as a whole, ", completed_, " completed (",
                            root_estimated_, " of them with an estimated root), ", unusable(), " unusable");
  for (const auto& [from, scale] : scales_) {
    text += Concat("\nscale from ", from, ": ", scale.people, " people, head to root on average ",
                   std::round(10 * scale.sum_px / static_cast<double>(scale.people)) / 10, " px");
  }
  for (const auto& [reason, people] : reasons_) text += Concat("\nunusable: ", people, " people, ", reason);
  return text;
}

}  // namespace links
