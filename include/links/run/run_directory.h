#pragma once

#include <string>
#include <vector>

#include "links/run/run_config.h"

namespace links {

/// The files of a run: config.yaml (resolved), environment.json (versions, device, seed), log.txt,
/// metrics.jsonl, tensorboard/ and checkpoints/<stage>.safetensors.
class RunDirectory {
 public:
  explicit RunDirectory(std::string path) : path_(std::move(path)) {}

  /// Makes the folder and writes config.yaml and environment.json. Without `resume` a folder that holds
  /// anything is refused; with it the stored configuration must be the given one, but for output, device,
  /// threads and checkpoint_seconds. Throws UsageError.
  void Prepare(const RunConfig& config, bool resume, const std::string& device) const;

  /// The stored configuration. Throws Error when the folder is not a run.
  RunConfig ReadStoredConfig() const;

  /// The stages that have a checkpoint, finished or not, in alphabetical order. Throws Error when there is
  /// one of an earlier version.
  std::vector<std::string> StoredStages() const;

  const std::string& path() const { return path_; }
  std::string ConfigPath() const { return path_ + "/config.yaml"; }
  std::string LogPath() const { return path_ + "/log.txt"; }
  std::string CheckpointPath(const std::string& stage) const {
    return path_ + "/checkpoints/" + stage + ".safetensors";
  }

 private:
  std::string path_;
};

/// A number (hexadecimal) that runs share when they differ in nothing but name, seed and where they run.
std::string RunKey(const RunConfig& config);

/// Version of the LibTorch in use.
std::string LibTorchVersion();

}  // namespace links
