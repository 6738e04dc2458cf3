#pragma once

#include <optional>
#include <string>

#include "links/training/checkpoint.h"
#include "links/training/networks.h"
#include "links/training/run_directory.h"

namespace links {

/// The header of a stage's checkpoint; nothing when it has none or is not finished.
std::optional<CheckpointHeader> Finished(const RunDirectory& directory, const std::string& stage);

/// Loads a finished stage's networks; nothing when it is not finished.
std::optional<CheckpointHeader> LoadFinished(const RunDirectory& directory, const std::string& stage,
                                             Networks& networks);

/// Makes a finished stage another run's.
void CopyFinished(const RunDirectory& from, const RunDirectory& to, const std::string& stage);

}  // namespace links
