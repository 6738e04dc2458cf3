#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "links/dataset/normalisation.h"

namespace links {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

/// Where a stage stands: `epoch` epochs and `step` steps of the next one are done.
struct StagePosition {
  int64_t epoch = 0;
  int64_t step = 0;
  bool finished = false;
};

/// What a checkpoint holds beside tensors.
struct CheckpointHeader {
  std::string stage;
  std::vector<std::string> networks;  ///< the names of those that it holds (run/networks.h)
  StagePosition position;
  Normalisation normalisation;
  std::string config;  ///< the resolved configuration, YAML
};

/// Writes networks, optimiser state and the random generator's state to one file, atomically. Tensors lie
/// under their dotted names; the file opens in Python with torch.jit.load(path).state_dict().
void WriteCheckpoint(const std::string& path, const CheckpointHeader& header, const NamedTensors& tensors);

/// Writes texts and tensors under their dotted names to one file, atomically.
void WriteArchive(const std::string& path, const std::vector<std::pair<std::string, std::string>>& texts,
                  const NamedTensors& tensors);

/// The header alone. Throws Error when the file is missing, cut short or no checkpoint.
CheckpointHeader ReadCheckpointHeader(const std::string& path);

/// Fills `tensors` in place from the file and returns its header. Throws Error naming the tensor when one is
/// missing or has another shape.
CheckpointHeader ReadCheckpoint(const std::string& path, const NamedTensors& tensors);

}  // namespace links
