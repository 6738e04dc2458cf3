#pragma once

#include <optional>
#include <string>

#include "links/run/checkpoint.h"
#include "links/run/networks.h"
#include "links/run/run_directory.h"

namespace links {

/// The header of a stage's checkpoint; nothing when it has none or is not finished.
std::optional<CheckpointHeader> Finished(const RunDirectory& directory, const std::string& stage);

/// What the joints of the poses were that a run was trained on: of its finished stages; kNotStated without
/// one.
JointDefinition TrainedJoints(const RunDirectory& directory);

/// Loads the networks that a finished stage has trained (CheckpointHeader::networks) into those of the run;
/// nothing when it is not finished.
std::optional<CheckpointHeader> LoadFinished(const RunDirectory& directory, const std::string& stage,
                                             Networks& networks);

/// Makes a finished stage another run's: the checkpoint that it would have written itself.
void CopyFinished(const RunDirectory& from, const RunDirectory& to, const std::string& stage);

}  // namespace links
