#pragma once

#include <torch/types.h>

#include "links/config/field.h"
#include "links/dataset/random_streams.h"
#include "links/flow/pose_flows.h"

namespace links {

/// Latents near a real pose's (eq. 3), or from the prior (figure 2).
enum class SamplerMode { kLatentNoise, kRandom };

struct SamplerOptions {
  SamplerMode mode = SamplerMode::kLatentNoise;
  double sigma = 0.2;

  template <class V>
  void Fields(V& v) {
    v("mode", mode, Choice{{"latent_noise", "random"}},
      "latent_noise: near a real pose (eq. 3); random: from the latent's prior (figure 2)");
    v("sigma", sigma, Range{0, 10}, "deviation of the latent noise, as a share of each latent value");
  }
};

/// Eq. 3: new 2D poses from the full-pose flow, without gradient, one for each pose given (random: as many).
/// pose: (..., B, 17, 2) normalised -> (..., B, 17, 2), root at (0, 0). "..." is R of an ensemble.
torch::Tensor SamplePoses(PoseFlows& flows, const torch::Tensor& pose, const SamplerOptions& options,
                          const RandomStreams& streams = {});

}  // namespace links
