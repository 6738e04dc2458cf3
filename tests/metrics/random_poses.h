#pragma once

#include <Eigen/Geometry>
#include <random>
#include <vector>

#include "links/metrics/procrustes.h"

namespace links::test {

/// Every coordinate normal with standard deviation `sigma_mm` about `centre`.
inline Pose RandomPose(std::mt19937& random, double sigma_mm = 300, double centre = 0) {
  std::normal_distribution<double> normal(centre, sigma_mm);
  Pose pose;
  for (double& value : pose.reshaped()) value = normal(random);
  return pose;
}

/// (N, 17, 3) numbers as the files hold them.
inline void Append(std::vector<float>& poses, const Pose& pose) {
  for (int j = 0; j < kJoints; ++j)
    for (int k = 0; k < 3; ++k) poses.push_back(static_cast<float>(pose(j, k)));
}

inline Pose Mirrored(Pose pose) {
  pose.col(2) *= -1;
  return pose;
}

/// A proper rotation, uniformly random.
inline Eigen::Matrix3d RandomRotation(std::mt19937& random) {
  std::normal_distribution<double> normal;
  return Eigen::Quaterniond(normal(random), normal(random), normal(random), normal(random))
      .normalized()
      .toRotationMatrix();
}

}  // namespace links::test
