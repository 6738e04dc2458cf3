#include "side_swaps.h"

#include <algorithm>
#include <cmath>

#include "track_linker.h"

namespace links {
namespace {

constexpr int64_t kRemembered = 10;  // frames
constexpr double kNearer = .5;       // the exchanged sides must be so much nearer to the frame before
constexpr double kFar = .04;         // of the body's diagonal: how far the sides must be from where they were
constexpr std::pair<int, int> kArms[] = {{kLShoulder, kRShoulder}, {kLElbow, kRElbow}, {kLWrist, kRWrist}};
constexpr std::pair<int, int> kLegs[] = {{kLHip, kRHip}, {kLKnee, kRKnee}, {kLAnkle, kRAnkle}};

double Distance(const Joints2d& a, int i, const Joints2d& b, int j) {
  return std::hypot(a.px[2 * i] - b.px[2 * j], a.px[2 * i + 1] - b.px[2 * j + 1]);
}

void Exchange(Joints2d& joints, int left, int right) {
  std::swap(joints.px[2 * left], joints.px[2 * right]);
  std::swap(joints.px[2 * left + 1], joints.px[2 * right + 1]);
  std::swap(joints.confidence[left], joints.confidence[right]);
  const bool seen = joints.seen[left];
  joints.seen[left] = joints.seen[right];
  joints.seen[right] = seen;
}

/// Whether the limbs fit the frame before only with their sides exchanged.
bool IsExchanged(const Joints2d& before, const Joints2d& now, const std::pair<int, int> (&limb)[3],
                 double size_px) {
  double same = 0, exchanged = 0;
  int count = 0;
  for (const auto& [left, right] : limb) {
    if (!before.seen[left] || !before.seen[right] || !now.seen[left] || !now.seen[right]) continue;
    same += Distance(before, left, now, left) + Distance(before, right, now, right);
    exchanged += Distance(before, left, now, right) + Distance(before, right, now, left);
    count += 2;
  }
  return count >= 4 && same / count > kFar * size_px && exchanged < kNearer * same;
}

}  // namespace

void SideSwaps::Fix(DetectedPerson& person, int64_t frame) {
  if (frame != frame_) {
    std::erase_if(tracks_, [&](const auto& track) { return frame - track.second.frame > kRemembered; });
    frame_ = frame;
  }
  if (person.track.empty()) return;
  const auto [place, fresh] = tracks_.try_emplace(person.track);
  Track& track = place->second;
  const double size = BodySize(person);
  bool changed = false;
  for (int i = 0; i < 2 && !fresh; ++i) {
    const auto& limb = i == 0 ? kArms : kLegs;
    if (!IsExchanged(track.joints, person, limb, std::max(size, track.size_px))) {
      track.in_a_row[i] = 0;
      continue;
    }
    if (++track.in_a_row[i] > kGiveIn) {
      track.in_a_row[i] = 0;
      continue;
    }
    for (const auto& [left, right] : limb) Exchange(person, left, right);
    changed = true;
  }
  fixed_ += changed ? 1 : 0;
  for (int joint = 0; joint < kJoints; ++joint) {
    if (!person.seen[joint]) continue;
    track.joints.seen[joint] = true;
    for (int k = 0; k < 2; ++k) track.joints.px[2 * joint + k] = person.px[2 * joint + k];
  }
  track.size_px = size;
  track.frame = frame;
}

}  // namespace links
