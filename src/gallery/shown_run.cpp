#include "links/gallery/shown_run.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <span>

#include "links/core/error.h"
#include "links/data/missing_joints.h"
#include "links/data/virtual_camera.h"
#include "links/device/host_copy.h"
#include "links/metrics/accumulator.h"
#include "links/metrics/pose_error.h"
#include "links/run/model.h"
#include "links/run/settings.h"
#include "links/skeleton/units.h"

namespace links {
namespace {

TrainedRun Load(const std::string& path, torch::Device device) {
  TrainedRun run =
      LoadRun(RunDirectory(path), device, {kFullFlow, kLifters, kFiller3d, kFiller2d, kCompletion});
  UseSettings(run.config);
  return run;
}

double MeanOver(const JointErrors& errors) {
  double sum = 0;
  for (const double error : errors) sum += error;
  return sum / kJoints;
}

}  // namespace

ShownRun::ShownRun(const std::string& run, torch::Device device)
    : path_(FindRun(run)), device_(device), run_(Load(path_, device)) {}

NamedLifting ShownRun::Lift(const PoseData& poses, const std::string& name) {
  if (!run_.has_lifters) throw Error("expected trained lifters in '", path_, "', found only flows");
  const Normalisation own = Normalisation::Of(poses);
  const double mm_per_unit =
      run_.normalisation.mm_per_unit > 0 ? run_.normalisation.mm_per_unit : own.mm_per_unit;
  NamedLifting lifted = LiftNamed(run_.networks.lifters, run_.has_fillers ? &run_.networks.fillers : nullptr,
                                  run_.has_completion ? &run_.networks.completion : nullptr,
                                  ParseLiftingName(name), run_.normalisation.Keypoints(poses).to(device_));
  lifted.joints = (lifted.joints * mm_per_unit).contiguous();
  lifted.seen = lifted.seen.contiguous();
  return lifted;
}

bool ShownRun::Has(const std::string& name) {
  const LiftingName wanted = ParseLiftingName(name);
  if (!run_.has_lifters) return false;
  if (wanted.filler == "none") {
    for (const Composition& composition : {LegsTorso(), LeftCore(), RightCore(), FullPose()}) {
      if (composition.name == wanted.composition) return run_.networks.lifters->Has(composition);
    }
    return true;
  }
  if (!run_.networks.lifters->Has(LegsTorso())) return false;
  if (wanted.filler == "mask") return run_.has_completion;
  if (!run_.has_fillers) return false;
  for (const Scenario& scenario : run_.networks.fillers->scenarios()) {
    if (scenario.name == wanted.scenario)
      return wanted.filler == "o2d" || run_.networks.lifters->Has(scenario.visible);
  }
  return false;
}

std::vector<float> ShownRun::Pixels(const torch::Tensor& poses) const {
  return Floats(ToPixels(poses, run_.normalisation.head_root_px));
}

PoseData ShownRun::AsPoseFile(const torch::Tensor& poses) const {
  PoseData file;
  file.keypoints_2d = Pixels(poses);
  for (float& px : file.keypoints_2d) px += static_cast<float>(VirtualCamera().centre_px);
  file.joints = run_.normalisation.joints;
  return file;
}

torch::Tensor ShownRun::StartingPoses(int64_t count, const PoseData* given) const {
  PoseData training;
  if (!given) {
    training = ReadPoseFiles(run_.config.data.training, run_.config.data.training_selection);
    DropIncomplete(training, "training poses");
    given = &training;
  }
  const torch::Tensor poses = run_.normalisation.Keypoints(*given);
  const torch::Tensor rows =
      torch::arange(count, torch::kInt64) * std::max<int64_t>(1, poses.size(0) / count);
  return poses.index_select(0, rows.remainder(poses.size(0))).to(device_);
}

PoseFlows& ShownRun::Flows() {
  if (!run_.has_flows) throw Error("expected a trained full-pose flow in '", path_, "', found none");
  return run_.networks.flows;
}

std::string ShownRun::Name() const {
  return RunName(run_.config, path_);
}

PoseScores ScorePoses(const torch::Tensor& predicted, const torch::Tensor& truth) {
  const torch::Tensor p = predicted.to(torch::kFloat32).contiguous();
  const torch::Tensor g = truth.to(torch::kFloat32).contiguous();
  constexpr int64_t kNumbers = 3 * kJoints;
  if (p.numel() != g.numel() || p.numel() % kNumbers != 0)
    throw Error("expected as many predicted poses as true ones, found ", p.numel(), " and ", g.numel(),
                " numbers");
  PoseScores scores;
  for (int64_t i = 0; i < p.numel() / kNumbers; ++i) {
    const auto errors =
        MeasurePose(std::span<const float, kNumbers>(p.data_ptr<float>() + i * kNumbers, kNumbers),
                    std::span<const float, kNumbers>(g.data_ptr<float>() + i * kNumbers, kNumbers));
    scores.pa_mpjpe.push_back(errors ? MeanOver(errors->procrustes) : kAbsent);
    scores.pa_mpjpe_reflection.push_back(errors ? MeanOver(errors->procrustes_reflection) : kAbsent);
    scores.n_mpjpe.push_back(errors ? MeanOver(errors->norm_scale) : kAbsent);
  }
  return scores;
}

}  // namespace links
