#pragma once

#include <Eigen/Core>
#include <optional>

#include "links/skeleton/skeleton.h"

namespace links {

/// A pose, one joint a row: x, y, z.
using Pose = Eigen::Matrix<double, kJoints, 3, Eigen::RowMajor>;

/// The field forbids mirror images (VideoPose3D, Martinez, MMPose, MotionBERT); ElePose and LInKs allow them.
enum class Reflection { kForbidden, kAllowed };

/// x_in_target = scale · rotation · x_in_source + translation.
struct Similarity {
  double scale = 1;
  Eigen::Matrix3d rotation = Eigen::Matrix3d::Identity();  ///< determinant −1 for a mirror image
  Eigen::RowVector3d translation = Eigen::RowVector3d::Zero();

  Pose Apply(const Pose& source) const {
    return (scale * source * rotation.transpose()).rowwise() + translation;
  }
};

/// True when the pose is not finite, or when its joints coincide up to the resolution of a float: no
/// alignment by scale is defined then.
bool IsDegenerate(const Pose& pose);

/// Both least-squares alignments of one pair of poses, from one singular value decomposition.
struct SimilarityPair {
  Similarity proper;           ///< Reflection::kForbidden
  Similarity with_reflection;  ///< Reflection::kAllowed
};

/// The similarities that minimise Σ‖target − aligned source‖² over the joints (Umeyama 1991). Planar and
/// collinear poses are safe: where the rotation is ambiguous the error is not. Nothing when either pose is
/// degenerate.
std::optional<SimilarityPair> AlignPoseBothWays(const Pose& source, const Pose& target);

/// The one of the two that `reflection` names.
std::optional<Similarity> AlignPose(const Pose& source, const Pose& target, Reflection reflection);

}  // namespace links
