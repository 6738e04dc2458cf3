#include "links/metrics/accumulator.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "links/core/error.h"
#include "links/metrics/pose_error.h"

namespace links {
namespace {

constexpr int kPoseSize = kJoints * 3;
constexpr double kPckThreshold = 150;  // mm
// Poses are summed in at most this many blocks, whose bounds depend on N only: so do the rounding errors.
constexpr int64_t kBlocks = 64;

// MPI-INF-3DHP's official joints: without pelvis, spine and head.
bool IsOfficial(int joint) {
  return joint != kHip && joint != kSpine && joint != kHead;
}

struct SubsetJoints {
  std::vector<int> all, official;
};

SubsetJoints CheckSubset(const JointSubset& subset) {
  if (subset.joints.empty()) throw Error("expected at least one joint in the subset '", subset.name, "'");
  SubsetJoints result;
  for (int joint : subset.joints) {
    if (joint < 0 || joint >= kJoints)
      throw Error("expected joints 0 to ", kJoints - 1, " in the subset '", subset.name, "', found ", joint);
    if (std::ranges::count(subset.joints, joint) > 1)
      throw Error("expected each joint once in the subset '", subset.name, "', found ", joint, " twice");
    result.all.push_back(joint);
    if (IsOfficial(joint)) result.official.push_back(joint);
  }
  return result;
}

void CheckSizes(std::span<const float> predicted, std::span<const float> truth, std::span<const int> group,
                int groups) {
  if (truth.size() % kPoseSize != 0)
    throw Error("expected poses of ", kPoseSize, " numbers, found ", truth.size(), " numbers in all");
  if (predicted.size() != truth.size())
    throw Error("expected as many predicted numbers as true ones (", truth.size(), "), found ",
                predicted.size());
  const size_t poses = truth.size() / kPoseSize;
  const size_t expected = groups > 0 ? poses : 0;
  if (groups < 0 || group.size() != expected)
    throw Error("expected ", expected, " group numbers for ", poses, " poses in ", groups, " groups, found ",
                group.size());
  for (size_t i = 0; i < group.size(); ++i) {
    if (group[i] < 0 || group[i] >= groups)
      throw Error("expected group numbers 0 to ", groups - 1, ", found ", group[i], " for pose ", i);
  }
}

template <class Value>
double Mean(const JointErrors& errors, const std::vector<int>& joints, Value value) {
  if (joints.empty()) return kAbsent;
  double sum = 0;
  for (int joint : joints) sum += value(errors[joint]);
  return sum / static_cast<double>(joints.size());
}

double Distance(double error) {
  return error;
}

// In percent, as the share of thresholds.
double Correct(double error) {
  return error < kPckThreshold ? 100 : 0;
}

// The percentage of `thresholds` equally spaced thresholds from 0 to 150 mm, both included, that exceed the
// error.
double AreaShare(double error, int thresholds) {
  if (error >= kPckThreshold) return 0;
  const int steps = thresholds - 1;
  return 100 * (steps - std::floor(error * steps / kPckThreshold)) / thresholds;
}
double Area31(double error) {
  return AreaShare(error, 31);
}
double Area150(double error) {
  return AreaShare(error, 150);
}

// The metrics of one pose.
Metrics Score(const PoseErrors& errors, const SubsetJoints& joints) {
  Metrics m;
  m.mpjpe = Mean(errors.root, joints.all, Distance);
  m.n_mpjpe = Mean(errors.norm_scale, joints.all, Distance);
  m.n_mpjpe_lsq = Mean(errors.least_squares_scale, joints.all, Distance);
  m.pa_mpjpe = Mean(errors.procrustes, joints.all, Distance);
  m.pa_mpjpe_reflection = Mean(errors.procrustes_reflection, joints.all, Distance);
  m.n_pck = Mean(errors.norm_scale, joints.all, Correct);
  m.n_auc = Mean(errors.norm_scale, joints.all, Area31);
  m.n_auc_150 = Mean(errors.norm_scale, joints.all, Area150);
  m.n_pck_14 = Mean(errors.norm_scale, joints.official, Correct);
  m.n_auc_14 = Mean(errors.norm_scale, joints.official, Area31);
  m.pck_14 = Mean(errors.root, joints.official, Correct);
  m.auc_14 = Mean(errors.root, joints.official, Area31);
  m.poses = 1;
  return m;
}

// Sums while adding, means after Finish.
Metrics ZeroSums() {
  Metrics sums;
  for (const MetricField& field : kMetricFields) sums.*field.value = 0;
  return sums;
}

void Add(Metrics& sums, const Metrics& other) {
  sums.poses += other.poses;
  sums.rejected += other.rejected;
  for (const MetricField& field : kMetricFields) sums.*field.value += other.*field.value;
}

void Finish(Metrics& sums) {
  for (const MetricField& field : kMetricFields) {
    double& value = sums.*field.value;
    value = sums.poses > 0 ? value / static_cast<double>(sums.poses) : kAbsent;
  }
}

using Table = std::vector<std::vector<Metrics>>;  // [subset][group]

void Add(JointErrors& sums, const JointErrors& errors) {
  for (int joint = 0; joint < kJoints; ++joint) sums[joint] += errors[joint];
}

/// The sums of some poses.
struct Sums {
  std::vector<Table> of_splits;
  JointMeans joints{};
  int64_t poses = 0;  // that count in `joints`

