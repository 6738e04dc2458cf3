#pragma once

#include <torch/types.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "links/config/field.h"
#include "links/dataset/random_streams.h"
#include "links/flow/pose_flows.h"
#include "links/lifter/pose_lifters.h"
#include "links/loss/named_terms.h"
#include "links/loss/pose_terms.h"

namespace links {

struct LiftingLossOptions {
  double likelihood = 1;
  double full_likelihood = 0;
  double reprojection_2d = 1;
  double consistency_3d = 1;
  double deformation = 1;
  double bone = 50;
  double front_prior = 0;
  FrontMargins front_margins;
  bool deformation_squared = false;
  bool bone_mean = false;
  std::string elevation = "learned";
  double elevation_range = 0.3490658503988659;
  double azimuth_range = 3.141592653589793;

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
  }
};

/// The weights among the options.
inline constexpr std::array kLiftingWeights = {
    &LiftingLossOptions::likelihood,      &LiftingLossOptions::full_likelihood,
    &LiftingLossOptions::reprojection_2d, &LiftingLossOptions::consistency_3d,
    &LiftingLossOptions::deformation,     &LiftingLossOptions::bone,
    &LiftingLossOptions::front_prior};

/// Lifters that learn together: each segment is lifted once; each pose is composed, rotated and projected to
/// a view of its own; each segment is judged by its flow and lifted again in the view of one pose (method
/// sec. 4).
struct LifterGroup {
  std::string name;
  std::vector<Composition> poses;
  std::vector<Segment> segments;
  std::vector<size_t>
      view_of_segment;  ///< for each segment, the pose whose view it is judged and lifted again in
};

/// "legs_torso", "left_right" or "full".
LifterGroup MakeLifterGroup(const std::string& name);

/// Eq. 10 for groups of lifters on a batch of 2D poses. Groups share nothing but the batch: their networks
/// work side by side, their losses add up. Runs side by side (dataset/runs.h) share not even that.
class LiftingLoss {
 public:
  /// bone_ratios: (16), on the device of the networks. options: those of each of the R runs, which may differ
  /// in the weights of the terms only.
  LiftingLoss(std::vector<LifterGroup> groups, const std::vector<LiftingLossOptions>& options,
              torch::Tensor bone_ratios);
  /// One run.
  LiftingLoss(std::vector<LifterGroup> groups, const LiftingLossOptions& options, torch::Tensor bone_ratios)
      : LiftingLoss(std::move(groups), std::vector{options}, std::move(bone_ratios)) {}

  /// keypoints: (R B, 17, 2) normalised, B even. The lifters are those of the groups' segments, the flows are
  /// not trained: their parameters should not require grad. Each group's terms carry its name.
  StepLoss operator()(PoseLifters& lifters, PoseFlows& flows, const torch::Tensor& keypoints,
                      const RandomStreams& streams = {}) const;

 private:
  // The weight of a term in each run, and the runs that have one.
  struct Weight {
    torch::Tensor of_runs;        // (R)
    torch::Tensor above_0;        // (R) bool
    bool any = true, all = true;  // of them are above 0

    // What a term is computed from, (X, R B, ...), in such a way that only these runs descend on it.
    torch::Tensor Open(const torch::Tensor& poses) const;
    // A term, 0 in the other runs: (..., R).
    torch::Tensor Only(const torch::Tensor& term) const;
    // The weighted sum over the groups: (G, R) -> (R).
    torch::Tensor Sum(const torch::Tensor& term) const;
  };
  Weight WeightOf(double LiftingLossOptions::*weight, const std::vector<LiftingLossOptions>& options) const;

  int64_t runs() const { return bone_.of_runs.size(0); }
  // Rotation of each pose to its virtual view, the same for all poses of a group: (G, B) -> (G, B, 3, 3).
  torch::Tensor DrawRotations(const torch::Tensor& elevations, const RandomStreams& streams) const;
  // L_NF: each segment in the view of its pose, summed over a group's segments: views (S, R B, 17, 2) ->
  // (G, R).
  torch::Tensor Likelihood(PoseFlows& flows, const std::vector<Segment>& segments,
                           const torch::Tensor& views) const;
  // Of each pose as a whole: views (P, R B, 17, 2) -> (P, R).
  torch::Tensor FullLikelihood(PoseFlows& flows, const torch::Tensor& views) const;

  std::vector<LifterGroup> groups_;  // in the order of their segments among the lifters
  LiftingLossOptions options_;       // what the runs share
  torch::Tensor bone_ratios_;
  Weight likelihood_, full_likelihood_, consistency_3d_, reprojection_2d_, deformation_, bone_, front_prior_;
  std::vector<Composition> poses_;  // of all groups
  // Tables of who belongs to whom, on the device.
  torch::Tensor group_of_pose_;      // (P) int64
  torch::Tensor view_of_segment_;    // (S) int64: a pose
  torch::Tensor segments_in_group_;  // (G, S), 1 or 0
  torch::Tensor poses_in_group_;     // (G, P), 1 or 0
};

}  // namespace links
