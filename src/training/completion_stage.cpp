#include <torch/types.h>
#include <torch/utils.h>

#include "links/loss/completion_loss.h"
#include "links/network/ensemble.h"
#include "stage_makers.h"

namespace links {
namespace {

// Poses from which the standardisation is taken; the teacher has to lift them first.
constexpr int64_t kFitPoses = 16384;
// Masks drawn once for the whole stage, far more than a network could learn by heart.
constexpr int64_t kMasks = 1 << 18;

}  // namespace

Stage MakeCompletionStage(const StageData& data, Networks& networks, const PoseData&) {
  PoseLifters lifters = networks.lifters;
  Stage stage;
  stage.schedule = data.config().completion.schedule;
  {
    const torch::NoGradGuard no_grad;
    const torch::Tensor keypoints = TakePoses(data, kFitPoses);
    const torch::Tensor of_runs = RepeatForRuns(keypoints, lifters->runs());
    networks.completion->Fit(lifters->LiftMean(lifters->OfWholePose(), of_runs), keypoints);
  }
  std::vector<torch::Tensor> of_runs;
  for (const RunConfig& config : data.configs)
    of_runs.push_back(DrawMasks(kMasks, config.completion.masks, DeriveSeed(config.seed, "masks")));
  const torch::Tensor masks = torch::cat(of_runs).to(data.device);
  // Where each run's masks start, (R, 1); of a single run 0.
  const auto integers = torch::TensorOptions(torch::kInt64).device(data.device);
  const torch::Tensor first = data.configs.size() == 1
                                  ? torch::zeros({}, integers)
                                  : torch::arange(0, masks.size(0), kMasks, integers).unsqueeze(1);
  stage.loss = [loss =
                    CompletionLoss(*data.config().completion.loss, *data.config().lifters.loss, data.device),
                masks, first, lifters, completion = networks.completion](
                   const torch::Tensor& batch, const RandomStreams& streams) mutable {
    const torch::Tensor drawn = streams.Below(kMasks, batch.select(-1, 0).select(-1, 0)) + first;  // (..., B)
    const torch::Tensor seen = masks.index_select(0, drawn.flatten()).unflatten(0, drawn.sizes());
    return loss(completion, lifters, batch, seen, streams);
  };
  return stage;
}

}  // namespace links
