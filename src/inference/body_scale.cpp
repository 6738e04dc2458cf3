#include "links/inference/body_scale.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "links/core/error.h"
#include "links/motion/track_scale.h"
#include "links/skeleton/units.h"

namespace links {
namespace {

double Distance(const Joints2d& person, int a, int b) {
  return std::hypot(static_cast<double>(person.px[2 * a]) - person.px[2 * b],
                    static_cast<double>(person.px[2 * a + 1]) - person.px[2 * b + 1]);
}

}  // namespace

BodyScale BodyScales::Of(const DetectedPerson& person, int64_t frame) {
  const BodyMeasure measure = Measure(person);
  if (person.track.empty()) return OfFrame(measure);
  Track& track = tracks_.At(person.track, frame);
  if (measure.bones > 0 || !track.scale.begun()) track.sizes.Add(measure.pixels, measure.units);
  if (!(track.sizes.Weight() > 0 && track.sizes.Mean() > 0)) return OfFrame(measure);
  const double scale = track.scale.Follow(track.sizes.Mean(), frame);
  if (track.sizes.size() == 1) return {scale, OfFrame(measure).from};
  const double bones_a_frame = track.sizes.Weight() / static_cast<double>(track.sizes.size()) / AverageBone();
  return {scale, Concat(kScaleFromBones, bones_a_frame < kFewestBones ? kDoubtfulScale : "")};
}

std::vector<BodyScale> BodyScales::OfTrack(const std::vector<int64_t>& frames,
                                           const std::vector<BodyMeasure>& measures, double width) const {
  if (measures.size() == 1) return {OfFrame(measures[0])};
  const bool bones = std::any_of(measures.begin(), measures.end(), [](const auto& m) { return m.bones > 0; });
  std::vector<SizeSample> samples;
  double units = 0;
  int64_t seen = 0;
  for (size_t i = 0; i < measures.size(); ++i) {
    const BodyMeasure& measure = measures[i];
    const bool counts = measure.units > 0 && (measure.bones > 0) == bones;
    samples.push_back({frames[i], counts ? measure.pixels : 0, counts ? measure.units : 0});
    units += samples.back().units;
    seen += counts;
  }
  const std::vector<double> sizes = TrackSizes(samples, width);
  std::vector<BodyScale> scales;
  const bool doubtful =
      units / static_cast<double>(std::max<int64_t>(seen, 1)) < kFewestBones * AverageBone();
  const std::string from = bones ? Concat(kScaleFromBones, doubtful ? kDoubtfulScale : "")
                                 : Concat(kScaleFromDistances, kDoubtfulScale);
  for (size_t i = 0; i < measures.size(); ++i) {
    scales.push_back(sizes.empty() ? BodyScale{0, OfFrame(measures[i]).from} : BodyScale{sizes[i], from});
  }
  return scales;
}

double BodyScales::AverageBone() const {
  return kRootDepth * std::accumulate(bone_lengths_.begin(), bone_lengths_.end(), 0.) / kBones;
}

BodyMeasure BodyScales::Measure(const Joints2d& person) const {
  BodyMeasure measure;
  for (int bone = 0; bone < kBones; ++bone) {
    const auto [parent, child] = kBoneList[bone];
    if (!person.seen[parent] || !person.seen[child]) continue;
    measure.pixels += Distance(person, parent, child);
    measure.units += kRootDepth * bone_lengths_[bone];
    ++measure.bones;
  }
  if (measure.bones > 0) return measure;
  for (int a = 0; a < kJoints; ++a) {
    for (int b = a + 1; b < kJoints; ++b) {
      if (!person.seen[a] || !person.seen[b]) continue;
      measure.pixels += Distance(person, a, b);
      measure.units += kRootDepth * joint_distances_[a * kJoints + b];
    }
  }
  return measure;
}

BodyScale BodyScales::OfFrame(const BodyMeasure& measure) const {
  if (measure.bones > 0) {
    if (!(measure.pixels > 0)) return {0, "the bones seen have no length"};
    const bool doubtful = measure.units < kFewestBones * AverageBone();
    return {measure.pixels / measure.units,
            Concat(measure.bones, " of ", kBones, " bones", doubtful ? kDoubtfulScale : "")};
  }
  if (!(measure.units > 0)) return {0, "no bone is seen at both its ends"};
  if (!(measure.pixels > 0)) return {0, "the joints seen are all in one place"};
  return {measure.pixels / measure.units, Concat(kScaleFromDistances, kDoubtfulScale)};
}

}  // namespace links
