#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <vector>

#include "links/completion/joint_states.h"
#include "links/config/field.h"
#include "links/network/residual_branch.h"
#include "links/network/standardise.h"

namespace links {

struct CompletionOptions {
  int64_t width = 1024;
  int64_t blocks = 3;
  int64_t root_width = 256;

  template <class V>
  void Fields(V& v) {
    v("width", width, Range{1, 16384}, "hidden units of the completion network");
    v("blocks", blocks, Range{1, 64}, "its residual blocks");
    v("root_width", root_width, Range{1, 16384}, "hidden units of the network that finds an unseen root");
  }
};

/// One network for every pattern of missing joints, beside the paper's eight O_3D and O_2D. Its input is what
/// is known of each joint: lifted (3D), seen but in no whole segment (its ray), or missing. Its output is the
/// depth along the ray of a seen joint, so that the pose reprojects onto what was seen, and the 3D position
/// of a missing one. Inputs and outputs are standardised. "..." is R of an ensemble (network/ensemble.h).
class CompletionImpl : public torch::nn::Module {
 public:
  explicit CompletionImpl(const CompletionOptions& options, int64_t runs = 1);

  /// The whole poses, root-centred: (..., B, 17, 3). Lifted joints stay as they are.
  torch::Tensor forward(const SeenPoses& poses);

  /// Where the root is in the image, from the other joints seen (the root itself is not used).
  /// keypoints: (..., B, 17, 2) normalised scale, any origin; seen: (..., B, 17) bool -> (..., B, 2), the
  /// same origin.
  torch::Tensor EstimateRoot(const torch::Tensor& keypoints, const torch::Tensor& seen);

  /// Fits standardisation and bone lengths to whole poses: joints (..., N, 17, 3), keypoints (N, 17, 2).
  void Fit(const torch::Tensor& joints, const torch::Tensor& keypoints);

  torch::Tensor
      bone_lengths;  ///< (16) mean length of each bone in the image of a training pose, normalised units

 private:
  Standardise joints_, keypoints_;  // of whole poses, coordinate-major
  ResidualNetwork network_, root_network_;
};
TORCH_MODULE(Completion);

/// Poses completed from what is seen of them.
struct CompletedPoses {
  torch::Tensor joints;  ///< (B, 17, 3) root-centred, normalised units
  torch::Tensor root;    ///< (B, 2) root in the image, in the frame of the keypoints given
  torch::Tensor lifted;  ///< (B, 17) bool: by the lifters; other seen joints lie on their rays
};

/// Lifts and completes poses of which any joints are seen: finds the root where it is unseen, lifts the whole
/// segments, completes the rest; then the lifters of a whole pose look at it with its gaps filled in,
/// and the depths of seen joints are the means of both. A whole pose has the mean depths of `of_whole`.
/// keypoints: (B, 17, 2) normalised; where the root is seen it is (0, 0). seen: (B, 17) bool, at least
/// kFewestSeen a pose.
CompletedPoses CompletePoses(PoseLifters& lifters, Completion& completion, const torch::Tensor& keypoints,
                             const torch::Tensor& seen, const std::vector<Composition>& of_whole);
/// The same with those of the run's whole_pose.
CompletedPoses CompletePoses(PoseLifters& lifters, Completion& completion, const torch::Tensor& keypoints,
                             const torch::Tensor& seen);

}  // namespace links
