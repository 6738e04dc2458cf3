#include "links/run/run_config.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "links/core/error.h"
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

void RunConfig::Check() const {
  std::ostringstream problems;
  if (data.training.empty()) problems << "\ndata.training: expected at least one pose file, found none";
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
