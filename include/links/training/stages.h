#pragma once

#include <string>
#include <vector>

#include "links/data/pose_file.h"
#include "links/evaluation/validation.h"
#include "links/figures/pose_grid.h"
#include "links/run/networks.h"
#include "links/training/stage.h"
#include "links/training/step_cost.h"

namespace links {

/// All that is particular to a stage: one row of Stages().
struct StageKind {
  std::string name;                     ///< of its checkpoint and in the logs
  std::string group;                    ///< what `links train --stage` calls it, alone or with others
  std::vector<std::string> depends_on;  ///< stages that must be finished before, and those that they need
  std::vector<std::string> networks;    ///< those that it trains (run/networks.h)

  /// Whether a run of this configuration trains it at all.
  bool (*is_used)(const RunConfig& config);
  /// Throws UsageError when the configuration does not allow it; null = always allowed.
  void (*check)(const RunConfig& config);
  /// A text that, beside the seed, decides what the stage learns: runs that agree in both train it once and
  /// copy it. Null = each run trains its own.
  std::string (*shared_key)(const RunConfig& config);
  const ScheduleOptions& (*schedule)(const RunConfig& config);
  /// The finished run that its training starts from; "" = random weights.
  std::string (*start_from)(const RunConfig& config);
  /// Its loss and schedule; standardisations are fitted here.
  Stage (*make)(const StageData& data, Networks& networks, const PoseData& training);
  /// Scores of one run after an epoch; null = none.
  NamedValues (*validate)(const Validation& validation, Networks& networks);
  /// Poses after an epoch, for the eye; null = none.
  PoseGrid (*picture)(const Validation& validation, const RunConfig& config, Networks& networks);
  /// Of one step.
  Cost (*cost)(const RunConfig& config, Networks& networks);
  /// Share of the lifters' rate at which it computes that, about (docs/performance.md), to tell the time
  /// left.
  double rate = 1;
};

/// The stages in the order in which they are trained.
const std::vector<StageKind>& Stages();

/// What `links train --stage` takes: "all", the groups and the stages.
std::vector<std::string> StageChoices();

/// Throws Error when there is none of this name.
const StageKind& StageNamed(const std::string& name);

/// A stage ready to be trained. networks: those of one run, or of several side by side, of which `of_runs`
/// are then the parts. training and validation: the poses that data.poses was made from, and those to score.
Stage MakeStage(const StageKind& kind, const StageData& data, Networks& networks,
                const std::vector<Networks>& of_runs, const PoseData& training, const PoseData& validation);

}  // namespace links
