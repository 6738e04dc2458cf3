#pragma once

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

// Geometry and the terms of eq. 10 again, in plain loops over doubles: what the tensor code is held against.
namespace links::test {

using Point = std::array<double, 3>;
using Pose = std::array<Point, 17>;
using Poses = std::vector<Pose>;
using Matrix = std::array<Point, 3>;

/// (B, 17, K) -> poses; coordinates beyond K are 0.
inline Poses ToPlain(const torch::Tensor& tensor) {
  const torch::Tensor wide = tensor.detach().to(torch::kFloat64).cpu().contiguous();
  const auto values = wide.accessor<double, 3>();
  Poses poses(static_cast<size_t>(tensor.size(0)));
  for (int64_t b = 0; b < tensor.size(0); ++b)
    for (int64_t j = 0; j < 17; ++j)
      for (int64_t k = 0; k < tensor.size(2); ++k) poses[b][j][k] = values[b][j][k];
  return poses;
}

/// poses -> (B, 17, K) float32.
inline torch::Tensor ToTensor(const Poses& poses, int64_t coordinates) {
  torch::Tensor tensor = torch::zeros({static_cast<int64_t>(poses.size()), 17, coordinates});
  auto values = tensor.accessor<float, 3>();
  for (size_t b = 0; b < poses.size(); ++b)
    for (int j = 0; j < 17; ++j)
      for (int64_t k = 0; k < coordinates; ++k) values[b][j][k] = static_cast<float>(poses[b][j][k]);
  return tensor;
}

inline Point operator-(const Point& a, const Point& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}
inline double Dot(const Point& a, const Point& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
inline double Length(const Point& a) {
  return std::sqrt(Dot(a, a));
}

inline Matrix AboutX(double angle) {
  const double c = std::cos(angle), s = std::sin(angle);
  return {{{1, 0, 0}, {0, c, -s}, {0, s, c}}};
}

inline Matrix AboutY(double angle) {
  const double c = std::cos(angle), s = std::sin(angle);
  return {{{c, 0, s}, {0, 1, 0}, {-s, 0, c}}};
}

inline Matrix Transposed(const Matrix& m) {
  return {{{m[0][0], m[1][0], m[2][0]}, {m[0][1], m[1][1], m[2][1]}, {m[0][2], m[1][2], m[2][2]}}};
}

inline Matrix Product(const Matrix& a, const Matrix& b) {
  const Matrix columns = Transposed(b);
  Matrix product;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) product[i][j] = Dot(a[i], columns[j]);
  return product;
}

inline Pose Turned(const Matrix& rotation, const Pose& pose) {
  Pose turned;
  for (int j = 0; j < 17; ++j)
    for (int k = 0; k < 3; ++k) turned[j][k] = Dot(rotation[k], pose[j]);
  return turned;
}

/// Seen from the camera, the root 10 units away.
inline Pose Seen(const Pose& pose) {
  Pose seen{};
  for (int j = 0; j < 17; ++j) seen[j] = {pose[j][0] / (pose[j][2] + 10), pose[j][1] / (pose[j][2] + 10), 0};
  return seen;
}

inline double PlainConsistency3d(const Poses& rotated, const Poses& relifted) {
  double sum = 0;
  for (size_t b = 0; b < rotated.size(); ++b) {
    double squares = 0;
    for (int j = 0; j < 17; ++j) squares += std::pow(Length(rotated[b][j] - relifted[b][j]), 2);
    sum += std::sqrt(squares);
  }
  return sum / static_cast<double>(rotated.size());
}

inline double PlainReprojection2d(const Poses& rotated_back, const Poses& keypoints) {
  double sum = 0;
  for (size_t b = 0; b < keypoints.size(); ++b) {
    const Pose seen = Seen(rotated_back[b]);
    for (int j = 0; j < 17; ++j) {
      sum += std::abs(seen[j][0] - keypoints[b][j][0]) + std::abs(seen[j][1] - keypoints[b][j][1]);
    }
  }
  return sum / static_cast<double>(keypoints.size());
}

inline double PlainDeformation(const Poses& pose, const Poses& rotated_back, bool squared) {
  double sum = 0;
  for (size_t i = 0; 2 * i < pose.size(); ++i) {
    const size_t a = 2 * i, b = 2 * i + 1;
    double squares = 0;
    for (int j = 0; j < 17; ++j) {
      squares += std::pow(Length((pose[a][j] - pose[b][j]) - (rotated_back[a][j] - rotated_back[b][j])), 2);
    }
    sum += squared ? squares : std::sqrt(squares);
  }
  return sum / (static_cast<double>(pose.size()) / 2);
}

inline std::array<double, 16> PlainRelativeBones(const Pose& pose) {
  constexpr int bones[16][2] = {{0, 1}, {1, 2},  {2, 3},  {0, 4},   {4, 5},   {5, 6},  {0, 7},   {7, 8},
                                {8, 9}, {9, 10}, {8, 11}, {11, 12}, {12, 13}, {8, 14}, {14, 15}, {15, 16}};
  std::array<double, 16> lengths;
  double mean = 0;
  for (int i = 0; i < 16; ++i) mean += (lengths[i] = Length(pose[bones[i][1]] - pose[bones[i][0]])) / 16;
  for (double& length : lengths) length /= mean;
  return lengths;
}

inline double PlainBoneLengths(const Poses& poses, const std::array<double, 16>& ratios) {
  double sum = 0;
  for (const Pose& pose : poses) {
    const auto relative = PlainRelativeBones(pose);
    for (int i = 0; i < 16; ++i) sum += std::pow(relative[i] - ratios[i], 2);
  }
  return sum / static_cast<double>(poses.size());
}

inline Point Unit(const Point& a) {
  return {a[0] / Length(a), a[1] / Length(a), a[2] / Length(a)};
}

inline Point Cross(const Point& a, const Point& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

/// How far the knee lies from the segment hip-ankle in the direction `front`, as a share of thigh + shank.
inline double PlainKneeAhead(const Pose& pose, int hip, const Point& front) {
  const Point leg = pose[hip + 2] - pose[hip], thigh = pose[hip + 1] - pose[hip],
              shank = pose[hip + 2] - pose[hip + 1];
  const double along = std::clamp(Dot(thigh, leg) / Dot(leg, leg), 0.0, 1.0);
  const Point nearest = {along * leg[0], along * leg[1], along * leg[2]};
  return Dot(thigh - nearest, front) / (Length(thigh) + Length(shank));
}

inline double PlainFrontPrior(const Poses& poses, double knee, double facing) {
  double sum = 0;
  for (const Pose& pose : poses) {
    const Point up = pose[8] - pose[0];
    const Point front = Unit(Cross(pose[4] - pose[1], up)), chest = Unit(Cross(pose[11] - pose[14], up));
    for (int hip : {1, 4}) sum += 0.5 / knee * std::max(0.0, knee - PlainKneeAhead(pose, hip, front));
    sum += std::max(0.0, facing - Dot(front, chest));
  }
  return sum / static_cast<double>(poses.size());
}

}  // namespace links::test
