#include "links/flow/sampler.h"

#include <torch/torch.h>

namespace links {

torch::Tensor SamplePoses(PoseFlows& flows, const torch::Tensor& pose, const SamplerOptions& options) {
  const torch::NoGradGuard no_grad;
  RealNvp& flow = flows->full();
  const torch::Tensor x = flows->FullInput(pose);
  if (options.mode == "random") {
    return flows->Pose(flow->Inverse(torch::randn({x.size(0), flow->latent_dimensions()}, x.options())));
  }
  const torch::Tensor z = flow->forward(x).z;
  return flows->Pose(flow->Inverse(z + options.sigma * z * torch::randn_like(z)));
}

}  // namespace links
