#include "links/inference/body_scale.h"

#include <cmath>
#include <numeric>

#include "links/core/error.h"
#include "links/skeleton/units.h"

namespace links {
namespace {

double Distance(const DetectedPerson& person, int a, int b) {
  return std::hypot(static_cast<double>(person.px[2 * a]) - person.px[2 * b],
                    static_cast<double>(person.px[2 * a + 1]) - person.px[2 * b + 1]);
}

}  // namespace

BodyScale BodyScales::Of(const DetectedPerson& person, int64_t frame) {
  WindowMean alone;
  return Measure(person, person.track.empty() ? alone : tracks_.At(person.track, frame));
}

double BodyScales::AverageBone() const {
  return kRootDepth * std::accumulate(bone_lengths_.begin(), bone_lengths_.end(), 0.) / kBones;
}

BodyScale BodyScales::FromDistances(const DetectedPerson& person) const {
  double pixels = 0, units = 0;
  for (int a = 0; a < kJoints; ++a) {
    for (int b = a + 1; b < kJoints; ++b) {
      if (!person.seen[a] || !person.seen[b]) continue;
      pixels += Distance(person, a, b);
      units += kRootDepth * joint_distances_[a * kJoints + b];
    }
  }
  if (!(units > 0)) return {0, "no bone is seen at both its ends"};
  if (!(pixels > 0)) return {0, "the joints seen are all in one place"};
  return {pixels / units, Concat("distances of joints", kDoubtfulScale)};
}

BodyScale BodyScales::Measure(const DetectedPerson& person, WindowMean& track) const {
  double pixels = 0, units = 0;
  int bones = 0;
  for (int bone = 0; bone < kBones; ++bone) {
    const auto [parent, child] = kBoneList[bone];
    if (!person.seen[parent] || !person.seen[child]) continue;
    pixels += Distance(person, parent, child);
    units += kRootDepth * bone_lengths_[bone];
    ++bones;
  }
  track.Add(pixels, units);
  if (!(track.Weight() > 0)) return FromDistances(person);
  if (!(track.Mean() > 0)) return {0, "the bones seen have no length"};
  const bool one_frame = track.size() == 1;
  const double bones_a_frame = track.Weight() / static_cast<double>(track.size()) / AverageBone();
  return {track.Mean(), Concat(one_frame ? Concat(bones, " of ", kBones, " bones") : kScaleFromBones,
                               bones_a_frame < kFewestBones ? kDoubtfulScale : "")};
}

}  // namespace links
