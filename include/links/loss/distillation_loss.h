#pragma once

#include <torch/types.h>

#include "links/config/field.h"
#include "links/dataset/random_streams.h"
#include "links/lifter/pose_lifters.h"
#include "links/loss/lifting_terms.h"
#include "links/loss/named_terms.h"
#include "links/loss/teacher.h"
#include "links/occlusion/filler.h"

namespace links {

/// What O_3D sees in training.
enum class FillerInput { kTeacher, kRearranged, kBoth };

struct DistillationOptions {
  int64_t rotated_copies = 1;
  CopyRotation rotation = CopyRotation::kAzimuth;
  FillerInput input = FillerInput::kTeacher;
  double depth_noise = 0;

  template <class V>
  void Fields(V& v) {
    v("rotated_copies", rotated_copies, Range{0, 16},
      "rotated copies of each pose (paper: 1; authors' code: 2)");
    v("rotation", rotation, Choice{{"azimuth", "virtual_view"}},
      "azimuth: by a uniform angle about the camera's y axis (the paper's vertical axis, of a level camera); "
      "virtual_view: as eq. 10 rotates, about the vertical axis that the lifters' elevations tell of");
    v("input", input, Choice{{"teacher", "rearranged", "both"}},
      "what O_3D sees in training: the known joints of the teacher's pose, those of the rearranged "
      "lifters, or each in half of a batch (paper: teacher)");
    v("depth_noise", depth_noise, Range{0, 1},
      "deviation of the noise on the depths of the joints that O_3D sees in training, normalised units "
      "(paper: 0)");
  }
};

/// Eq. 7 for O_3D and O_2D of every scenario on a batch of 2D poses: squared error summed over the
/// missing coordinates, batch mean. The teacher of O_3D is the frozen legs + torso lifters on the whole 2D
/// pose.
class DistillationLoss {
 public:
  /// views: those of eq. 10, for copies rotated to virtual views.
  explicit DistillationLoss(const DistillationOptions& options, const LiftingLossOptions& views = {})
      : options_(options), copies_{options.rotated_copies, options.rotation, views} {}

  /// keypoints: (..., B, 17, 2) normalised.
  StepLoss operator()(Fillers& fillers, PoseLifters& teacher, const torch::Tensor& keypoints,
                      const RandomStreams& streams = {}) const;

 private:
  torch::Tensor Seen(const std::vector<Scenario>& scenarios, PoseLifters& lifters,
                     const torch::Tensor& keypoints, const torch::Tensor& pose,
                     const RandomStreams& streams) const;

  DistillationOptions options_;
  CopyOptions copies_;
};

}  // namespace links
