#include "links/training/stages.h"

#include <torch/types.h>

#include <algorithm>
#include <memory>

#include "links/config/config.h"
#include "links/core/error.h"
#include "links/evaluation/validation_figure.h"
#include "links/run/finished_stage.h"
#include "links/run/run_directory.h"
#include "stage_makers.h"

namespace links {
namespace {

bool IsUnsupervised(const RunConfig& config) {
  return config.lifters.supervision == Supervision::kNone;
}

bool HasSegmentFlows(const RunConfig& config) {
  return IsUnsupervised(config) && !config.flows.segments.empty();
}

bool Always(const RunConfig&) {
  return true;
}

// The lifters of every scenario: said before hours of training, not after.
void NeedLiftersOfScenarios(const RunConfig& config) {
  const std::vector<std::string>& groups = config.lifters.groups;
  for (const char* needed : {"legs_torso", "left_right"}) {
    if (std::ranges::find(groups, needed) == groups.end()) {
      throw UsageError("lifters.groups: expected ", needed,
                       " among them for the stages occlusion and completion, found none: leave them out with "
                       "--stage flows and --stage lifters");
    }
  }
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
  flows.data.mix = config.data.mix;
  flows.data.scale = config.data.scale;
  flows.data.partial = config.data.partial;
  return WriteConfig(flows);
}

template <auto Options>
const ScheduleOptions& ScheduleOf(const RunConfig& config) {
  return (config.*Options).schedule;
}

template <auto Options>
std::string StartOf(const RunConfig& config) {
  return (config.*Options).start_from;
}

NamedValues ScoreFullFlow(const Validation& validation, Networks& networks) {
  return validation.ScoreFullFlow(networks.flows);
}

NamedValues ScoreSegmentFlows(const Validation& validation, Networks& networks) {
  return validation.ScoreSegmentFlows(networks.flows);
}

NamedValues ScoreLifters(const Validation& validation, Networks& networks) {
  return validation.ScoreLifters(networks.lifters);
}

NamedValues ScoreFillers(const Validation& validation, Networks& networks) {
  return validation.ScoreFillers(networks.lifters, networks.fillers);
}

NamedValues ScoreCompletion(const Validation& validation, Networks& networks) {
  return validation.ScoreCompletion(networks.lifters, networks.completion);
}

PoseGrid DrawSampled(const Validation& validation, const RunConfig& config, Networks& networks) {
  return SampledFigure(validation, networks.flows, config.sampler);
}

PoseGrid DrawLifted(const Validation& validation, const RunConfig&, Networks& networks) {
  return LiftersFigure(validation, networks.lifters);
}

PoseGrid DrawFilled(const Validation& validation, const RunConfig&, Networks& networks) {
  return ScenariosFigure(validation, {"o2d", "o3d"}, networks.fillers->scenarios(), networks.lifters,
                         &networks.fillers, nullptr);
}

PoseGrid DrawCompleted(const Validation& validation, const RunConfig&, Networks& networks) {
  return ScenariosFigure(validation, {"mask"}, Scenarios(), networks.lifters, nullptr, &networks.completion);
}

constexpr double kFlowRate = 1.0 / 3;

}  // namespace

const std::vector<StageKind>& Stages() {
  static const std::vector<StageKind> stages = {{.name = "full_flow",
                                                 .group = "flows",
                                                 .depends_on = {},
                                                 .networks = {kFullFlow},
                                                 .is_used = IsUnsupervised,
                                                 .check = nullptr,
                                                 .shared_key = FlowKey,
                                                 .schedule = ScheduleOf<&RunConfig::flows>,
                                                 .start_from = StartOf<&RunConfig::flows>,
                                                 .make = MakeFullFlowStage,
                                                 .validate = ScoreFullFlow,
                                                 .picture = DrawSampled,
                                                 .cost = FullFlowCost,
                                                 .rate = kFlowRate},
                                                {.name = "segment_flows",
                                                 .group = "flows",
                                                 .depends_on = {"full_flow"},
                                                 .networks = {kSegmentFlows},
                                                 .is_used = HasSegmentFlows,
                                                 .check = nullptr,
                                                 .shared_key = FlowKey,
                                                 .schedule = ScheduleOf<&RunConfig::flows>,
                                                 .start_from = StartOf<&RunConfig::flows>,
                                                 .make = MakeSegmentFlowsStage,
                                                 .validate = ScoreSegmentFlows,
                                                 .picture = nullptr,
                                                 .cost = SegmentFlowsCost,
                                                 .rate = kFlowRate},
                                                {.name = "lifters",
                                                 .group = "lifters",
                                                 .depends_on = {"segment_flows"},
                                                 .networks = {kLifters},
                                                 .is_used = Always,
                                                 .check = nullptr,
                                                 .shared_key = nullptr,
                                                 .schedule = ScheduleOf<&RunConfig::lifters>,
                                                 .start_from = StartOf<&RunConfig::lifters>,
                                                 .make = MakeLiftersStage,
                                                 .validate = ScoreLifters,
                                                 .picture = DrawLifted,
                                                 .cost = LiftersCost},
                                                {.name = "occlusion",
                                                 .group = "occlusion",
                                                 .depends_on = {"lifters"},
                                                 .networks = {kFiller3d, kFiller2d},
                                                 .is_used = Always,
                                                 .check = NeedLiftersOfScenarios,
                                                 .shared_key = nullptr,
                                                 .schedule = ScheduleOf<&RunConfig::occlusion>,
                                                 .start_from = StartOf<&RunConfig::occlusion>,
                                                 .make = MakeOcclusionStage,
                                                 .validate = ScoreFillers,
                                                 .picture = DrawFilled,
                                                 .cost = OcclusionCost},
                                                {.name = "completion",
                                                 .group = "completion",
                                                 .depends_on = {"lifters"},
                                                 .networks = {kCompletion},
                                                 .is_used = Always,
                                                 .check = NeedLiftersOfScenarios,
                                                 .shared_key = nullptr,
                                                 .schedule = ScheduleOf<&RunConfig::completion>,
                                                 .start_from = StartOf<&RunConfig::completion>,
                                                 .make = MakeCompletionStage,
                                                 .validate = ScoreCompletion,
                                                 .picture = DrawCompleted,
                                                 .cost = CompletionCost}};
  return stages;
}

std::vector<std::string> StageChoices() {
  std::vector<std::string> choices = {"all"};
  for (const StageKind& stage : Stages()) {
    for (const std::string& name : {stage.group, stage.name}) {
      if (std::ranges::count(choices, name) == 0) choices.push_back(name);
    }
  }
  return choices;
}

const StageKind& StageNamed(const std::string& name) {
  const auto found = std::ranges::find(Stages(), name, &StageKind::name);
  if (found == Stages().end()) throw Error("expected the name of a stage, found '", name, "'");
  return *found;
}

torch::Tensor TakePoses(const StageData& data, int64_t most) {
  const int64_t stride = (data.poses.size(0) + most - 1) / most;
  return data.poses.slice(0, 0, data.poses.size(0), stride).to(data.device);
}

Stage MakeStage(const StageKind& kind, const StageData& data, Networks& networks,
                const std::vector<Networks>& of_runs, const PoseData& training, const PoseData& validation) {
  Stage stage = kind.make(data, networks, training);
  stage.name = kind.name;
  stage.modules = networks.Select(kind.networks);
  for (const RunConfig& config : data.configs) {
    const std::string from = kind.start_from(config);
    if (!from.empty() && !Finished(RunDirectory(from), kind.name))
      throw UsageError("start_from: expected the stage ", kind.name, " to be finished in '", from,
                       "', found it is not");
    stage.start_from.push_back(from.empty() ? "" : RunDirectory(from).CheckpointPath(kind.name));
  }
  std::vector<Networks> own = of_runs;
  for (Networks& of_run : own) stage.of_runs.push_back(of_run.Select(kind.networks));
  if (own.empty()) own.push_back(networks);
  if (kind.validate) {
    const auto scored = std::make_shared<Validation>(validation, data.normalisation,
                                                     data.config().data.validation_poses, data.device);
    stage.validate = [validate = kind.validate, scored, own](size_t run) mutable {
      return validate(*scored, own[run]);
    };
    if (kind.picture) {
      stage.picture = [picture = kind.picture, scored, own, configs = data.configs](size_t run) mutable {
        const PoseGrid grid = picture(*scored, configs[run], own[run]);
        return grid.rows.empty() ? "" : PoseGridPng(grid);
      };
    }
    if (stage.loss_held_out) {
      stage.score_held_out = [loss = stage.loss_held_out, scored, own](size_t run) mutable {
        return scored->ScoreLoss([&](const torch::Tensor& poses, const RandomStreams& streams) {
          return loss(run, own[run], poses, streams);
        });
      };
    }
  }
  return stage;
}

}  // namespace links
