#pragma once

#include <numeric>
#include <random>
#include <vector>

#include "links/metrics/accumulator.h"
#include "metrics/random_poses.h"

namespace links::bench {

/// (N, 17, 3) mm, root centred.
struct Pairs {
  std::vector<float> predicted, truth;
};

/// Truths 300 mm wide about the root and predictions some 90 mm off, turned a little; one in ten mirrored.
inline Pairs RandomPairs(int64_t poses, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> angle(0, 0.1);
  std::bernoulli_distribution mirrored(0.1);
  Pairs pairs;
  const auto append = [](std::vector<float>& to, const Pose& pose) {
    test::Append(to, pose.rowwise() - pose.row(kRoot));
  };
  for (int64_t i = 0; i < poses; ++i) {
    const Pose truth = test::RandomPose(random, 200);
    const Eigen::AngleAxisd turn(angle(random), Eigen::Vector3d::UnitY());
    const Pose predicted = truth * turn.toRotationMatrix() + test::RandomPose(random, 40);
    append(pairs.truth, truth);
    append(pairs.predicted, mirrored(random) ? test::Mirrored(predicted) : predicted);
  }
  return pairs;
}

inline std::vector<JointSubset> AllJoints() {
  JointSubset all{"all", std::vector<int>(kJoints)};
  std::iota(all.joints.begin(), all.joints.end(), 0);
  return {all};
}

}  // namespace links::bench
