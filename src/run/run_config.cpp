#include "links/run/run_config.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "links/core/error.h"
#include "links/core/text.h"
#include "links/loss/completion_loss.h"
#include "links/loss/distillation_loss.h"
#include "links/loss/lifting_terms.h"
#include "links/skeleton/segments.h"

namespace links {
namespace {

void CheckSchedule(const char* stage, const ScheduleOptions& schedule, std::ostringstream& problems) {
  if (schedule.batch % 2 != 0) {
    problems << "\n" << stage << ".schedule.batch: expected an even number, found " << schedule.batch;
  }
}

// Every lifter is judged by the flow of its segment.
void CheckFlows(const RunConfig& config, std::ostringstream& problems) {
  for (const std::string& group : config.lifters.groups) {
    for (const Segment segment : FindLifterGroup(group).segments) {
      const bool has_flow =
          segment == Segment::kFull || std::ranges::count(config.flows.segments, segment) > 0;
      if (!has_flow) {
        problems << "\nflows.segments: expected " << SegmentName(segment) << " for the lifter group " << group
                 << ", found it missing";
      }
    }
  }
}

}  // namespace

double ScheduleOptions::StepLearningRate() const {
  const auto factor = static_cast<double>(batch_multiplier);
  return learning_rate * (lr_scaling == LrScaling::kLinear       ? factor
                          : lr_scaling == LrScaling::kSquareRoot ? std::sqrt(factor)
                                                                 : 1);
}

LifterStageOptions::LifterStageOptions() = default;
LifterStageOptions::LifterStageOptions(const LifterStageOptions&) = default;
LifterStageOptions& LifterStageOptions::operator=(const LifterStageOptions&) = default;
LifterStageOptions::~LifterStageOptions() = default;

void LifterStageOptions::Fields(ConfigVisitor& v) {
  v("network", network, "the lifters");
  v("schedule", schedule, "optimiser and schedule");
  v("loss", *loss, "the terms of eq. 10");
  v("groups", groups, Choice{LifterGroupNames()}, "which lifters are trained; full is the ablation's");
  v("sampled", sampled, "follow the real poses of a batch by as many sampled ones (paper: true)");
  v("supervision", supervision, Choice{{"none", "3d"}},
    "none: eq. 10; 3d: the distance from the training files' joints_3d instead, with neither flows nor "
    "sampling: what the lifters could reach");
  v("start_from", start_from,
    "a finished run whose lifters the training starts from, instead of random weights");
}

OcclusionStageOptions::OcclusionStageOptions() = default;
OcclusionStageOptions::OcclusionStageOptions(const OcclusionStageOptions&) = default;
OcclusionStageOptions& OcclusionStageOptions::operator=(const OcclusionStageOptions&) = default;
OcclusionStageOptions::~OcclusionStageOptions() = default;

void OcclusionStageOptions::Fields(ConfigVisitor& v) {
  v("network", network, "the fillers O_3D and O_2D");
  v("schedule", schedule, "optimiser and schedule");
  v("loss", *loss, "the distillation");
  v("start_from", start_from,
    "a finished run whose fillers the training starts from, instead of random weights");
}

CompletionStageOptions::CompletionStageOptions() = default;
CompletionStageOptions::CompletionStageOptions(const CompletionStageOptions&) = default;
CompletionStageOptions& CompletionStageOptions::operator=(const CompletionStageOptions&) = default;
CompletionStageOptions::~CompletionStageOptions() = default;

void CompletionStageOptions::Fields(ConfigVisitor& v) {
  v("network", network, "one network for every pattern of missing joints");
  v("schedule", schedule, "optimiser and schedule");
  v("loss", *loss, "the distillation");
  v("masks", masks, "how often which joints are missing in training");
  v("start_from", start_from,
    "a finished run whose completion the training starts from, instead of random weights");
}

void RunConfig::Check() const {
  std::ostringstream problems;
  if (data.training.empty()) problems << "\ndata.training: expected at least one pose file, found none";
  if (!data.mix.empty() && data.mix.size() != data.training.size()) {
    problems << "\ndata.mix: expected a share for each of the " << data.training.size()
             << " training files, found " << data.mix.size();
  }
  if (data.bone_ratios == BoneRatioSource::kValues && data.bone_ratio_values.size() != kBones) {
    problems << "\ndata.bone_ratio_values: expected " << kBones << " numbers, found "
             << data.bone_ratio_values.size();
  }
  if (data.bone_ratios != BoneRatioSource::kValues && !data.bone_ratio_values.empty()) {
    problems << "\ndata.bone_ratio_values: expected bone_ratios: values beside it, found another source";
  }
  if (data.bone_ratios == BoneRatioSource::kFile && data.bone_ratio_file.empty()) {
    problems << "\ndata.bone_ratio_file: expected a pose file, found none";
  }
  if (data.bone_ratios != BoneRatioSource::kFile && !data.bone_ratio_file.empty()) {
    problems << "\ndata.bone_ratio_file: expected bone_ratios: file beside it, found another source";
  }
  if (lifters.groups.empty()) problems << "\nlifters.groups: expected at least one group, found none";
  if (std::set<std::string>(lifters.groups.begin(), lifters.groups.end()).size() < lifters.groups.size()) {
    problems << "\nlifters.groups: expected each group once, found one of them twice";
  }
  if (std::set<Segment>(flows.segments.begin(), flows.segments.end()).size() < flows.segments.size()) {
    problems << "\nflows.segments: expected each segment once, found one of them twice";
  }
  const std::vector<std::string>& scenarios = occlusion.network.scenarios;
  if (scenarios.empty() ||
      std::set<std::string>(scenarios.begin(), scenarios.end()).size() < scenarios.size()) {
    problems << "\nocclusion.network.scenarios: expected at least one and each once, found ["
             << Join(scenarios, ", ") << "]";
  }
  if (data.partial && lifters.supervision == Supervision::k3d) {
    problems << "\ndata.partial: expected lifters.supervision: none beside it, found 3d";
  }
  if (lifters.supervision == Supervision::kNone) CheckFlows(*this, problems);
  CheckSchedule("flows", flows.schedule, problems);
  CheckSchedule("lifters", lifters.schedule, problems);
  CheckSchedule("occlusion", occlusion.schedule, problems);
  CheckSchedule("completion", completion.schedule, problems);
  const MaskShares& masks = completion.masks;
  if (!(masks.scenarios + masks.single + masks.pairs + masks.random + masks.detector + masks.scattered > 0)) {
    problems << "\ncompletion.masks: expected a share above 0, found all of them 0";
  }
  const std::string found = problems.str();
  if (!found.empty()) throw UsageError("the configuration contradicts itself:", found);
}

}  // namespace links
