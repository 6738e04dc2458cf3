#include "links/flow/sampler.h"

#include <torch/torch.h>

namespace links {

// Eq. 3.
torch::Tensor SamplePoses(PoseFlows& flows, const torch::Tensor& pose, const SamplerOptions& options,
                          const RandomStreams& streams) {
  const torch::NoGradGuard no_grad;
  RealNvp& flow = flows->full();
  const torch::Tensor x = flows->FullInput(pose).unflatten(0, {flows->runs(), -1});
  const bool random = options.mode == "random";
  const torch::Tensor z = random
                              ? torch::empty({x.size(0), x.size(1), flow->latent_dimensions()}, x.options())
                              : flow->forward(x).z;
  const torch::Tensor noise = streams.Normal(z);
  return flows->Pose(flow->Inverse(random ? noise : z + options.sigma * z * noise).flatten(0, 1));
}

}  // namespace links
