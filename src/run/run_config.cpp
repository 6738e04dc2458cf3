#include "links/run/run_config.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "links/config/config.h"
#include "links/core/error.h"
#include "links/core/text.h"
#include "links/loss/completion_loss.h"
#include "links/loss/distillation_loss.h"
#include "links/loss/lifting_terms.h"
#include "links/run/networks.h"
#include "links/skeleton/segments.h"

namespace links {

template class Boxed<CompletionLossOptions>;
template class Boxed<DistillationOptions>;
template class Boxed<LiftingLossOptions>;

namespace {

template <class T>
bool EachOnce(const std::vector<T>& values) {
  return std::set<T>(values.begin(), values.end()).size() == values.size();
}

void CheckSchedule(const char* stage, const ScheduleOptions& schedule, std::ostringstream& problems) {
  if (schedule.batch % 2 != 0) {
    problems << "\n" << stage << ".schedule.batch: expected an even number, found " << schedule.batch;
  }
}

// Every lifter that learns by eq. 10 is judged by the flow of its segment.
void CheckFlows(const RunConfig& config, std::ostringstream& problems) {
  for (const LifterGroup& group : JudgedGroups(config)) {
    for (const Segment segment : group.segments) {
      const bool has_flow =
          segment == Segment::kFull || std::ranges::count(config.flows.segments, segment) > 0;
      if (!has_flow) {
        problems << "\nflows.segments: expected " << SegmentName(segment) << " for the lifter group "
                 << group.name << ", found it missing";
      }
    }
  }
}

// Each lifter of these is in one of the groups.
void CheckTrained(const std::vector<Composition>& compositions, const char* option,
                  const LifterStageOptions& lifters, std::ostringstream& problems) {
  std::set<Segment> trained;
  for (const std::string& group : lifters.groups) {
    const std::vector<Segment> segments = FindLifterGroup(group).segments;
    trained.insert(segments.begin(), segments.end());
  }
  for (const Segment segment : SegmentsOf(compositions)) {
    if (trained.contains(segment)) continue;
    problems << "\nlifters." << option << ": expected a group with the lifter of " << SegmentName(segment)
             << " in lifters.groups, found none";
  }
}

}  // namespace

std::vector<Composition> LifterStageOptions::TeacherOfSides() const {
  switch (sides_teacher) {
    case SidesTeacher::kNone:
      return {};
    case SidesTeacher::kLegsTorso:
      return {LegsTorso()};
    case SidesTeacher::kFull:
      return {FullPose()};
    case SidesTeacher::kLegsTorsoFull:
      return {LegsTorso(), FullPose()};
  }
  throw Error("expected a choice of lifters, found number ", static_cast<int>(sides_teacher));
}

double ScheduleOptions::StepLearningRate() const {
  const auto factor = static_cast<double>(batch_multiplier);
  return learning_rate * (lr_scaling == LrScaling::kLinear       ? factor
                          : lr_scaling == LrScaling::kSquareRoot ? std::sqrt(factor)
                                                                 : 1);
}

void LifterStageOptions::Fields(ConfigVisitor& v) {
  v("network", network, "the lifters");
  v("schedule", schedule, "optimiser and schedule");
  v("loss", *loss, "the terms of eq. 10");
  v("groups", groups, Choice{LifterGroupNames()}, "which lifters are trained; full is the ablation's");
  v("sampled", sampled, "follow the real poses of a batch by as many sampled ones (paper: true)");
  v("supervision", supervision, Choice{{"none", "3d"}},
    "none: eq. 10; 3d: the distance from the training files' joints_3d instead, with neither flows nor "
    "sampling: what the lifters could reach");
  v("sides_teacher", sides_teacher, Choice{{"none", "legs_torso", "full", "legs_torso_full"}},
    "none: the left and right lifters learn by eq. 10 (paper); otherwise left* and right* learn, without 3D, "
    "the pose that legs + torso, the full-pose lifter or the mean of both give the same keypoints meanwhile");
  v("sides_rotated_copies", sides_rotated_copies, Range{0, 16},
    "copies of each pose of the sides' teacher, rotated to virtual views as those of eq. 10 and half of them "
    "mirrored, that the sides learn too");
  v("whole_pose", whole_pose, Choice{{"legs_torso", "full", "mean", "mean_full", "legs_torso_full"}},
    "the depths of a pose of which every joint is seen, in links lift and for the completion to learn from: "
    "those of legs + torso (the paper's), of the full-pose lifter, or the mean of legs + torso, left* and "
    "right*, of these and the full-pose lifter, or of legs + torso and the full-pose lifter");
  v("start_from", start_from,
    "a finished run whose lifters the training starts from, instead of random weights");
}

void OcclusionStageOptions::Fields(ConfigVisitor& v) {
  v("network", network, "the fillers O_3D and O_2D");
  v("schedule", schedule, "optimiser and schedule");
  v("loss", *loss, "the distillation");
  v("start_from", start_from,
    "a finished run whose fillers the training starts from, instead of random weights");
}

void CompletionStageOptions::Fields(ConfigVisitor& v) {
  v("network", network, "one network for every pattern of missing joints");
  v("schedule", schedule, "optimiser and schedule");
  v("loss", *loss, "the distillation");
  v("masks", masks, "how often which joints are missing in training");
  v("start_from", start_from,
    "a finished run whose completion the training starts from, instead of random weights");
}

std::array<std::string*, 4> RunConfig::StartingRuns() {
  return {&flows.start_from, &lifters.start_from, &occlusion.start_from, &completion.start_from};
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
  if (!EachOnce(lifters.groups)) {
    problems << "\nlifters.groups: expected each group once, found one of them twice";
  }
  if (!EachOnce(flows.segments)) {
    problems << "\nflows.segments: expected each segment once, found one of them twice";
  }
  const std::vector<std::string>& scenarios = occlusion.network.scenarios;
  if (scenarios.empty() || !EachOnce(scenarios)) {
    problems << "\nocclusion.network.scenarios: expected at least one and each once, found ["
             << Join(scenarios, ", ") << "]";
  }
  if (lifters.whole_pose != WholePose::kLegsTorso)
    CheckTrained(CompositionsOf(lifters.whole_pose), "whole_pose", lifters, problems);
  if (lifters.sides_teacher != SidesTeacher::kNone) {
    CheckTrained(lifters.TeacherOfSides(), "sides_teacher", lifters, problems);
    if (std::ranges::count(lifters.groups, kSidesGroup) == 0)
      problems << "\nlifters.sides_teacher: expected " << kSidesGroup << " in lifters.groups, found none";
    if (lifters.supervision == Supervision::k3d)
      problems << "\nlifters.sides_teacher: expected lifters.supervision: none beside it, found 3d";
  }
  if (lifters.supervision == Supervision::k3d) {
    for (const auto& [stage, rotation] :
         {std::pair{"occlusion", occlusion.loss->rotation}, {"completion", completion.loss->rotation}}) {
      if (rotation == CopyRotation::kVirtualView)
        problems
            << "\n"
            << stage
            << ".loss.rotation: expected lifters.supervision: none beside virtual_view, as 3D teaches no "
               "elevations, found 3d";
    }
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

std::string EnsembleKey(const RunConfig& config) {
  RunConfig shared = config;
  const RunConfig defaults;
  shared.name = defaults.name;
  shared.recipe = defaults.recipe;
  shared.seed = defaults.seed;
  shared.output = defaults.output;
  shared.flows.from = defaults.flows.from;
  for (std::string* run : shared.StartingRuns()) run->clear();
  for (const LiftingTerm& term : LiftingTerms()) {
    double& weight = (*shared.lifters.loss).*term.weight;
    weight = weight > 0 ? 1 : 0;
  }
  return WriteConfig(shared);
}

}  // namespace links
