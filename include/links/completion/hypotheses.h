#pragma once

#include <torch/types.h>

#include <cstdint>

#include "links/completion/completion.h"
#include "links/config/field.h"

namespace links {

/// What the keypoints of a pose are changed by for its other answers, the same for every pose, so that an
/// answer does not depend on who is lifted along with it.
struct Perturbations {
  torch::Tensor noise;   ///< (H, 17, 2) added to the keypoints, normalised units
  torch::Tensor hidden;  ///< (H, 17) bool: not shown to what guesses joints that are not seen

  int64_t count() const { return noise.size(0); }
};

/// Deviation of the noise, normalised units: some pixels of a person of 500, about what detectors are off by.
constexpr double kHypothesisNoise = 0.006;
/// How many of the joints seen are hidden.
constexpr double kHypothesisHidden = 0.2;

/// Other answers that a spread is told from, at the least.
constexpr int64_t kFewestHypotheses = 16;

/// The first H of an endless list, on `device`.
Perturbations DrawPerturbations(int64_t count, torch::Device device);

/// By what the deviations of hypotheses are multiplied for 68 % of the true joints to lie within the spread,
/// by how a joint was found. The defaults are what links calibrate found for the recommended recipe on CMU
/// (docs/real_video.md).
struct SpreadFactors {
  double lifted = 1.691;
  double ray = 1.974;
  double guessed = 1.421;

  template <class V>
  void Fields(V& v) {
    const Range factor{1e-3, 1e3};
    v("lifted", lifted, factor, "of joints that the lifters give");
    v("ray", ray, factor, "of joints seen whose depth is completed");
    v("guessed", guessed, factor, "of joints not seen");
  }
};

/// Other answers for poses, and how far they are from the one that is given.
struct Hypotheses {
  torch::Tensor joints;     ///< (H, B, 17, 3); joints seen lie on their rays
  torch::Tensor deviation;  ///< (B, 17) root mean square distance from `answer`, normalised units
};

/// What CompletePoses would say were the keypoints a little different, were whole poses lifted by one
/// composition alone (those the lifters allow in turn), and were less seen of what guesses are made from.
/// `answer` is CompletePoses' own for the same keypoints (B, 17, 2) and seen (B, 17). Deviations of each
/// joint from it are multiplied by its state's factor: of depth where it is seen, else of place.
Hypotheses OtherAnswers(PoseLifters& lifters, Completion& completion, const torch::Tensor& keypoints,
                        const torch::Tensor& seen, const CompletedPoses& answer,
                        const Perturbations& perturbations, const SpreadFactors& factors);

}  // namespace links
