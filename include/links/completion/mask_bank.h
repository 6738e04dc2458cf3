#pragma once

#include <torch/types.h>

#include <cstdint>

#include "links/config/field.h"
#include "links/occlusion/pattern.h"

namespace links {

/// How often each kind of mask is drawn; the shares are relative to their sum.
struct MaskShares {
  double scenarios = 0.4;
  double single = 0.2;
  double pairs = 0.1;
  double random = 0.1;
  double detector = 0.1;
  double scattered = 0.1;

  template <class V>
  void Fields(V& v) {
    const Range share{0, 1e6};
    v("scenarios", scenarios, share, "the paper's eight scenarios, each as often");
    v("single", single, share, "one joint");
    v("pairs", pairs, share, "two joints, wherever they are");
    v("random", random, share, "U{0..3} joints, as OCR-Pose draws them");
    v("detector", detector, share, "the ends of one to three limbs, as detectors lose them");
    v("scattered", scattered, share, "every joint with one chance a pose, uniform in [0, 0.7]");
  }
};

/// Masks of the joints seen: (count, 17) bool, drawn from `seed`. At least kFewestSeen are seen; the root may
/// be missing too.
torch::Tensor DrawMasks(int64_t count, const MaskShares& shares, uint64_t seed);

}  // namespace links
