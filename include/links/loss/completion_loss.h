#pragma once

#include <torch/types.h>

#include <string>

#include "links/completion/completion.h"
#include "links/config/field.h"
#include "links/loss/named_terms.h"

namespace links {

struct CompletionLossOptions {
  int64_t rotated_copies = 1;
  std::string input = "seen";
  double root = 1;

  template <class V>
  void Fields(V& v) {
    v("rotated_copies", rotated_copies, Range{0, 16},
      "copies of each pose turned about the vertical axis by a uniform angle");
    v("input", input, Choice{{"seen", "teacher"}},
      "lifted joints that the network sees in training: those of the segments seen, as at test time, or the "
      "teacher's");
    v("root", root, Range{0, 1e6}, "weight of the unseen root's squared distance in the image");
  }
};

/// Distillation as eq. 7, for one network and every mask: squared error of the joints that are not lifted,
/// summed over coordinates, batch mean. The teacher is the frozen legs + torso lifters on the whole 2D pose.
/// What the network sees is what LiftSeen gives at test time (or the teacher's own joints); a turned copy turns it and takes the rays from
/// the turned teacher's projection.
class CompletionLoss {
 public:
  explicit CompletionLoss(const CompletionLossOptions& options) : options_(options) {}

  /// keypoints: (B, 17, 2) normalised, whole poses; seen: (B, 17) bool.
  StepLoss operator()(Completion& completion, PoseLifters& teacher, const torch::Tensor& keypoints,
                      const torch::Tensor& seen) const;

 private:
  CompletionLossOptions options_;
};

}  // namespace links
