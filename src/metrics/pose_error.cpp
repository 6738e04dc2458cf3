#include "links/metrics/pose_error.h"

namespace links {
namespace {

JointErrors Distances(const Pose& a, const Pose& b) {
  JointErrors errors;
  Eigen::Map<Eigen::Matrix<double, kJoints, 1>>(errors.data()) = (a - b).rowwise().norm();
  return errors;
}

}  // namespace

std::optional<PoseErrors> MeasurePose(const Pose& predicted, const Pose& truth) {
  const Pose p = predicted.rowwise() - predicted.row(kRoot);
  const Pose g = truth.rowwise() - truth.row(kRoot);
  const auto alignment = AlignPoseBothWays(predicted, truth);
  if (!alignment) return std::nullopt;
  const double norm_scale = g.norm() / p.norm();
  const double least_squares_scale = p.cwiseProduct(g).sum() / p.squaredNorm();
  return PoseErrors{.root = Distances(p, g),
                    .norm_scale = Distances(norm_scale * p, g),
                    .least_squares_scale = Distances(least_squares_scale * p, g),
                    .procrustes = Distances(alignment->proper.Apply(predicted), truth),
                    .procrustes_reflection = Distances(alignment->with_reflection.Apply(predicted), truth)};
}

std::optional<PoseErrors> MeasurePose(std::span<const float, kJoints * 3> predicted,
                                      std::span<const float, kJoints * 3> truth) {
  using FloatPose = Eigen::Matrix<float, kJoints, 3, Eigen::RowMajor>;
  return MeasurePose(Pose(Eigen::Map<const FloatPose>(predicted.data()).cast<double>()),
                     Pose(Eigen::Map<const FloatPose>(truth.data()).cast<double>()));
}

}  // namespace links
