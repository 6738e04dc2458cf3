#include "links/inference/body_height.h"

#include <cmath>

namespace links {
namespace {

double BoneLength(const Joints3& joints, int a, int b) {
  return std::hypot(joints[3 * a] - joints[3 * b], joints[3 * a + 1] - joints[3 * b + 1],
                    joints[3 * a + 2] - joints[3 * b + 2]);
}

}  // namespace

double UnrolledLength(const Joints3& joints) {
  double legs = 0;
  for (int hip : {kRHip, kLHip})
    legs += BoneLength(joints, hip, hip + 1) + BoneLength(joints, hip + 1, hip + 2);
  double spine = 0;
  for (int joint : {kSpine, kThorax, kHead, kHeadTop}) {
    spine += BoneLength(joints, joint == kSpine ? static_cast<int>(kRoot) : joint - 1, joint);
  }
  return legs / 2 + spine;
}

double BodyHeights::MmPerUnit(const std::string& track, int64_t frame, const Joints3& joints) {
  if (track.empty()) return links::MmPerUnit(height_mm_, UnrolledLength(joints));
  Track& memory = tracks_.At(track, frame);
  memory.lengths.Add(UnrolledLength(joints), 1);
  return memory.mm_per_unit.Follow(links::MmPerUnit(height_mm_, memory.lengths.Mean()), frame);
}

}  // namespace links
