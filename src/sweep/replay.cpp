#include "links/sweep/replay.h"

#include <ATen/Context.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "links/core/error.h"
#include "links/data/virtual_camera.h"
#include "links/flow/sampler.h"
#include "links/run/settings.h"
#include "links/run/trained_run.h"
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

Drawn Draw(TrainedRun& run, int64_t count, torch::Device device) {
  const torch::NoGradGuard no_grad;
  const SamplerOptions prior = {.mode = SamplerMode::kRandom};
  PoseLifters& lifters = run.networks.lifters;
  std::vector<torch::Tensor> keypoints, joints;
  for (int64_t first = 0; first < count; first += kChunk) {
    const torch::Tensor start = torch::zeros({std::min(kChunk, count - first), kJoints, 2}, device);
    const torch::Tensor drawn = SamplePoses(run.networks.flows, start, prior);
    const torch::Tensor lifted = lifters->LiftMean(lifters->OfWholePose(), drawn);
    const torch::Tensor kept = lifted.select(-1, 2).abs().amax(1) < kMostDepth;  // false where it is NaN
    keypoints.push_back(drawn.index({kept}).cpu());
    joints.push_back(lifted.index({kept}).cpu());
  }
  return {torch::cat(keypoints), torch::cat(joints)};
}

std::vector<float> Numbers(const torch::Tensor& values) {
  const torch::Tensor flat = values.to(torch::kFloat32).contiguous();
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

}  // namespace

PoseData ReplayPoses(const std::string& run, int64_t count, uint64_t seed, torch::Device device) {
  TrainedRun trained = LoadRun(RunDirectory(run), device, {kFullFlow, kLifters});
  if (!trained.has_flows || !trained.has_lifters)
    throw Error("expected a run with a full-pose flow and lifters to draw poses from, found '", run,
                "' without them");
  UseSettings(trained.config);
  torch::manual_seed(seed);
  const Drawn drawn = Draw(trained, count, device);
  if (2 * drawn.keypoints.size(0) < count)
    throw Error("expected poses in front of the camera from the flow and the lifters of '", run, "', found ",
                drawn.keypoints.size(0), " of ", count, ": name a pose file with --mix");
  PoseData poses;
  // A root at (0, 0) would be a joint that was not seen.
  poses.keypoints_2d =
      Numbers(ToPixels(drawn.keypoints, trained.normalisation.head_root_px) + VirtualCamera().centre_px);
  const double mm = trained.normalisation.mm_per_unit;
  if (mm > 0) {
    const torch::Tensor root = torch::tensor({0., 0., kRootDepth});
    poses.joints_3d = Numbers((drawn.joints + root) * mm);
  }
  poses.joints = trained.normalisation.joints;
  poses.source = Concat("drawn from the full-pose flow of ", run, " and lifted by it, seed ", seed);
  return poses;
}

}  // namespace links
