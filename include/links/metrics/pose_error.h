#pragma once

#include <array>
#include <optional>
#include <span>

#include "links/metrics/procrustes.h"

namespace links {

/// Distance of each joint from the truth, mm.
using JointErrors = std::array<double, kJoints>;

/// The joint errors of one prediction under every alignment in use. The alignment always takes all 17 joints;
/// "root centred" means minus joint 0. p and g are the root-centred prediction and truth as vectors of 51
/// numbers.
struct PoseErrors {
  JointErrors root;                 ///< root centred: MPJPE
  JointErrors norm_scale;           ///< p · ‖g‖/‖p‖: N-MPJPE of ElePose and LInKs
  JointErrors least_squares_scale;  ///< p · ⟨p,g⟩/⟨p,p⟩: N-MPJPE of Rhodin, VideoPose3D, MMPose, MotionBERT.
                                    ///< As there, the scale of an anti-correlated prediction is negative.
  JointErrors procrustes;  ///< no reflection: PA-MPJPE of VideoPose3D, Martinez, MMPose, MotionBERT
  JointErrors procrustes_reflection;  ///< reflection allowed: PA-MPJPE of ElePose and LInKs
};

/// Errors of a predicted pose, each pose (17, 3) in mm with any translation. Nothing when either pose is
/// degenerate (see IsDegenerate).
std::optional<PoseErrors> MeasurePose(const Pose& predicted, const Pose& truth);

/// The same from 51 numbers, joint-major: x0 y0 z0 x1 ...
std::optional<PoseErrors> MeasurePose(std::span<const float, kJoints * 3> predicted,
                                      std::span<const float, kJoints * 3> truth);

}  // namespace links
