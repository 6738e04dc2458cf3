#include "score_run.h"

#include <torch/types.h>

#include <cmath>
#include <utility>

#include "links/core/error.h"
#include "links/device/device.h"
#include "links/evaluation/breakdown.h"
#include "links/evaluation/named_lifting.h"
#include "links/evaluation/occlusion_evaluation.h"
#include "links/run/settings.h"
#include "links/run/trained_run.h"

namespace links {
namespace {

// The run on its device. What the process computes with is set here, before any network works.
TrainedRun Open(const ScoringRequest& request, torch::Device device) {
  KeepFreedMemory();
  TrainedRun run =
      LoadRun(RunDirectory(request.run), device, {kFullFlow, kLifters, kFiller3d, kFiller2d, kCompletion});
  UseSettings(run.config);
  if (!run.has_lifters) throw Error("expected trained lifters in '", request.run, "', found only flows");
  return run;
}

RunIdentity Identity(const RunConfig& config, const std::string& folder) {
  return {RunName(config, folder), config.seed, RunDirectory(folder).Key()};
}

// The constants that make poses what the networks take, and what is said about them.
struct Units {
  Normalisation constants;
  double mm_per_unit;
  Report::Notes notes;
};

Units ChooseUnits(const ScoringRequest& request, const Normalisation& training, const PoseData& poses) {
  const Normalisation own = Normalisation::Of(poses);
  const bool from_training = request.normalisation == "training";
  const Normalisation& constants = from_training ? training : own;
  // 3D of the training set gives the size of a unit; without it the evaluated set does.
  const bool unit_from_training = from_training && constants.mm_per_unit > 0;
  const double mm_per_unit = unit_from_training ? constants.mm_per_unit : own.mm_per_unit;
  return {constants,
          mm_per_unit,
          {{"scale", constants.scale == ScaleOf::kPerson   ? "each person's own (data.scale: person)"
                     : constants.scale == ScaleOf::kSource ? "each file's own (data.scale: source)"
                                                           : "one constant for all poses"},
           {"normalisation", Concat(constants.head_root_px, " px head-root distance, from the ",
                                    from_training ? "training set" : "evaluated poses",
                                    " (evaluated poses: ", own.head_root_px, " px)")},
           {"unit for MPJPE, PCK",
            Concat(mm_per_unit, " mm, from the ", unit_from_training ? "training set" : "evaluated poses")}}};
}

std::vector<Result> ScoreNetworks(const ScoringRequest& request, TrainedRun& run,
                                  const torch::Tensor& keypoints, const GroundTruth& truth,
                                  const GroundTruth& of_lifting, double mm_per_unit) {
  const OcclusionRequest occlusion = ParseOcclusion(request.occlusion);
  PoseLifters& lifters = run.networks.lifters;
  Fillers* fillers = run.has_fillers ? &run.networks.fillers : nullptr;
  Completion* completion = run.has_completion ? &run.networks.completion : nullptr;
  if (!occlusion.paper && !completion) {
    throw Error("expected a run with the stage completion for --occlusion ", request.occlusion, ", found '",
                request.run, "' without: links train --stage completion --resume");
  }
  std::vector<Result> results =
      EvaluateRun(lifters, occlusion.paper ? fillers : nullptr, occlusion.paper ? completion : nullptr,
                  keypoints, truth, mm_per_unit, &of_lifting);
  std::vector<Result> more;
  if (!occlusion.patterns.empty()) {
    more = EvaluatePatterns(lifters, fillers, *completion, occlusion.patterns, keypoints, truth, mm_per_unit);
  } else if (completion && occlusion.most >= 0 && lifters->Has(LegsTorso())) {
    more = EvaluateRandom(lifters, *completion, occlusion.fewest, occlusion.most, kOcclusionSeed, keypoints,
                          truth, mm_per_unit);
  }
  results.insert(results.end(), more.begin(), more.end());
  return results;
}

// What the figures of lifting are split by beside the protocol's groups: what errors go with.
GroundTruth WithBreakdown(const ScoringRequest& request, TrainedRun& run, const torch::Tensor& keypoints,
                          const PoseData& poses) {
  std::vector<Grouping> groupings = Protocol(request.protocol).Groupings(poses);
  groupings.push_back(ByAzimuth(RootCentredJoints(poses)));
  if (run.has_flows) groupings.push_back(ByLikelihood(LikelihoodsOf(run.networks.flows, keypoints)));
  return GroundTruth(poses, std::move(groupings));
}

// The lifted poses as a pose file: 3D in mm around the true root, so that it can be drawn and scored again;
// hidden joints have no keypoints.
void WriteLifted(const ScoringRequest& request, TrainedRun& run, const torch::Tensor& keypoints,
                 double mm_per_unit, PoseData poses) {
  const NamedLifting lifted =
      LiftNamed(run.networks.lifters, run.has_fillers ? &run.networks.fillers : nullptr,
                run.has_completion ? &run.networks.completion : nullptr,
                ParseLiftingName(request.composition), keypoints);
  const torch::Tensor truth =
      torch::from_blob(poses.joints_3d.data(), {poses.size(), kJoints, 3}, torch::kFloat32);
  const torch::Tensor joints = (lifted.joints * mm_per_unit + truth.narrow(1, kRoot, 1)).contiguous();
  poses.joints_3d.assign(joints.data_ptr<float>(), joints.data_ptr<float>() + joints.numel());
  const torch::Tensor seen = lifted.seen.contiguous();
  const bool* flags = seen.data_ptr<bool>();
  for (int64_t i = 0; i < seen.numel(); ++i) {
    if (flags[i]) continue;
    poses.keypoints_2d[2 * i] = poses.keypoints_2d[2 * i + 1] = std::nanf("");
    if (!poses.confidence.empty()) poses.confidence[i] = 0;
  }
  poses.source = "lifted by links, " + request.composition + ", from: " + poses.source;
  WritePoseFile(request.lifted_file, poses, Joints3d::kPrediction);
}

}  // namespace

Report ScoreRun(const ScoringRequest& request, const PoseData& poses, const GroundTruth& truth) {
  const torch::Device device = SelectDevice(request.device);
  TrainedRun run = Open(request, device);
  Units units = ChooseUnits(request, run.normalisation, poses);
  const torch::Tensor keypoints = units.constants.Keypoints(poses).to(device);
  WarnOfOtherJoints(run.normalisation.joints, "the run's", poses.joints, "those of the evaluated poses");
  Report report;
  report.run = Identity(run.config, request.run);
  report.settings = {
      {"run", request.run},
      {"device", DeviceName(device)},
      {"precision", PrecisionName(run.config.precision)},
      {"supervision", run.config.lifters.supervision == Supervision::kNone ? "unsupervised" : "supervised"}};
  for (auto& note : units.notes) report.settings.push_back(std::move(note));
  report.results = ScoreNetworks(request, run, keypoints, truth,
                                 WithBreakdown(request, run, keypoints, poses), units.mm_per_unit);
  if (!request.lifted_file.empty()) {
    WriteLifted(request, run, keypoints, units.mm_per_unit, poses);
  }
  return report;
}

}  // namespace links
