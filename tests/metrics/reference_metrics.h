#pragma once

#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

// A second implementation of every metric, written to be obvious and not fast: plain loops, Horn's quaternion
// alignment, thresholds counted one by one.
namespace links::test {

using Points = std::array<std::array<double, 3>, 17>;

inline Points Centred(Points pose, const std::array<double, 3>& centre) {
  for (auto& joint : pose)
    for (int k = 0; k < 3; ++k) joint[k] -= centre[k];
  return pose;
}

inline std::array<double, 3> MeanJoint(const Points& pose) {
  std::array<double, 3> mean{};
  for (const auto& joint : pose)
    for (int k = 0; k < 3; ++k) mean[k] += joint[k] / 17;
  return mean;
}

inline double Dot(const Points& a, const Points& b) {
  double sum = 0;
  for (int j = 0; j < 17; ++j)
    for (int k = 0; k < 3; ++k) sum += a[j][k] * b[j][k];
  return sum;
}

inline Points Scaled(Points pose, double scale) {
  for (auto& joint : pose)
    for (double& value : joint) value *= scale;
  return pose;
}

/// Horn 1987: the best rotation is the leading eigenvector of a 4x4 matrix, found here by repeated squaring.
inline Points HornAligned(const Points& source, const Points& target) {
  const Points p = Centred(source, MeanJoint(source)), g = Centred(target, MeanJoint(target));
  double s[3][3] = {};
  for (int j = 0; j < 17; ++j)
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < 3; ++b) s[a][b] += p[j][a] * g[j][b];
  const double bound = std::sqrt(Dot(p, p) * Dot(g, g)) * 2;  // makes every eigenvalue positive
  using Matrix4 = std::array<std::array<double, 4>, 4>;
  Matrix4 n = {{{s[0][0] + s[1][1] + s[2][2], s[1][2] - s[2][1], s[2][0] - s[0][2], s[0][1] - s[1][0]},
                {s[1][2] - s[2][1], s[0][0] - s[1][1] - s[2][2], s[0][1] + s[1][0], s[2][0] + s[0][2]},
                {s[2][0] - s[0][2], s[0][1] + s[1][0], s[1][1] - s[0][0] - s[2][2], s[1][2] + s[2][1]},
                {s[0][1] - s[1][0], s[2][0] + s[0][2], s[1][2] + s[2][1], s[2][2] - s[0][0] - s[1][1]}}};
  for (int i = 0; i < 4; ++i) n[i][i] += bound;
  for (int squaring = 0; squaring < 60; ++squaring) {
    Matrix4 square{};
    double largest = 0;
    for (int a = 0; a < 4; ++a)
      for (int b = 0; b < 4; ++b) {
        for (int c = 0; c < 4; ++c) square[a][b] += n[a][c] * n[c][b];
        largest = std::max(largest, std::abs(square[a][b]));
      }
    for (int a = 0; a < 4; ++a)
      for (int b = 0; b < 4; ++b) n[a][b] = square[a][b] / largest;
  }
  int column = 0;
  for (int i = 1; i < 4; ++i)
    if (n[i][i] > n[column][column]) column = i;
  double w = n[0][column], x = n[1][column], y = n[2][column], z = n[3][column];
  const double length = std::sqrt(w * w + x * x + y * y + z * z);
  w /= length, x /= length, y /= length, z /= length;
  Points turned;
  for (int j = 0; j < 17; ++j) {
    const auto& v = p[j];
    turned[j] = {(1 - 2 * (y * y + z * z)) * v[0] + 2 * (x * y - w * z) * v[1] + 2 * (x * z + w * y) * v[2],
                 2 * (x * y + w * z) * v[0] + (1 - 2 * (x * x + z * z)) * v[1] + 2 * (y * z - w * x) * v[2],
                 2 * (x * z - w * y) * v[0] + 2 * (y * z + w * x) * v[1] + (1 - 2 * (x * x + y * y)) * v[2]};
  }
  const double scale = Dot(turned, g) / Dot(turned, turned);
  const auto mean = MeanJoint(target);
  return Centred(Scaled(turned, scale), {-mean[0], -mean[1], -mean[2]});
}

inline double Residual(const Points& a, const Points& b) {
  double sum = 0;
  for (int j = 0; j < 17; ++j)
    for (int k = 0; k < 3; ++k) sum += (a[j][k] - b[j][k]) * (a[j][k] - b[j][k]);
  return sum;
}

inline Points MirrorAligned(const Points& source, const Points& target) {
  Points mirrored = source;
  for (auto& joint : mirrored) joint[0] = -joint[0];
  const Points upright = HornAligned(source, target), flipped = HornAligned(mirrored, target);
  return Residual(upright, target) <= Residual(flipped, target) ? upright : flipped;
}

/// The metrics of (N, 17, 3) good poses over `joints`, by their names in files.
inline std::map<std::string, double> ReferenceMetrics(const std::vector<float>& predicted,
                                                      const std::vector<float>& truth,
                                                      const std::vector<int>& joints) {
  const std::set<int> official = {1, 2, 3, 4, 5, 6, 8, 10, 11, 12, 13, 14, 15, 16};
  std::map<std::string, double> sums, counts;
  const auto add = [&](const std::string& name, double value) { sums[name] += value, counts[name] += 1; };
  for (size_t i = 0; i < truth.size() / 51; ++i) {
    Points p, g;
    for (int j = 0; j < 17; ++j)
      for (int k = 0; k < 3; ++k) {
        p[j][k] = predicted[i * 51 + j * 3 + k];
        g[j][k] = truth[i * 51 + j * 3 + k];
      }
    p = Centred(p, p[0]);
    g = Centred(g, g[0]);
    const Points normed = Scaled(p, std::sqrt(Dot(g, g) / Dot(p, p))),
                 least = Scaled(p, Dot(p, g) / Dot(p, p));
    const Points rigid = HornAligned(p, g), mirror = MirrorAligned(p, g);
    for (int j : joints) {
      const auto error = [&](const Points& pose) {
        return std::hypot(pose[j][0] - g[j][0], pose[j][1] - g[j][1], pose[j][2] - g[j][2]);
      };
      add("mpjpe", error(p));
      add("n_mpjpe", error(normed));
      add("n_mpjpe_lsq", error(least));
      add("pa_mpjpe", error(rigid));
      add("pa_mpjpe_reflection", error(mirror));
      add("n_pck", 100 * (error(normed) < 150));
      for (int t = 0; t <= 150; t += 5) add("n_auc", 100 * (error(normed) < t));
      for (int t = 0; t < 150; ++t) add("n_auc_150", 100 * (error(normed) < t * 150.0 / 149));
      if (!official.contains(j)) continue;
      add("n_pck_14", 100 * (error(normed) < 150));
      add("pck_14", 100 * (error(p) < 150));
      for (int t = 0; t <= 150; t += 5) {
        add("n_auc_14", 100 * (error(normed) < t));
        add("auc_14", 100 * (error(p) < t));
      }
    }
  }
  for (auto& [name, sum] : sums) sum /= counts[name];
  return sums;
}

}  // namespace links::test
