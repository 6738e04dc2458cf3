#include "links/run/finished_stage.h"

#include <torch/types.h>

#include <filesystem>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/log.h"

namespace links {

std::optional<CheckpointHeader> Finished(const RunDirectory& directory, const std::string& stage) {
  const std::string path = directory.CheckpointPath(stage);
  if (!std::filesystem::exists(path)) {
    directory.StoredStages();  // refuses checkpoints of an earlier version
    return std::nullopt;
  }
  const CheckpointHeader header = ReadCheckpointHeader(path);
  return header.position.finished ? std::optional(header) : std::nullopt;
}

JointDefinition TrainedJoints(const RunDirectory& directory) {
  JointDefinition joints = JointDefinition::kNotStated;
  try {
    for (const std::string& stage : directory.StoredStages()) {
      if (const auto header = Finished(directory, stage))
        joints = Together(joints, header->normalisation.joints);
    }
  } catch (const Error&) {  // said by who loads the networks
  }
  return joints;
}

std::optional<CheckpointHeader> LoadFinished(const RunDirectory& directory, const std::string& stage,
                                             Networks& networks) {
  const std::optional<CheckpointHeader> header = Finished(directory, stage);
  if (!header) return std::nullopt;
  return ReadCheckpoint(directory.CheckpointPath(stage), StateOf(networks.Select(header->networks)));
}

void CopyFinished(const RunDirectory& from, const RunDirectory& to, const std::string& stage) {
  const TensorFile file(from.CheckpointPath(stage));
  NamedTensors tensors;
  for (const std::string& name : file.TensorNames()) tensors.emplace_back(name, file.Read(name));
  CheckpointHeader header = ReadCheckpointHeader(file.path());
  header.config = ReadFile(to.ConfigPath());
  WriteCheckpoint(to.CheckpointPath(stage), header, tensors);
  LogInfo(Concat(to.path(), ": stage ", stage, " taken from ", from.path()));
}

}  // namespace links
