#include "links/training/run_config.h"

#include <set>

#include "links/core/error.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

void CheckSchedule(const char* stage, const ScheduleOptions& schedule, std::ostringstream& problems) {
  if (schedule.batch % 2 != 0) {
    problems << "\n" << stage << ".schedule.batch: expected an even number, found " << schedule.batch;
  }
}

}  // namespace

void RunConfig::Check() const {
  std::ostringstream problems;
  if (data.training.empty()) problems << "\ndata.training: expected at least one pose file, found none";
  if (data.bone_ratios == "values" && data.bone_ratio_values.size() != kBones) {
    problems << "\ndata.bone_ratio_values: expected " << kBones << " numbers, found "
             << data.bone_ratio_values.size();
  }
  if (data.bone_ratios != "values" && !data.bone_ratio_values.empty()) {
    problems << "\ndata.bone_ratio_values: expected bone_ratios: values beside it, found "
             << data.bone_ratios;
  }
  if (data.bone_ratios == "file" && data.bone_ratio_file.empty()) {
    problems << "\ndata.bone_ratio_file: expected a pose file, found none";
  }
  if (data.bone_ratios != "file" && !data.bone_ratio_file.empty()) {
    problems << "\ndata.bone_ratio_file: expected bone_ratios: file beside it, found " << data.bone_ratios;
  }
  if (lifters.groups.empty()) problems << "\nlifters.groups: expected at least one group, found none";
  if (std::set<std::string>(lifters.groups.begin(), lifters.groups.end()).size() < lifters.groups.size()) {
    problems << "\nlifters.groups: expected each group once, found one of them twice";
  }
  CheckSchedule("flows", flows.schedule, problems);
  CheckSchedule("lifters", lifters.schedule, problems);
  CheckSchedule("occlusion", occlusion.schedule, problems);
  const std::string found = problems.str();
  if (!found.empty()) throw UsageError("the configuration contradicts itself:", found);
}

}  // namespace links
