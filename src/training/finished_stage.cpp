#include "finished_stage.h"

#include <torch/torch.h>

#include <filesystem>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "stages.h"

namespace links {

std::optional<CheckpointHeader> Finished(const RunDirectory& directory, const std::string& stage) {
  const std::string path = directory.CheckpointPath(stage);
  if (!std::filesystem::exists(path)) return std::nullopt;
  const CheckpointHeader header = ReadCheckpointHeader(path);
  return header.position.finished ? std::optional(header) : std::nullopt;
}

std::optional<CheckpointHeader> LoadFinished(const RunDirectory& directory, const std::string& stage,
                                             Networks& networks) {
  if (!Finished(directory, stage)) return std::nullopt;
  Stage parts;
  parts.modules = StageModules(stage, networks);
  NamedTensors tensors;
  for (const auto& [name, tensor] : parts.State()) tensors.emplace_back("networks." + name, tensor);
  return ReadCheckpoint(directory.CheckpointPath(stage), tensors);
}

void CopyFinished(const RunDirectory& from, const RunDirectory& to, const std::string& stage) {
  WriteFileAtomically(to.CheckpointPath(stage), ReadFile(from.CheckpointPath(stage)));
  LogInfo(Concat(to.path(), ": stage ", stage, " taken from ", from.path()));
}

}  // namespace links
