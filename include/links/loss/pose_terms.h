#pragma once

#include <torch/types.h>

#include <vector>

// The terms of eq. 10, each a mean over the batch. Poses are (..., B, 17, 3), root-centred, in normalised
// units and the camera frame -> (...); keypoints are (B, 17, 2), normalised.
namespace links {

/// L_3D, eq. 6: |R P - P~|_2 over the 51 numbers. `rotated` is R P, `relifted` is P~ in the virtual view.
torch::Tensor Consistency3d(const torch::Tensor& rotated, const torch::Tensor& relifted);

/// L_2D, eq. 5: sum |project(R^-1 P~) - x| over the 34 numbers. `rotated_back` is R^-1 P~.
torch::Tensor Reprojection2d(const torch::Tensor& rotated_back, const torch::Tensor& keypoints);

/// L_def, eq. 9, over the pairs (2i, 2i+1) of the batch: |(Pa - Pb) - (R^-1 P~a - R^-1 P~b)|_2, squared as in
/// the paper or not as in the authors' code.
torch::Tensor Deformation(const torch::Tensor& pose, const torch::Tensor& rotated_back, bool squared);

/// L_b, eq. 8: squared differences of the 16 relative bone lengths (bone / mean bone of that pose) and
/// `ratios` (16), summed over the bones (authors) or their mean (paper).
torch::Tensor BoneLengths(const torch::Tensor& pose, const torch::Tensor& ratios, bool mean_over_bones);

/// How much lower than `margin` the anatomical signs of the body are (method sec. 8), zero when they all
/// hold.
struct FrontMargins {
  double knee = 0.05;   ///< knee ahead of the hip-ankle line, as a share of the leg
  double facing = 0.9;  ///< cosine of the directions that hips and shoulders face
};

/// The front prior: knees lie ahead of the hip-ankle line and shoulders face where the hips face, both
/// measured along (LHip - RHip) x (Thorax - Root). A mirror image in depth violates it, so it tells the sign
/// of depth. 0.5/knee (relu(knee - f.o_R) + relu(knee - f.o_L)) + relu(facing - f.f_shoulders). Ours, not in
/// the paper.
torch::Tensor FrontPrior(const torch::Tensor& pose, const FrontMargins& margins);

/// Relative bone lengths of each pose: (..., 17, 3) -> (..., 16).
torch::Tensor RelativeBoneLengths(const torch::Tensor& pose);

}  // namespace links
