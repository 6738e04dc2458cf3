#include "links/completion/mask_bank.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "links/core/error.h"
#include "links/core/random.h"
#include "links/occlusion/scenario.h"

namespace links {
namespace {

using Mask = std::array<bool, kJoints>;  // true = seen

// From the end inwards, as limbs leave the picture or hide behind the body.
const std::vector<std::vector<int>>& Limbs() {
  static const std::vector<std::vector<int>> limbs = {
      {kLWrist, kLElbow, kLShoulder}, {kRWrist, kRElbow, kRShoulder}, {kLAnkle, kLKnee, kLHip},
      {kRAnkle, kRKnee, kRHip},       {kHeadTop, kHead, kThorax},     {kHip, kSpine}};
  return limbs;
}

void Hide(Mask& mask, int joint) {
  mask[joint] = false;
}

// Hides `count` different joints, any of the 17.
void HideAny(Mask& mask, int count, Random& random) {
  std::array<int, kJoints> joints;
  std::iota(joints.begin(), joints.end(), 0);
  for (int i = 0; i < count; ++i) {
    std::swap(joints[i], joints[i + random.Index(kJoints - i)]);
    Hide(mask, joints[i]);
  }
}

void HideScattered(Mask& mask, Random& random) {
  const double chance = random.Uniform(0, 0.7);
  for (int joint = 0; joint < kJoints; ++joint) {
    if (random.Chance(chance)) Hide(mask, joint);
  }
}

void HideLimbEnds(Mask& mask, Random& random) {
  const int limbs = 1 + random.Index(3);
  for (int i = 0; i < limbs; ++i) {
    const std::vector<int>& limb = Limbs()[random.Index(static_cast<int>(Limbs().size()))];
    const int length = 1 + random.Index(static_cast<int>(limb.size()));
    for (int k = 0; k < length; ++k) Hide(mask, limb[k]);
  }
}

void HideKind(int kind, Mask& mask, Random& random) {
  switch (kind) {
    case 0:
      for (int joint : Scenarios()[random.Index(static_cast<int>(Scenarios().size()))].missing)
        Hide(mask, joint);
      break;
    case 1:
      return HideAny(mask, 1, random);
    case 2:
      return HideAny(mask, 2, random);
    case 3:
      return HideAny(mask, random.Index(4), random);
    case 4:
      return HideLimbEnds(mask, random);
    default:
      return HideScattered(mask, random);
  }
}

}  // namespace

torch::Tensor DrawMasks(int64_t count, const MaskShares& shares, uint64_t seed) {
  const std::array<double, 6> weights = {shares.scenarios, shares.single,   shares.pairs,
                                         shares.random,    shares.detector, shares.scattered};
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!(sum > 0)) throw UsageError("expected a share of masks above 0, found all of them 0");
  Random random(seed);
  torch::Tensor masks = torch::ones({count, kJoints}, torch::kBool);
  bool* out = masks.data_ptr<bool>();
  for (int64_t row = 0; row < count; ++row) {
    double left = random.Uniform(0, sum);
    int kind = 0;
    while (kind < 5 && left >= weights[kind]) left -= weights[kind++];
    Mask mask;
    do {
      mask.fill(true);
      HideKind(kind, mask, random);
    } while (std::count(mask.begin(), mask.end(), true) < kFewestSeen);
    std::copy(mask.begin(), mask.end(), out + row * kJoints);
  }
  return masks;
}

}  // namespace links
