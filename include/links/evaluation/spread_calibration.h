#pragma once

#include <torch/types.h>

#include <array>
#include <cstdint>
#include <string>

#include "links/completion/hypotheses.h"
#include "links/completion/mask_bank.h"
#include "links/data/pose_file.h"
#include "links/dataset/normalisation.h"
#include "links/lifter/pose_lifters.h"

namespace links {

/// Of the joints of one state: how many of the true ones lie within their spread.
struct SpreadCoverage {
  int64_t joints = 0;
  double covered = 0;  ///< share within the spread; NaN without joints
  /// The same in the thirds of the joints with the least, the middle and the largest spread: alike where the
  /// spread tells which joints are sure.
  std::array<double, 3> covered_by_third{};
  double mean_radius = 0;  ///< of the spread, normalised units
  double median_error = 0;
};

/// Spread of joints as lifted, ray and guessed ones.
struct SpreadCalibration {
  SpreadFactors factors;
  std::array<SpreadCoverage, 3> fitted;  ///< by JointState: on the people whom the factors are from,
  std::array<SpreadCoverage, 3> others;  ///< and on the other half of the people
};

/// Which poses and joints of them are shown: half of the poses with all joints, the others with `masks`.
struct CalibrationOptions {
  int64_t poses = 4096;  ///< at most, spread evenly over the data
  MaskShares masks;
  uint64_t seed = 1;
};

/// Finds the factors with which 68 % of the true joints lie within the spread, on every other subject, and
/// what they give on the others. Errors are distances from the true joint, root-centred, after the scale that
/// fits the truth's x and y to the keypoints. The poses have all joints in 2D. Throws Error when the poses
/// have no 3D joints, or fewer than two subjects.
SpreadCalibration CalibrateSpread(PoseLifters& lifters, Completion& completion, const PoseData& poses,
                                  const Normalisation& normalisation, const CalibrationOptions& options,
                                  torch::Device device);

}  // namespace links
