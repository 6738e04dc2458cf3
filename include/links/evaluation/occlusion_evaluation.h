#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "links/evaluation/evaluation.h"
#include "links/occlusion/pattern.h"

namespace links {

/// What is asked of `links evaluate --occlusion`: paper, single-joint, pairs, random:K, random:A-B or a file
/// of patterns.
struct OcclusionRequest {
  bool paper = false;                      ///< the eight scenarios; with them OCR-Pose's U{0..3}
  std::vector<OcclusionPattern> patterns;  ///< the same joints of every pose
  int fewest = 0, most = -1;  ///< random ones of each pose: U{fewest..most}; most < 0: not asked for
};

/// Throws UsageError for what is none of these, Error for a bad file.
OcclusionRequest ParseOcclusion(const std::string& text);

/// Scores every pattern with the completion network ("mask") and, where one of its scenarios covers the
/// pattern, the paper's way: the whole limb is dropped and O_3D makes it up ("o3d"; fillers may be null).
/// Errors over all, visible and occluded joints.
std::vector<Result> EvaluatePatterns(PoseLifters& lifters, Fillers* fillers, Completion& completion,
                                     const std::vector<OcclusionPattern>& patterns,
                                     const torch::Tensor& keypoints, const GroundTruth& truth,
                                     double mm_per_unit);

/// Which joints of `poses` poses are seen, (poses, 17) bool, when each misses k ~ U{fewest..most} of its 17
/// joints, drawn from `seed`.
torch::Tensor RandomlySeen(int64_t poses, int fewest, int most, uint64_t seed);

/// The seed of an evaluation: the same joints are missing whatever is evaluated.
inline constexpr uint64_t kOcclusionSeed = 1;

/// OCR-Pose's protocol, "random_A_B": every pose misses k ~ U{A..B} of its 17 joints, drawn from `seed`.
/// Errors over all joints.
std::vector<Result> EvaluateRandom(PoseLifters& lifters, Completion& completion, int fewest, int most,
                                   uint64_t seed, const torch::Tensor& keypoints, const GroundTruth& truth,
                                   double mm_per_unit);

}  // namespace links
