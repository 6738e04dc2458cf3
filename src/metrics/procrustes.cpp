#include "links/metrics/procrustes.h"

#include <Eigen/LU>
#include <Eigen/SVD>
#include <cmath>

namespace links {

bool IsDegenerate(const Pose& pose) {
  // Joints of a collapsed pose, stored as floats, differ by a few 1e-7 of their coordinates.
  constexpr double kResolution = 1e-6;
  const double spread = (pose.rowwise() - pose.row(kRoot)).norm();
  return !std::isfinite(spread) || spread <= kResolution * pose.cwiseAbs().maxCoeff();
}

std::optional<SimilarityPair> AlignPoseBothWays(const Pose& source, const Pose& target) {
  if (IsDegenerate(source) || IsDegenerate(target)) return std::nullopt;
  const Eigen::RowVector3d source_mean = source.colwise().mean();
  const Eigen::RowVector3d target_mean = target.colwise().mean();
  const Pose source_centred = source.rowwise() - source_mean;
  const Pose target_centred = target.rowwise() - target_mean;
  const Eigen::Matrix3d covariance = target_centred.transpose() * source_centred;
  const Eigen::JacobiSVD<Eigen::Matrix3d> svd(covariance, Eigen::ComputeFullU | Eigen::ComputeFullV);

  const auto similarity = [&](double last_sign) {
    const Eigen::Vector3d signs(1, 1, last_sign);
    Similarity result;
    result.rotation = svd.matrixU() * signs.asDiagonal() * svd.matrixV().transpose();
    result.scale = svd.singularValues().dot(signs) / source_centred.squaredNorm();
    result.translation = target_mean - result.scale * source_mean * result.rotation.transpose();
    return result;
  };
  SimilarityPair pair;
  pair.with_reflection = similarity(1);
  const bool mirrored = pair.with_reflection.rotation.determinant() < 0;
  pair.proper = mirrored ? similarity(-1) : pair.with_reflection;
  return pair;
}

std::optional<Similarity> AlignPose(const Pose& source, const Pose& target, Reflection reflection) {
  const auto pair = AlignPoseBothWays(source, target);
  if (!pair) return std::nullopt;
  return reflection == Reflection::kAllowed ? pair->with_reflection : pair->proper;
}

}  // namespace links
