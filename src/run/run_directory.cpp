#include "links/run/run_directory.h"

#include <torch/torch.h>
#include <torch/version.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "links/config/config.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/version.h"

namespace links {
namespace {

namespace fs = std::filesystem;

// What a resumed run may change without becoming another run.
RunConfig Comparable(RunConfig config) {
  const RunConfig defaults;
  config.output = defaults.output;
  config.device = defaults.device;
  config.cuda_graph = defaults.cuda_graph;
  config.threads = defaults.threads;
  config.checkpoint_seconds = defaults.checkpoint_seconds;
  return config;
}

// The first line in which two texts differ, as "'a' against 'b'".
std::string FirstDifference(const std::string& stored, const std::string& given) {
  std::istringstream a(stored), b(given);
  std::string line_a, line_b;
  while (true) {
    const bool more_a = static_cast<bool>(std::getline(a, line_a));
    const bool more_b = static_cast<bool>(std::getline(b, line_b));
    if (!more_a && !more_b) return "no difference";
    if (more_a != more_b || line_a != line_b) {
      return Concat("'", more_a ? line_a : "", "' stored, '", more_b ? line_b : "", "' given");
    }
  }
}

}  // namespace

std::string RunKey(const RunConfig& config) {
  RunConfig seedless = Comparable(config);
  const RunConfig defaults;
  seedless.name = defaults.name;
  seedless.recipe = defaults.recipe;
  seedless.seed = defaults.seed;
  seedless.flows.from = defaults.flows.from;
  uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  for (unsigned char byte : WriteConfig(seedless)) hash = (hash ^ byte) * 0x100000001b3u;
  std::ostringstream key;
  key << std::hex << hash;
  return key.str();
}

std::string LibTorchVersion() {
  return TORCH_VERSION;
}

void RunDirectory::Prepare(const RunConfig& config, bool resume, const std::string& device) const {
  std::error_code failure;
  if (fs::exists(path_) && !fs::is_directory(path_)) {
    throw UsageError("expected a folder for the run, found the file '", path_, "'");
  }
  const bool occupied = fs::exists(path_) && !fs::is_empty(path_);
  if (occupied && !resume) {
    throw UsageError("expected a new or empty output folder, found '", path_,
                     "' in use: add --resume or name another one");
  }
  if (occupied && !fs::exists(ConfigPath())) {
    throw UsageError("expected a run to resume in '", path_, "', found no config.yaml");
  }
  if (occupied) {
    const std::string stored = WriteConfig(Comparable(ReadStoredConfig()));
    const std::string given = WriteConfig(Comparable(config));
    if (stored != given) {
      throw UsageError("expected the configuration that the run in '", path_,
                       "' was started with, found another: ", FirstDifference(stored, given));
    }
  }
  fs::create_directories(path_ + "/checkpoints", failure);
  if (failure) throw Error("cannot make the folder '", path_, "': ", failure.message());
  WriteFileAtomically(ConfigPath(), WriteConfig(config));
  const nlohmann::ordered_json environment = {{"links", Version()},
                                              {"libtorch", LibTorchVersion()},
                                              {"device", device},
                                              {"threads", at::get_num_threads()},
                                              {"seed", config.seed}};
  WriteFileAtomically(path_ + "/environment.json", environment.dump(2) + "\n");
}

std::vector<std::string> RunDirectory::StoredStages() const {
  std::vector<std::string> stages;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(path_ + "/checkpoints", none)) {
    const fs::path& path = entry.path();
    if (path.extension() == ".pt") {
      throw Error("expected checkpoints in the safetensors layout in '", path_, "', found '",
                  path.filename().string(), "' of an earlier version, which holds TorchScript and is not opened");
    }
    if (path.extension() == ".safetensors") stages.push_back(path.stem().string());
  }
  std::ranges::sort(stages);
  return stages;
}

RunConfig RunDirectory::ReadStoredConfig() const {
  if (!fs::is_regular_file(ConfigPath()))
    throw Error("expected a run directory, found no config.yaml in '", path_, "'");
  RunConfig config;
  links::ReadStoredConfig(ReadFile(ConfigPath()), ConfigPath(), config);
  return config;
}

}  // namespace links
