#pragma once

#include <torch/types.h>

#include "links/completion/completion.h"
#include "links/config/field.h"
#include "links/dataset/random_streams.h"
#include "links/loss/named_terms.h"
#include "links/loss/teacher.h"

namespace links {

/// A joint's distance, or its square (eq. 7).
enum class JointError { kDistance, kSquared };

struct CompletionLossOptions {
  int64_t rotated_copies = 1;
  CopyRotation rotation = CopyRotation::kAzimuth;
  bool mirrored = true;
  JointError error = JointError::kDistance;
  double root = 1;

  template <class V>
  void Fields(V& v) {
    v("rotated_copies", rotated_copies, Range{0, 16}, "rotated copies of each pose");
    v("rotation", rotation, Choice{{"azimuth", "virtual_view"}},
      "as occlusion.loss.rotation: azimuth about the camera's y axis, virtual_view as eq. 10 rotates");
    v("mirrored", mirrored, "swap left and right in half of the rotated copies");
    v("error", error, Choice{{"distance", "squared"}},
      "distance of each joint, or its square as in eq. 7, where rare large errors count most");
    v("root", root, Range{0, 1e6}, "weight of the unseen root's squared distance in the image");
  }
};

/// Distillation as eq. 7, for one network and every mask: distance (or squared distance) of the joints that
/// are not lifted, summed over them, batch mean. The teacher is the frozen legs + torso lifters on the
/// whole 2D pose. What the network sees is what LiftSeen gives at test time; a rotated copy
/// rotates it and takes the rays from the rotated teacher's projection.
class CompletionLoss {
 public:
  /// views: those of eq. 10, for copies rotated to virtual views.
  explicit CompletionLoss(const CompletionLossOptions& options, const LiftingLossOptions& views = {},
                          torch::Device device = torch::kCPU);

  /// keypoints: (..., B, 17, 2) normalised, whole poses; seen: (..., B, 17) bool.
  StepLoss operator()(Completion& completion, PoseLifters& teacher, const torch::Tensor& keypoints,
                      const torch::Tensor& seen, const RandomStreams& streams = {}) const;

 private:
  CompletionLossOptions options_;
  CopyOptions copies_;
  torch::Tensor other_side_;
};

}  // namespace links
