#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "links/detection/detection.h"
#include "links/inference/carried_over.h"
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
inline constexpr const char* kScaleFromDistances = "distances of joints";
inline constexpr const char* kScaleFromTraining = "training data";
/// Behind the others where fewer bones were seen than kFewestBones of average length: one bone may point at
/// the camera.
inline constexpr const char* kDoubtfulScale = ", may be off by a factor";

/// What is seen of a person's size in one frame.
struct BodyMeasure {
  double pixels = 0;  ///< lengths in the image
  double units = 0;   ///< their means over the training poses, in head-root distances; 0 = nothing is seen
  int bones = 0;      ///< how many bones these are; 0 = distances of any two joints

  bool operator==(const BodyMeasure&) const = default;
};

/// The scale of people without a constant of their data set: the bones seen are held against their means over
/// the training poses, sum of pixels over sum of means. Where no bone is seen at both its ends, distances of
/// any two joints serve likewise, with a doubt.
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

  /// As frames come: takes the person into its track, or where there is none goes by this frame. A track's
  /// scale is carried over from the frame before towards that of the bones of the last WindowMean::kWindow
  /// frames. frame: never less than before.
  BodyScale Of(const DetectedPerson& person, int64_t frame);

  BodyMeasure Measure(const Joints2d& person) const;

  /// As they were given.
  const std::array<double, kBones>& bone_lengths() const { return bone_lengths_; }
  const JointDistances& joint_distances() const { return joint_distances_; }

  /// Of one frame alone.
  BodyScale OfFrame(const BodyMeasure& measure) const;

  /// Of all the frames of a track at once (TrackSizes), each one's scale. frames: ascending. width: of
  /// TrackSizes, frames.
  std::vector<BodyScale> OfTrack(const std::vector<int64_t>& frames, const std::vector<BodyMeasure>& measures,
                                 double width) const;

 private:
  struct Track {
    WindowMean sizes;
    CarriedOver scale;
  };

  double AverageBone() const;  // in head-root distances

  std::array<double, kBones> bone_lengths_;
  JointDistances joint_distances_;
  TrackTable<Track> tracks_;
};

}  // namespace links
