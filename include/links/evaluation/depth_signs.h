#pragma once

#include <torch/types.h>

namespace links {

/// Statistics of lifted poses that need no 3D ground truth, above all whether the sign of their depths is
/// right (docs/evaluation.md, "Without 3D"). A mirror image in depth has knees that bend backwards.
struct DepthSigns {
  double knees_forward = 0;  ///< share of the bent knees that bend forwards; NaN when none is bent
  double facing_alike = 0;   ///< share of the poses whose hips and shoulders face to the same side
  double asymmetry = 0;      ///< mean difference of a left and a right bone, as a share of their mean
};

/// poses: (N, 17, 3), camera frame, any unit; N > 0.
DepthSigns DepthSignsOf(const torch::Tensor& poses);

/// Mean distance of the joints of two estimates of the same poses, (N, 17, 3) each, in their unit.
double Disagreement(const torch::Tensor& a, const torch::Tensor& b);

}  // namespace links
