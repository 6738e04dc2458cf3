#pragma once

#include <string>
#include <vector>

#include "links/run/run_config.h"
#include "links/run/run_lock.h"

namespace links {

/// The files of a run: config.yaml (resolved), environment.json (versions, device, seed, fingerprints of the
/// data), log.txt, metrics.jsonl, tensorboard/, checkpoints/<stage>.safetensors and lock.
class RunDirectory {
 public:
  explicit RunDirectory(std::string path) : path_(std::move(path)) {}

  /// Makes the folder, takes its lock and writes config.yaml and environment.json. Without `resume` a folder
  /// that holds anything but what a run leaves that was killed while it was made is refused; with it the
  /// stored configuration must be the given one, but for where it computes (output, device, cuda_graph,
  /// threads, checkpoint_seconds, data.placement) and where the same data and flows (flows.from) lie. What
  /// processes that were killed have half written is removed. Throws UsageError.
  RunLock Prepare(const RunConfig& config, bool resume, const std::string& device) const;

  /// The stored configuration. Throws Error when the folder is not a run.
  RunConfig ReadStoredConfig() const;

  /// A number (hexadecimal) that runs share when they differ in nothing but name, seed, where they compute
  /// and where the same data lie. The data are told by the fingerprints that were taken when the run was
  /// prepared: neither they nor the run need lie where they did. Of a run without fingerprints, an older
  /// one, the names of the data files count.
  std::string Key() const;
  /// The stored configuration with the data files' fingerprints as their names, as far as they were stored.
  RunConfig ConfigByContent() const;

  /// The stages that have a checkpoint, finished or not, in alphabetical order. Throws Error when there is
  /// one of an earlier version.
  std::vector<std::string> StoredStages() const;

  const std::string& path() const { return path_; }
  std::string ConfigPath() const { return path_ + "/config.yaml"; }
  /// Factors of the spread that links calibrate found.
  std::string SpreadPath() const { return path_ + "/spread.yaml"; }
  std::string LogPath() const { return path_ + "/log.txt"; }
  std::string CheckpointPath(const std::string& stage) const {
    return path_ + "/checkpoints/" + stage + ".safetensors";
  }

 private:
  std::string EnvironmentPath() const { return path_ + "/environment.json"; }
  // Throws UsageError when the folder is not one to train into; whether it holds a run.
  bool CheckUse(bool resume) const;

  std::string path_;
};

/// What tables and figures call a run: its own name or its folder's, and the recipe in brackets.
std::string RunName(const RunConfig& config, const std::string& folder);

/// Version of the LibTorch in use.
std::string LibTorchVersion();

}  // namespace links
