#include "links/inference/stream_smoother.h"

#include <algorithm>

#include "links/motion/moving_pose.h"
#include "links/motion/rays.h"

namespace links {
namespace {

constexpr double kConfidenceMemory = .05;  // share of a new confidence in the mean

}  // namespace

template <size_t kValues>
void StreamSmoother::Filter(Filtered<kValues>& filtered, int64_t frame, std::array<double, kValues>& values,
                            double cutoff, double rise) const {
  const double seconds = static_cast<double>(frame - filtered.frame) / fps_;
  if (!filtered.begun || seconds > kForgetSeconds) filtered = {};
  for (size_t k = 0; k < kValues; ++k)
    values[k] = filtered.values[k].Next(values[k], std::max(seconds, 1e-6), cutoff, rise);
  filtered.frame = frame;
  filtered.begun = true;
}

void StreamSmoother::SmoothKeypoints(DetectedFrame& frame) {
  for (DetectedPerson& person : frame.people) {
    if (person.track.empty() || !person.unusable.empty()) continue;
    Track& track = tracks_.At(person.track, frame.index);
    for (int i = 0; i < kJoints; ++i) {
      if (!person.seen[i]) continue;
      Joint& joint = track.joints[i];
      const double confidence = person.confidence[i];
      joint.confidence += (joint.confidence > 0 ? kConfidenceMemory : 1) * (confidence - joint.confidence);
      const double trust = std::min(1., confidence / joint.confidence);
      std::array<double, 2> place = {person.px[2 * i], person.px[2 * i + 1]};
      Filter(joint.place, frame.index, place, trust * cutoff_,
             track.scale_px > 0 ? kRise / track.scale_px : 0);
      for (int k = 0; k < 2; ++k) person.px[2 * i + k] = static_cast<float>(place[k]);
    }
  }
}

void StreamSmoother::SmoothPoses(LiftedFrame& frame) {
  for (LiftedPerson& person : frame.people) {
    if (person.track.empty() || !person.unusable.empty()) continue;
    Track& track = tracks_.At(person.track, frame.index);
    track.scale_px = person.scale_px;
    const double rise = kRise / person.scale_px;
    MovingPose pose = MovingPoseOf(person);
    std::array<std::array<double, 2>, kJoints> places;
    for (int i = 0; i < kJoints; ++i) {
      places[i] = PlaceInImage(pose, i);
      if (!pose.seen[i]) Filter(track.joints[i].place, frame.index, places[i], cutoff_, rise);
    }
    pose.root_px = places[kRoot];
    for (int i = 0; i < kJoints; ++i) {
      if (i == kRoot) continue;
      std::array<double, 1> depth = {pose.joints[3 * i + 2]};
      Filter(track.joints[i].depth, frame.index, depth, cutoff_, kRise);
      PutOnRay(pose, i, places[i], pose.root_px, depth[0]);
    }
    Put(pose, person);
  }
}

}  // namespace links