  void Add(const Sums& other) {
    for (size_t i = 0; i < of_splits.size(); ++i) {
      for (size_t s = 0; s < of_splits[i].size(); ++s)
        for (size_t g = 0; g < of_splits[i][s].size(); ++g)
          links::Add(of_splits[i][s][g], other.of_splits[i][s][g]);
    }
    for (const JointMeansField& field : kJointMeansFields)
      links::Add(joints.*field.value, other.joints.*field.value);
    poses += other.poses;
  }

  // From here on they are means.
  void Finish() {
    for (Table& table : of_splits)
      for (auto& row : table) std::ranges::for_each(row, links::Finish);
    for (const JointMeansField& field : kJointMeansFields) {
      for (double& error : joints.*field.value)
        error = poses > 0 ? error / static_cast<double>(poses) : kAbsent;
    }
  }
};

struct Job {
  std::span<const float> predicted, truth;
  std::vector<SubsetJoints> subsets;
  const std::vector<PoseGroups>& splits;

  Sums Empty() const {
    Sums sums;
    for (const PoseGroups& split : splits)
      sums.of_splits.emplace_back(subsets.size(), std::vector<Metrics>(split.groups + 1, ZeroSums()));
    return sums;
  }

  void Measure(int64_t first, int64_t last, Sums& sums) const {
    Metrics rejected = ZeroSums();
    rejected.rejected = 1;
    for (int64_t i = first; i < last; ++i) {
      const auto errors = MeasurePose(predicted.subspan(i * kPoseSize).first<kPoseSize>(),
                                      truth.subspan(i * kPoseSize).first<kPoseSize>());
      for (size_t s = 0; s < subsets.size(); ++s) {
        const Metrics scores = errors ? Score(*errors, subsets[s]) : rejected;
        for (size_t k = 0; k < splits.size(); ++k) {
          std::vector<Metrics>& groups = sums.of_splits[k][s];
          if (!splits[k].of_pose.empty()) Add(groups[splits[k].of_pose[i]], scores);
          Add(groups.back(), scores);
        }
      }
      if (!errors) continue;
      ++sums.poses;
      Add(sums.joints.n_mpjpe, errors->norm_scale);
      Add(sums.joints.pa_mpjpe, errors->procrustes);
      Add(sums.joints.pa_mpjpe_reflection, errors->procrustes_reflection);
    }
  }
};

}  // namespace

Measures MeasureSplits(std::span<const float> predicted, std::span<const float> truth,
                       const std::vector<JointSubset>& subsets, const std::vector<PoseGroups>& splits,
                       int threads) {
  for (const PoseGroups& split : splits) CheckSizes(predicted, truth, split.of_pose, split.groups);
  Job job{predicted, truth, {}, splits};
  for (const JointSubset& subset : subsets) job.subsets.push_back(CheckSubset(subset));

  const auto poses = static_cast<int64_t>(truth.size()) / kPoseSize;
  std::vector<Sums> blocks(kBlocks, job.Empty());
  std::atomic<int64_t> next = 0;
  {
    if (threads <= 0) threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    std::vector<std::jthread> workers;
    for (int t = 0; t < threads; ++t) {
      workers.emplace_back([&] {
        for (int64_t b = next++; b < kBlocks; b = next++)
          job.Measure(poses * b / kBlocks, poses * (b + 1) / kBlocks, blocks[b]);
      });
    }
  }

  Sums total = job.Empty();
  for (const Sums& block : blocks) total.Add(block);
  total.Finish();
  return {std::move(total.of_splits), total.joints};
}

std::vector<std::vector<Metrics>> MeasurePoses(std::span<const float> predicted, std::span<const float> truth,
                                               const std::vector<JointSubset>& subsets,
                                               std::span<const int> group, int groups, int threads) {
  return std::move(MeasureSplits(predicted, truth, subsets, {{group, groups}}, threads).of_splits.front());
}

Metrics MeanOf(std::span<const Metrics> groups) {
  Metrics mean;
  for (const Metrics& group : groups) {
    mean.poses += group.poses;
    mean.rejected += group.rejected;
  }
  for (const MetricField& field : kMetricFields) {
    double sum = 0;
    int count = 0;
    for (const Metrics& group : groups) {
      if (IsAbsent(group.*field.value)) continue;
      sum += group.*field.value;
      ++count;
    }
    if (count > 0) mean.*field.value = sum / count;
  }
  return mean;
}

}  // namespace links
