#pragma once

#include <string>
#include <vector>

#include "links/evaluation/validation.h"
#include "links/figures/pose_grid.h"
#include "links/flow/sampler.h"

namespace links {

/// A name like "left_arm_leg" as a title: "left\narm leg".
std::string InTwoLines(std::string name);

/// 3D poses (..., 17, 3) at the size of the true ones, as N-MPJPE (norm scale) compares them.
torch::Tensor AtTrueScale(const torch::Tensor& predicted, const torch::Tensor& truth);

// Validation poses as the networks see them after an epoch, spread evenly over the data, for the eye. Without
// validation poses that have all joints a grid has no rows. Throws UsageError for what the run does not have.

/// Poses, and below each what the sampler makes of it (eq. 3), with the same random numbers every time.
PoseGrid SampledFigure(const Validation& validation, PoseFlows& flows, const SamplerOptions& options);

/// Poses in 2D, lifted by each composition that is trained, and the truth if it is known.
PoseGrid LiftersFigure(const Validation& validation, PoseLifters& lifters);

/// Of every scenario a pose: 2D with the hidden joints hollow, filled in each way ("o2d", "o3d", "mask"), and
/// the truth.
PoseGrid ScenariosFigure(const Validation& validation, const std::vector<std::string>& fillers_shown,
                         const std::vector<Scenario>& scenarios, PoseLifters& lifters, Fillers* fillers,
                         Completion* completion);

}  // namespace links
