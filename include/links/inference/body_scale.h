#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "links/detection/detection.h"
#include "links/inference/track_table.h"
#include "links/inference/window_mean.h"
#include "links/skeleton/skeleton.h"

namespace links {

/// The length in the image of the head top-root distance, the networks' unit.
struct BodyScale {
  double head_root_px = 0;  ///< 0 = not known
  std::string from;         ///< how it was found, or why it is not known
};

inline constexpr const char* kScaleFromBones = "bones over the track";
inline constexpr const char* kScaleFromTraining = "training data";
/// Behind the others where fewer bones were seen than kFewestBones of average length: one bone may point at
/// the camera.
inline constexpr const char* kDoubtfulScale = ", may be off by a factor";

/// The scale of people without a constant of their data set: the bones seen in the track's last
/// WindowMean::kWindow frames, or in this one where there is no track, are held against their means over the
/// training poses, sum of pixels over sum of means. Only frames up to the one asked for count. Where no bone
/// is seen at both its ends, distances of any two joints serve likewise, with a doubt.
class BodyScales {
 public:
  static constexpr double kFewestBones = 3;

  /// How far two joints lie apart in the training images on average, row-major, normalised units.
  using JointDistances = std::array<double, kJoints * kJoints>;

  /// bone_lengths: mean length of each bone in the training images, normalised units. joint_distances serve
  /// where no bone is seen at both its ends; 0 = not known.
  explicit BodyScales(const std::array<double, kBones>& bone_lengths,
                      const JointDistances& joint_distances = {})
      : bone_lengths_(bone_lengths), joint_distances_(joint_distances) {}

  /// Takes the person into its track and gives its scale. frame: never less than before.
  BodyScale Of(const DetectedPerson& person, int64_t frame);

 private:
  BodyScale Measure(const DetectedPerson& person, WindowMean& track) const;
  double AverageBone() const;  // in head-root distances

  // From any two joints of one frame.
  BodyScale FromDistances(const DetectedPerson& person) const;

  std::array<double, kBones> bone_lengths_;
  JointDistances joint_distances_;
  TrackTable<WindowMean> tracks_;
};

}  // namespace links
