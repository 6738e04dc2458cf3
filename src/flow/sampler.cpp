#include "links/flow/sampler.h"

#include <torch/types.h>
#include <torch/utils.h>

namespace links {

// Eq. 3.
torch::Tensor SamplePoses(PoseFlows& flows, const torch::Tensor& pose, const SamplerOptions& options,
                          const RandomStreams& streams) {
  const torch::NoGradGuard no_grad;
  RealNvp& flow = flows->full();
  const torch::Tensor x = flows->FullInput(pose).unsqueeze(0);  // (1, ..., B, D)
  const bool random = options.mode == SamplerMode::kRandom;
  const torch::Tensor z = random ? x.narrow(-1, 0, flow->latent_dimensions()) : flow->forward(x).z;
  const torch::Tensor noise = streams.Normal(z, 1);
  return flows->Pose(flow->Inverse(random ? noise : z + options.sigma * z * noise).squeeze(0));
}

}  // namespace links
