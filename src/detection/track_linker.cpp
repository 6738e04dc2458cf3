#include "track_linker.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "assignment.h"
#include "links/core/error.h"

namespace links {
namespace {

// In diagonals of the body's box.
constexpr double kMostMoved = .25;  // of a joint on average, from one frame to the next
constexpr double kMoreAFrame = .03, kMostInAll = .8;
constexpr double kSizeWeight = .3;  // of the logarithm of the sizes' ratio
constexpr double kNever = 1e3;
constexpr int64_t kPredicted = 5;  // frames for which a person is taken to walk on
constexpr int kEnoughJoints = 9;   // for the size to say who it is
constexpr size_t kMostTracks = 2000;

double MostMoved(int64_t gap) {
  return std::min(kMostInAll, kMostMoved + kMoreAFrame * static_cast<double>(gap - 1));
}

int Count(const Joints2d& joints) {
  return static_cast<int>(std::count(joints.seen.begin(), joints.seen.end(), true));
}

}  // namespace

double BodySize(const Joints2d& joints) {
  double low[2] = {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  double high[2] = {-low[0], -low[1]};
  for (int joint = 0; joint < kJoints; ++joint) {
    if (!joints.seen[joint]) continue;
    for (int k = 0; k < 2; ++k) {
      low[k] = std::min<double>(low[k], joints.px[2 * joint + k]);
      high[k] = std::max<double>(high[k], joints.px[2 * joint + k]);
    }
  }
  return high[0] < low[0] ? 0 : std::hypot(high[0] - low[0], high[1] - low[1]);
}

/// How far the joints seen in both are apart, in diagonals; sides may be swapped for this.
double TrackLinker::Cost(const Track& track, const DetectedPerson& person, double size_px, int64_t gap) {
  const double ahead = static_cast<double>(std::min(gap, kPredicted));
  const double size = std::max(track.size_px, size_px);
  double sum = 0;
  int count = 0;
  for (int joint = 0; joint < kJoints; ++joint) {
    if (!person.seen[joint] || !track.joints.seen[joint]) continue;
    sum += std::hypot(person.px[2 * joint] - track.joints.px[2 * joint] - ahead * track.step_px[0],
                      person.px[2 * joint + 1] - track.joints.px[2 * joint + 1] - ahead * track.step_px[1]);
    ++count;
  }
  if (count == 0 || !(size > 0)) return kNever;
  double cost = sum / count / size;
  if (cost > MostMoved(gap)) return kNever;
  if (size_px > 0 && Count(person) >= kEnoughJoints && Count(track.joints) >= kEnoughJoints) {
    cost += kSizeWeight * std::abs(std::log(size_px / track.size_px));
  }
  return cost;
}

void TrackLinker::Update(Track& track, const DetectedPerson& person, double size_px, int64_t frame) {
  double step[2] = {0, 0};
  int count = 0;
  for (int joint = 0; joint < kJoints; ++joint) {
    if (!person.seen[joint]) continue;
    for (int k = 0; k < 2 && track.joints.seen[joint]; ++k)
      step[k] += person.px[2 * joint + k] - track.joints.px[2 * joint + k];
    count += track.joints.seen[joint] ? 1 : 0;
    track.joints.seen[joint] = true;
    for (int k = 0; k < 2; ++k) track.joints.px[2 * joint + k] = person.px[2 * joint + k];
  }
  const auto gap = static_cast<double>(frame - track.frame);
  for (int k = 0; k < 2; ++k) {
    track.step_px[k] =
        count > 0 && gap <= kPredicted ? .5 * track.step_px[k] + .5 * step[k] / count / gap : 0;
  }
  // Joints that are not seen go with the others, or they would hold the person back.
  for (int joint = 0; joint < kJoints && count > 0; ++joint) {
    if (person.seen[joint] || !track.joints.seen[joint]) continue;
    for (int k = 0; k < 2; ++k) track.joints.px[2 * joint + k] += static_cast<float>(step[k] / count);
  }
  track.size_px = std::max(size_px, .97 * track.size_px);
  track.frame = frame;
}

void TrackLinker::Link(std::vector<DetectedPerson>& people, int64_t frame) {
  std::erase_if(tracks_, [&](const Track& track) { return frame - track.frame > kBridge; });
  std::vector<DetectedPerson*> open;
  for (DetectedPerson& person : people) {
    if (person.track.empty() && Count(person) > 0) open.push_back(&person);
  }
  const auto rows = static_cast<int>(open.size()), columns = static_cast<int>(tracks_.size());
  std::vector<double> sizes, costs(static_cast<size_t>(rows) * columns);
  for (int i = 0; i < rows; ++i) {
    sizes.push_back(BodySize(*open[i]));
    for (int j = 0; j < columns; ++j)
      costs[i * columns + j] = Cost(tracks_[j], *open[i], sizes[i], frame - tracks_[j].frame);
  }
  const std::vector<int> track_of = Assign(costs, rows, columns);
  for (int i = 0; i < rows; ++i) {
    int track = track_of[i];
    if (track < 0 || costs[i * columns + track] >= kNever) {
      track = static_cast<int>(tracks_.size());
      tracks_.push_back({Concat(prefix_, ++made_), {}, {}, 0, frame - 1});
    }
    Update(tracks_[track], *open[i], sizes[i], frame);
    open[i]->track = tracks_[track].name;
  }
  // A crowd that changes with every frame must not make the next one slow.
  if (tracks_.size() > kMostTracks) tracks_.erase(tracks_.begin(), tracks_.end() - kMostTracks);
}

}  // namespace links
