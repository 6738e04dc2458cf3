#include "links/sweep/replay.h"

#include <ATen/Context.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "links/core/error.h"
#include "links/device/host_copy.h"
#include "links/flow/sampler.h"
#include "links/gallery/shown_run.h"
#include "links/skeleton/units.h"

namespace links {
namespace {

constexpr int64_t kChunk = 4096;
// Depths at which a joint is surely in front of the camera, units from the root.
constexpr double kMostDepth = 0.9 * kRootDepth;

// (N, 17, 2) in units and (N, 17, 3), root-centred in units, of which none is off.
struct Drawn {
  torch::Tensor keypoints, joints;
};

Drawn Draw(ShownRun& run, int64_t count) {
  const torch::NoGradGuard no_grad;
  const SamplerOptions prior = {.mode = SamplerMode::kRandom};
  PoseFlows& flows = run.Flows();
  PoseLifters& lifters = run.trained().networks.lifters;
  std::vector<torch::Tensor> keypoints, joints;
  for (int64_t first = 0; first < count; first += kChunk) {
    const torch::Tensor start = torch::zeros({std::min(kChunk, count - first), kJoints, 2}, run.device());
    const torch::Tensor drawn = SamplePoses(flows, start, prior);
    const torch::Tensor lifted = lifters->LiftMean(lifters->OfWholePose(), drawn);
    const torch::Tensor kept = lifted.select(-1, 2).abs().amax(1) < kMostDepth;  // false where it is NaN
    keypoints.push_back(drawn.index({kept}).cpu());
    joints.push_back(lifted.index({kept}).cpu());
  }
  return {torch::cat(keypoints), torch::cat(joints)};
}

}  // namespace

PoseData ReplayPoses(const std::string& run, int64_t count, uint64_t seed, torch::Device device) {
  ShownRun shown(run, device);
  if (!shown.trained().has_lifters)
    throw Error("expected a run with lifters to draw poses from, found '", run, "' without them");
  torch::manual_seed(seed);
  const Drawn drawn = Draw(shown, count);
  if (2 * drawn.keypoints.size(0) < count)
    throw Error("expected poses in front of the camera from the flow and the lifters of '", run, "', found ",
                drawn.keypoints.size(0), " of ", count, ": name a pose file with --mix");
  PoseData poses = shown.AsPoseFile(drawn.keypoints);
  if (const double mm = shown.trained().normalisation.mm_per_unit; mm > 0)
    poses.joints_3d = Floats((drawn.joints + torch::tensor({0., 0., kRootDepth})) * mm);
  poses.source = Concat("drawn from the full-pose flow of ", run, " and lifted by it, seed ", seed);
  return poses;
}

}  // namespace links
