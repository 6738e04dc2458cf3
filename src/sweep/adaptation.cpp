#include "links/sweep/adaptation.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "links/config/config.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/core/text_table.h"
#include "links/data/missing_joints.h"
#include "links/data/pose_file.h"
#include "links/data/pose_select.h"
#include "links/device/device.h"
#include "links/evaluation/validation.h"
#include "links/run/finished_stage.h"
#include "links/run/settings.h"
#include "links/run/trained_run.h"
#include "links/sweep/replay.h"
#include "links/sweep/sweep_task.h"

namespace links {
namespace {

namespace fs = std::filesystem;

// Poses of the run's own training that are kept with the new one, taken evenly.
constexpr int64_t kMostMixed = 200'000;
// Poses drawn from the run's flow where its training files are gone.
constexpr int64_t kReplayed = 50'000;
// What is left of the learning rate in the last epoch.
constexpr double kLastRate = 0.1;

std::string DataPath(const AdaptRequest& request, const char* name) {
  return fs::absolute(request.output + "/data/" + name).lexically_normal().string();
}

// What the run was trained on, or what stands for it, so that it forgets nothing.
PoseData PosesToMix(const AdaptRequest& request, const RunConfig& config) {
  if (!request.mix.empty()) return ReadPoseFile(request.mix);
  for (const std::string& file : config.data.training) {
    if (fs::exists(file)) continue;
    LogWarning(Concat("the run's training file '", file, "' is not there: the detections are mixed with ",
                      kReplayed, " poses drawn from its flow (--mix names a pose file instead)"));
    return ReplayPoses(request.run, kReplayed, config.seed,
                       SelectDevice(request.device.empty() ? config.device : request.device));
  }
  return ReadPoseFiles(config.data.training, config.data.training_selection);
}

// Writes them for the new run; whether they have 3D.
bool WriteMix(const AdaptRequest& request, const RunConfig& config) {
  PoseData poses = PosesToMix(request, config);
  PoseSelection evenly;
  evenly.stride = (poses.size() + kMostMixed - 1) / kMostMixed;
  SelectPoses(poses, evenly, "poses to mix the detections with");
  DropIncomplete(poses, "poses to mix the detections with");
  WritePoseFile(DataPath(request, "mix.h5"), poses);
  return !poses.joints_3d.empty();
}

ImportedPeople ImportOwn(const AdaptRequest& request) {
  DetectionImportOptions options = request.import;
  if (options.detections.joints == JointDefinition::kNotStated)
    options.detections.joints = TrainedJoints(RunDirectory(request.run));
  options.split = request.held_out;
  options.rest = DataPath(request, "held_out.h5");
  const std::string own = DataPath(request, "own.h5");
  ImportedPeople people;
  try {
    people = ImportDetections(request.inputs, own, options);
    if (people.rest > 0 && people.kept > people.rest) return people;
  } catch (const UsageError&) {
    throw;
  } catch (const Error& error) {
    if (options.by == SplitBy::kImage) throw;
    LogDebug(error.what());
  }
  options.by = SplitBy::kImage;
  people = ImportDetections(request.inputs, own, options);
  LogInfo(
      "too few people to hold some out: images are held out instead, so the likelihood of those is "
      "flattered");
  return people;
}

void Shorten(ScheduleOptions& schedule, const AdaptRequest& request) {
  schedule.epochs = request.epochs;
  schedule.steps_per_epoch = request.steps;
  schedule.warmup_steps = std::min<int64_t>(request.steps / 2, 50);
  schedule.learning_rate *= request.learning_rate;
  schedule.decay = std::pow(kLastRate, 1. / static_cast<double>(std::max<int64_t>(request.epochs - 1, 1)));
}

RunConfig AdaptedConfig(const AdaptRequest& request, bool mix_has_3d, RunConfig config) {
  const std::string run = fs::absolute(request.run).lexically_normal().string();
  const std::string mix = DataPath(request, "mix.h5");
  DataOptions& data = config.data;
  data.training = {mix, DataPath(request, "own.h5")};
  data.training_selection = data.validation_selection = PoseSelection();
  data.mix = {1 - request.share, request.share};
  data.validation = {DataPath(request, "held_out.h5")};
  if (data.scale == ScaleOf::kDataset) data.scale = ScaleOf::kSource;
  if (data.bone_ratios == BoneRatioSource::kTraining) {
    data.bone_ratios = mix_has_3d ? BoneRatioSource::kFile : BoneRatioSource::kHuman36m;
    data.bone_ratio_file = mix_has_3d ? mix : "";
  }
  config.lifters.supervision = Supervision::kNone;
  config.flows.from.clear();
  for (std::string* start :
       {&config.flows.start_from, &config.lifters.start_from, &config.completion.start_from})
    *start = run;
  for (ScheduleOptions* schedule :
       {&config.flows.schedule, &config.lifters.schedule, &config.completion.schedule})
    Shorten(*schedule, request);
  if (!config.recipe.empty()) config.recipe += ", ";
  config.recipe += "adapted";
  config.output = request.output;
  if (!request.device.empty()) config.device = request.device;
  RunConfig adapted;
  ReadConfigText(WriteConfig(config), request.run, request.overrides, adapted);
  adapted.Check();
  return adapted;
}

// All that a validation tells of a run, in the scale of the new one.
NamedValues Score(const std::string& folder, const RunConfig& config, const PoseData& held_out,
                  torch::Device device) {
  TrainedRun run = LoadRun(RunDirectory(folder), device, {kFullFlow, kSegmentFlows, kLifters});
  run.normalisation.scale = config.data.scale;
  const Validation validation(held_out, run.normalisation, config.data.validation_poses, device);
  NamedValues all = validation.ScoreFullFlow(run.networks.flows);
  for (const NamedValues& more :
       {validation.ScoreSegmentFlows(run.networks.flows), validation.ScoreLifters(run.networks.lifters)})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace

std::string AdaptResult::Text() const {
  TextTable table({"of the people held out", "before", "after"});
  for (const Value& value : values) table.AddRow({value.name, Fixed(value.before, 3), Fixed(value.after, 3)});
  return table.Text();
}

std::string AdaptResult::Warning() const {
  std::string worse;
  for (const Value& value : values) {
    if (value.name.ends_with("nll_held_out") && value.after > value.before)
      worse += (worse.empty() ? "" : ", ") + value.name.substr(0, value.name.find('/'));
  }
  if (worse.empty()) return "";
  return "the flows fit the people held out worse than before (" + worse +
         "): more detections, a smaller share of them, or fewer epochs may help";
}

RunConfig PrepareAdaptation(const AdaptRequest& request) {
  const RunDirectory source(request.run);
  const RunConfig config = source.ReadStoredConfig();
  for (const char* stage : {"full_flow", "segment_flows", "lifters"}) {
    if (!Finished(source, stage))
      throw UsageError("expected a run whose stage ", stage, " is finished to adapt, found it is not in '",
                       request.run, "'");
  }
  if (!(request.share > 0) || !(request.share < 1))
    throw UsageError("expected a share of the detections between 0 and 1, found ", request.share);
  fs::create_directories(request.output + "/data");
  const ImportedPeople people = ImportOwn(request);
  LogInfo("imported:\n" + people.Text());
  const bool mix_has_3d = WriteMix(request, config);
  return AdaptedConfig(request, mix_has_3d, config);
}

AdaptResult Adapt(const AdaptRequest& request, bool resume) {
  const RunDirectory directory(request.output);
  const bool started = fs::exists(directory.ConfigPath());
  if (started && !resume) {
    throw UsageError("expected a new or empty output folder, found '", request.output,
                     "' in use: add --resume or name another one");
  }
  AdaptResult result;
  const RunConfig config = started ? directory.ReadStoredConfig() : PrepareAdaptation(request);
  const torch::Device device = SelectDevice(config.device);
  KeepFreedMemory();
  std::vector<PlannedRun> runs = {{config, directory}};
  PrepareRuns(runs, resume, device);
  std::vector<std::string> stages = {"flows", "lifters"};
  if (Finished(RunDirectory(config.lifters.start_from), "completion")) stages.emplace_back("completion");
  result.result = TrainSideBySide(runs, stages, device);
  if (result.result == StageResult::kInterrupted) return result;
  PoseData held_out = ReadPoseFiles(config.data.validation);
  DropIncomplete(held_out, "people held out");
  const NamedValues before = Score(config.lifters.start_from, config, held_out, device),
                    after = Score(request.output, config, held_out, device);
  for (size_t i = 0; i < before.size() && i < after.size(); ++i)
    result.values.push_back({before[i].first, before[i].second, after[i].second});
  return result;
}

}  // namespace links
