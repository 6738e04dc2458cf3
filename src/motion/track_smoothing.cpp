#include "links/motion/track_smoothing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>

#include "links/motion/rays.h"
#include "links/motion/zero_phase.h"

namespace links {
namespace {

constexpr double kGuessWeight = .25;  // of a place that was guessed, beside those seen

/// Calls `each` with the first and last of neighbours that are no further apart than a gap may be; those that
/// are not `there` are gaps too.
void ForEachStretch(const std::vector<int64_t>& frames, int64_t bridge,
                    const std::function<bool(size_t)>& there,
                    const std::function<void(size_t, size_t)>& each) {
  bool open = false;
  size_t first = 0, last = 0;
  for (size_t i = 0; i < frames.size(); ++i) {
    if (!there(i)) continue;
    if (open && frames[i] - frames[last] > bridge + 1) {
      each(first, last);
      open = false;
    }
    if (!open) first = i;
    open = true;
    last = i;
  }
  if (open) each(first, last);
}

/// Signals of a stretch on the grid of its frames.
class Grid {
 public:
  Grid(const std::vector<int64_t>& frames, size_t first, size_t last, size_t signals)
      : frames_(frames), first_(first), weights_(frames[last] - frames[first] + 1, 0.) {
    values_.assign(signals, std::vector<double>(weights_.size(), 0.));
  }

  void Set(size_t i, double weight, const std::vector<double>& values) {
    weights_[At(i)] = weight;
    for (size_t k = 0; k < values.size(); ++k) values_[k][At(i)] = values[k];
  }
  void Smooth(double cutoff) {
    const double sum = std::accumulate(weights_.begin(), weights_.end(), 0.);
    const auto count = std::count_if(weights_.begin(), weights_.end(), [](double w) { return w > 0; });
    for (double& weight : weights_) weight *= static_cast<double>(count) / sum;
    values_ = SmoothZeroPhase(values_, weights_, cutoff);
  }
  double Get(size_t i, size_t signal) const { return values_[signal][At(i)]; }

 private:
  size_t At(size_t i) const { return static_cast<size_t>(frames_[i] - frames_[first_]); }

  const std::vector<int64_t>& frames_;
  size_t first_;
  std::vector<double> weights_;
  std::vector<std::vector<double>> values_;
};

}  // namespace

int64_t SmoothKeypoints(const std::vector<int64_t>& frames, const Smoothing& smoothing,
                        std::vector<Joints2d>& joints) {
  int64_t bridged = 0;
  for (size_t joint = 0; joint < kJoints; ++joint) {
    const auto smooth = [&](size_t first, size_t last) {
      if (first == last) return;
      Grid grid(frames, first, last, 2);
      for (size_t i = first; i <= last; ++i) {
        const Joints2d& at = joints[i];
        if (at.seen[joint]) grid.Set(i, at.confidence[joint], {at.px[2 * joint], at.px[2 * joint + 1]});
      }
      grid.Smooth(smoothing.cutoff);
      for (size_t i = first; i <= last; ++i) {
        bridged += !joints[i].seen[joint];
        joints[i].seen[joint] = true;
        for (size_t k = 0; k < 2; ++k) joints[i].px[2 * joint + k] = static_cast<float>(grid.Get(i, k));
      }
    };
    ForEachStretch(
        frames, smoothing.bridge, [&](size_t i) { return joints[i].seen[joint]; }, smooth);
  }
  return bridged;
}

void SmoothPoses(const std::vector<int64_t>& frames, const Smoothing& smoothing,
                 std::vector<MovingPose>& poses) {
  const auto smooth = [&](size_t first, size_t last) {
    if (first == last) return;
    std::vector<std::array<double, 2>> roots;
    for (int joint = 0; joint < kJoints; ++joint) {
      Grid grid(frames, first, last, 3);
      for (size_t i = first; i <= last; ++i) {
        const std::array<double, 2> place = PlaceInImage(poses[i], joint);
        grid.Set(i, poses[i].seen[joint] ? 1 : kGuessWeight,
                 {poses[i].joints[3 * joint + 2], place[0], place[1]});
      }
      grid.Smooth(smoothing.cutoff);
      for (size_t i = first; i <= last; ++i) {
        MovingPose& pose = poses[i];
        std::array<double, 2> place = {grid.Get(i, 1), grid.Get(i, 2)};
        if (pose.seen[joint]) place = PlaceInImage(pose, joint);
        if (joint == kRoot) {
          roots.push_back(place);
        } else {
          PutOnRay(pose, joint, place, roots[i - first], std::max(grid.Get(i, 0), 1 - kRootDepth));
        }
      }
    }
    for (size_t i = first; i <= last; ++i) poses[i].root_px = roots[i - first];
  };
  ForEachStretch(
      frames, smoothing.bridge, [](size_t) { return true; }, smooth);
}

void SmoothDirections(const std::vector<int64_t>& frames, const Smoothing& smoothing,
                      std::vector<MovingPose>& poses) {
  const auto smooth = [&](size_t first, size_t last) {
    if (first == last) return;
    const std::vector<MovingPose> before(poses.begin() + static_cast<ptrdiff_t>(first),
                                         poses.begin() + static_cast<ptrdiff_t>(last) + 1);
    for (const auto& [parent, child] : kBoneList) {
      Grid grid(frames, first, last, 3);
      const auto bone = [&, p = parent, c = child](size_t i) {
        std::vector<double> along(3);
        for (size_t k = 0; k < 3; ++k)
          along[k] = before[i - first].joints[3 * c + k] - before[i - first].joints[3 * p + k];
        return along;
      };
      for (size_t i = first; i <= last; ++i) grid.Set(i, 1, bone(i));
      grid.Smooth(smoothing.cutoff);
      for (size_t i = first; i <= last; ++i) {
        const std::vector<double> was = bone(i);
        const double length = std::hypot(was[0], was[1], was[2]);
        const double smoothed = std::hypot(grid.Get(i, 0), grid.Get(i, 1), grid.Get(i, 2));
        for (size_t k = 0; k < 3; ++k) {
          const double along = smoothed > 0 ? grid.Get(i, k) * length / smoothed : was[k];
          poses[i].joints[3 * child + k] = poses[i].joints[3 * parent + k] + static_cast<float>(along);
        }
      }
    }
  };
  ForEachStretch(
      frames, smoothing.bridge, [](size_t) { return true; }, smooth);
}

}  // namespace links
