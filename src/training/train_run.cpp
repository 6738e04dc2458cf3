#include "links/training/train_run.h"

#include <torch/torch.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "links/config/config.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/loss/pose_terms.h"
#include "links/training/checkpoint.h"
#include "links/training/device.h"
#include "stages.h"

namespace links {
namespace {

// The modules of a stage under the names that its checkpoint uses.
NamedTensors StageTensors(const std::string& stage, Networks& networks) {
  Stage parts;
  parts.modules = stage == "full_flow"       ? FullFlowModules(networks)
                  : stage == "segment_flows" ? SegmentFlowModules(networks)
                  : stage == "lifters"       ? LifterModules(networks)
                  : stage == "occlusion"     ? FillerModules(networks)
                                             : CompletionModules(networks);
  NamedTensors all;
  for (const auto& [name, tensor] : parts.State()) all.emplace_back("networks." + name, tensor);
  return all;
}

// The poses where batches are drawn from: on the device, or on the host when they are too many for it.
torch::Tensor Place(const torch::Tensor& poses, const std::string& placement, torch::Device device) {
  const auto bytes = static_cast<int64_t>(poses.nbytes());
  const bool host =
      placement == "host" || (placement == "auto" && device.is_cuda() && 2 * bytes > FreeMemory(device));
  if (host && !device.is_cpu())
    LogInfo(Concat("training poses stay on the host, ", bytes >> 20, " MiB, batches are staged from there"));
  return host ? poses : poses.to(device);
}

// Loads a stage's networks; nothing when it has no finished checkpoint.
std::optional<CheckpointHeader> LoadFinished(const RunDirectory& directory, const std::string& stage,
                                             Networks& networks) {
  const std::string path = directory.CheckpointPath(stage);
  if (!std::filesystem::exists(path) || !ReadCheckpointHeader(path).position.finished) return std::nullopt;
  return ReadCheckpoint(path, StageTensors(stage, networks));
}

bool Wanted(const std::string& stage, const std::vector<std::string>& what) {
  return std::any_of(what.begin(), what.end(), [&](const std::string& name) {
    return name == "all" || name == stage ||
           (name == "flows" && (stage == "full_flow" || stage == "segment_flows"));
  });
}

// Whether the run has use for a stage at all.
bool HasStage(const RunConfig& config, const std::string& stage) {
  const bool unsupervised = config.lifters.supervision == "none";
  if (stage == "full_flow") return unsupervised;
  return stage != "segment_flows" || (unsupervised && !config.flows.segments.empty());
}

// What makes two runs train the same flows, but for the seed.
std::string FlowKey(const RunConfig& config) {
  RunConfig flows;
  flows.flows = config.flows;
  flows.flows.from.clear();
  flows.include_root = config.include_root;
  flows.sampler = config.sampler;
  flows.data.training = config.data.training;
  flows.data.training_selection = config.data.training_selection;
  return WriteConfig(flows);
}

// Takes the finished flows of another run (flows.from) where this one has none yet.
void AdoptFlows(const RunContext& run, const std::string& stage) {
  const std::string& from = run.data.config.flows.from;
  const std::string path = run.directory.CheckpointPath(stage);
  if (from.empty() || std::filesystem::exists(path)) return;
  const RunDirectory source(from);
  if (FlowKey(source.ReadStoredConfig()) != FlowKey(run.data.config)) {
    throw UsageError(
        "flows.from: expected a run with the same flow options and training poses, found another in '", from,
        "'");
  }
  const std::string found = source.CheckpointPath(stage);
  if (!std::filesystem::exists(found) || !ReadCheckpointHeader(found).position.finished) {
    throw UsageError("flows.from: expected the stage ", stage, " to be finished in '", from,
                     "', found it is not");
  }
  WriteFileAtomically(path, ReadFile(found));
  LogInfo(Concat("stage ", stage, ": taken from ", from));
}

// Fillers and completion need the lifters of every scenario: said before hours of training, not after.
void CheckGroups(const std::vector<std::string>& groups) {
  for (const char* needed : {"legs_torso", "left_right"}) {
    if (std::find(groups.begin(), groups.end(), needed) == groups.end()) {
      throw UsageError("lifters.groups: expected ", needed,
                       " among them for the stages occlusion and completion, found none: leave them out with "
                       "--stage flows and "
                       "--stage lifters");
    }
  }
}

// Metrics later than a stage's checkpoint will be written again.
void RewindMetrics(const RunDirectory& directory) {
  std::map<std::string, int64_t> epochs;  // of each stage's checkpoint, opened once
  for (const std::string& stage : StageNames()) {
    const std::string path = directory.CheckpointPath(stage);
    if (std::filesystem::exists(path)) epochs[stage] = ReadCheckpointHeader(path).position.epoch;
  }
  MetricLog::Rewind(directory.path(), [&](const std::string& stage, int64_t epoch) {
    const auto found = epochs.find(stage);
    return found != epochs.end() && epoch <= found->second;
  });
}

PoseData ReadValidation(const DataOptions& options) {
  if (options.validation.empty()) return {};
  PoseData poses = ReadPoseFiles(options.validation, options.validation_selection);
  if (poses.joints_3d.empty()) {
    throw Error("expected data.validation to name pose files with joints_3d, found a file without");
  }
  return poses;
}

}  // namespace

const std::vector<std::string>& StageNames() {
  static const std::vector<std::string> names = {"full_flow", "segment_flows", "lifters", "occlusion",
                                                 "completion"};
  return names;
}

torch::Tensor BoneRatios(const DataOptions& options, const PoseData& training) {
  if (options.bone_ratios == "human36m") {
    return torch::tensor(std::vector<double>(kHuman36mBoneRatios.begin(), kHuman36mBoneRatios.end()))
        .to(torch::kFloat32);
  }
  if (options.bone_ratios == "values") return torch::tensor(options.bone_ratio_values).to(torch::kFloat32);
  const PoseData from_file =
      options.bone_ratios == "file" ? ReadPoseFile(options.bone_ratio_file) : PoseData();
  const PoseData& source = options.bone_ratios == "file" ? from_file : training;
  return RelativeBoneLengths(RootCentredJoints(source)).to(torch::kFloat64).mean(0).to(torch::kFloat32);
}

StageResult TrainRun(const RunConfig& config, const RunDirectory& directory,
                     const std::vector<std::string>& what, torch::Device device) {
  if (Wanted("occlusion", what) || Wanted("completion", what)) CheckGroups(config.lifters.groups);
  const PoseData training = ReadPoseFiles(config.data.training, config.data.training_selection);
  const PoseData validation = ReadValidation(config.data);
  const Normalisation normalisation = Normalisation::Of(training);
  LogInfo(Concat("training poses ", training.size(), ", validation poses ", validation.size(),
                 ", mean head-root distance ", normalisation.head_root_px, " px"));
  RewindMetrics(directory);
  MetricLog log(directory.path());
  RunContext run{{config, normalisation,
                  Place(normalisation.Keypoints(training), config.data.placement, device), device},
                 directory,
                 log};
  Networks networks(config, device);
  for (const std::string& name : StageNames()) {
    if (!HasStage(config, name)) continue;
    const auto later =
        std::find_if(std::find(StageNames().begin(), StageNames().end(), name) + 1, StageNames().end(),
                     [&](const std::string& after) { return Wanted(after, what); });
    const bool needed = later != StageNames().end() && name != "occlusion";  // on which nothing builds
    const bool is_flow = name == "full_flow" || name == "segment_flows";
    if (is_flow && (needed || Wanted(name, what))) AdoptFlows(run, name);
    if (!Wanted(name, what)) {
      if (needed && !LoadFinished(directory, name, networks)) {
        throw UsageError("expected stage ", name, " to be trained before stage ", *later,
                         ", found no finished checkpoint in '", directory.path(), "'");
      }
      continue;
    }
    const Stage stage = MakeStage(name, run.data, networks, training, validation);
    if (TrainStage(stage, run) == StageResult::kInterrupted) return StageResult::kInterrupted;
  }
  return StageResult::kFinished;
}

TrainedRun LoadRun(const RunDirectory& directory, torch::Device device) {
  const RunConfig config = directory.ReadStoredConfig();
  TrainedRun run{config, {}, Networks(config, device)};
  const auto load = [&](const std::string& stage) {
    const auto header = LoadFinished(directory, stage, run.networks);
    if (header) run.normalisation = header->normalisation;
    return header.has_value();
  };
  run.has_flows = load("full_flow");
  run.has_lifters = load("lifters");
  run.has_fillers = load("occlusion");
  run.has_completion = load("completion");
  if (!run.has_flows && !run.has_lifters) {
    throw Error("expected a trained run in '", directory.path(), "', found no finished stage");
  }
  return run;
}

}  // namespace links
