#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

#include "links/config/field.h"
#include "links/flow/pose_flows.h"
#include "links/skeleton/segments.h"

namespace links {

/// The margins of the front prior (docs/method.md sec. 8): it is 0 for a pose whose anatomical signs exceed
/// them.
struct FrontMargins {
  double knee = 0.05;   ///< knee ahead of the hip-ankle line, as a share of the leg
  double facing = 0.9;  ///< cosine of the directions that hips and shoulders face
};

/// Rotations about x: around the learned elevation, or uniform in a fixed range.
enum class ElevationRotation { kLearned, kFixed };

struct LiftingLossOptions {
  double likelihood = 1;
  double full_likelihood = 0;
  double reprojection_2d = 1;
  double consistency_3d = 1;
  double deformation = 1;
  double bone = 50;
  double front_prior = 0;
  double agreement = 0;
  FrontMargins front_margins;
  bool deformation_squared = false;
  bool bone_mean = false;
  ElevationRotation elevation = ElevationRotation::kLearned;
  double elevation_range = 0.3490658503988659;
  double azimuth_range = 3.141592653589793;
  double input_noise = 0;

  template <class V>
  void Fields(V& v) {
    const Range weight{0, 1e6};
    v("likelihood", likelihood, weight, "weight of L_NF: the segments' likelihood in the virtual view");
    v("full_likelihood", full_likelihood, weight,
      "weight of the full-pose flow's likelihood of the composed pose there (paper: 0)");
    v("reprojection_2d", reprojection_2d, weight, "weight of L_2D (eq. 5)");
    v("consistency_3d", consistency_3d, weight, "weight of L_3D (eq. 6)");
    v("deformation", deformation, weight, "weight of L_def (eq. 9)");
    v("bone", bone, weight, "weight of L_b (eq. 8)");
    v("front_prior", front_prior, weight,
      "weight of the prior that knees bend forwards and shoulders face as hips do (paper: 0)");
    v("agreement", agreement, weight,
      "weight of the distance of each composition from the mean of all, which gets no gradient (paper: 0)");
    v("knee_margin", front_margins.knee, Range{1e-3, 1},
      "front prior: knee ahead of the hip-ankle line, share of the leg");
    v("facing_margin", front_margins.facing, Range{-1, 1},
      "front prior: cosine between hips' and shoulders' front");
    v("deformation_squared", deformation_squared,
      "square the norm of L_def as eq. 9 does (authors' code: false)");
    v("bone_mean", bone_mean, "divide L_b by 16 as eq. 8 does (authors' code: false)");
    v("elevation", elevation, Choice{{"learned", "fixed"}},
      "rotations about x: around the learned elevation, or uniform in a fixed range");
    v("elevation_range", elevation_range, Range{0, 3.141592653589793},
      "fixed elevation: half the range, radians");
    v("azimuth_range", azimuth_range, Range{0, 3.141592653589793},
      "rotations about y: half the range, radians (paper: pi; authors' code: 0.995 pi)");
    v("input_noise", input_noise, Range{0, 1},
      "deviation of the noise on the keypoints that the lifters are given, in the camera's and in the "
      "virtual "
      "view, normalised units; what they lift stays without it (paper: 0)");
  }
};

/// What the terms of eq. 10 are computed from: P poses composed of S segments, each seen again in a virtual
/// view. Normalised units, camera frame, root-centred; "..." is R of an ensemble (network/ensemble.h).
struct LiftedViews {
  const torch::Tensor& keypoints;     ///< x, (..., B, 17, 2), or (P, ..., B, 17, 2)
  const torch::Tensor& poses;         ///< P, (P, ..., B, 17, 3)
  const torch::Tensor& rotated;       ///< R P
  const torch::Tensor& views;         ///< the projections of R P, (P, ..., B, 17, 2)
  const torch::Tensor& relifted;      ///< P~, lifted from these views, (P, ..., B, 17, 3)
  const torch::Tensor& rotated_back;  ///< R^-1 P~

  const std::vector<Segment>& segments;
  const torch::Tensor& segment_views;  ///< for each segment the view that it is judged in, (S, ..., B, 17, 2)
  PoseFlows& flows;
  const torch::Tensor& bone_ratios;  ///< (16)
};

/// A term of eq. 10.
struct LiftingTerm {
  enum Per { kPose, kSegment };

  const char* name;  ///< of its weight's option and in the logs
  double LiftingLossOptions::*weight;
  Per per;             ///< what its values are of; a group's are added up
  bool always_logged;  ///< computed for the log also where its weight is 0
  /// The batch means, (P, ...) or (S, ...).
  torch::Tensor (*value)(const LiftedViews& lifted, const LiftingLossOptions& options);
  bool of_a_part =
      false;  ///< holds of a pose of which a segment alone is known, the other joints at the origin
};

/// The terms in the order of eq. 10, and ours behind them.
const std::vector<LiftingTerm>& LiftingTerms();

/// A term's weight in each run of an ensemble, (R), or of a single one, (), float64. Throws Error unless it
/// is above 0 in all or in none.
torch::Tensor WeightOf(const LiftingTerm& term, const std::vector<LiftingLossOptions>& options);

// The equations themselves, each a mean over the batch. Poses are (..., B, 17, 3), root-centred, in
// normalised units and the camera frame -> (...); keypoints are (..., B, 17, 2), normalised.

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

/// The front prior: knees lie ahead of the hip-ankle line and shoulders face where the hips face, both
/// measured along (LHip - RHip) x (Thorax - Root). A mirror image in depth violates it, so it tells the sign
/// of depth. 0.5/knee (relu(knee - f.o_R) + relu(knee - f.o_L)) + relu(facing - f.f_shoulders). Ours, not
/// in the paper.
torch::Tensor FrontPrior(const torch::Tensor& pose, const FrontMargins& margins);

/// The compositions teach each other: |P_p - mean_q P_q|_2 over the 51 numbers, without a gradient of the
/// mean. poses: (P, ..., B, 17, 3) -> (P, ...). Ours, not in the paper.
torch::Tensor Agreement(const torch::Tensor& poses);

}  // namespace links
