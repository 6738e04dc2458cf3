#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "links/dataset/normalisation.h"
#include "links/run/tensor_file.h"

namespace links {

/// How far a stage is trained: `epoch` epochs and `step` steps of the next one are done.
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

/// Writes networks, optimiser state and the random generator's state to one file (run/tensor_file.h),
/// atomically. Tensors lie under their dotted names, the header's fields beside them as texts.
void WriteCheckpoint(const std::string& path, const CheckpointHeader& header, const NamedTensors& tensors);

/// The header alone, without reading the tensors. Throws Error when the file is missing, cut short, damaged
/// or no checkpoint.
CheckpointHeader ReadCheckpointHeader(const std::string& path);

/// Fills `tensors` in place from the file and returns its header. Throws Error naming the tensor when one is
/// missing, has another shape or type, or is damaged.
CheckpointHeader ReadCheckpoint(const std::string& path, const NamedTensors& tensors);

}  // namespace links
