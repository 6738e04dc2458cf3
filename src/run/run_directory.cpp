#include "links/run/run_directory.h"

#include <torch/types.h>
#include <torch/version.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "links/config/config.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/fingerprint.h"
#include "links/core/text_difference.h"
#include "links/core/version.h"

namespace links {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// What a resumed run may change without becoming another run.
RunConfig Comparable(RunConfig config) {
  const RunConfig defaults;
  config.output = defaults.output;
  config.device = defaults.device;
  config.cuda_graph = defaults.cuda_graph;
  config.threads = defaults.threads;
  config.checkpoint_seconds = defaults.checkpoint_seconds;
  config.data.placement = defaults.data.placement;
  config.flows.from = defaults.flows.from;  // which flows those may be is checked when they are taken
  return config;
}

// The files that a run learns or is validated from.
struct DataFiles {
  std::vector<std::string> training, validation, bone_ratios;
  bool operator==(const DataFiles&) const = default;
};

DataFiles DataPaths(const RunConfig& config) {
  DataFiles files{config.data.training, config.data.validation, {}};
  if (!config.data.bone_ratio_file.empty()) files.bone_ratios = {config.data.bone_ratio_file};
  return files;
}

DataFiles Fingerprints(DataFiles files) {
  for (auto* some : {&files.training, &files.validation, &files.bone_ratios})
    for (std::string& file : *some) file = FileFingerprint(file);
  return files;
}

// The configuration with other texts for its data files.
RunConfig WithData(RunConfig config, const DataFiles& files) {
  config.data.training = files.training;
  config.data.validation = files.validation;
  config.data.bone_ratio_file = files.bone_ratios.empty() ? "" : files.bone_ratios.front();
  return config;
}

Json ToJson(const DataFiles& files) {
  return {{"training", files.training}, {"validation", files.validation}, {"bone_ratios", files.bone_ratios}};
}

// The fingerprints in a run's environment.json; nothing for a run made before there were any.
std::optional<DataFiles> StoredFingerprints(const std::string& path) {
  if (!fs::exists(path)) return std::nullopt;
  try {
    const Json environment = Json::parse(ReadFile(path));
    if (!environment.contains("data")) return std::nullopt;
    const Json& data = environment.at("data");
    DataFiles files;
    data.at("training").get_to(files.training);
    data.at("validation").get_to(files.validation);
    data.at("bone_ratios").get_to(files.bone_ratios);
    return files;
  } catch (const Json::exception&) {
    throw Error("expected a run's versions and data as JSON, found something else in '", path, "'");
  }
}

// The first file whose content is another than when the run was started.
std::string FirstChanged(const DataFiles& paths, const DataFiles& stored, const DataFiles& given) {
  using Files = std::vector<std::string>;
  for (Files DataFiles::*some : {&DataFiles::training, &DataFiles::validation, &DataFiles::bone_ratios}) {
    for (size_t i = 0; i < (paths.*some).size(); ++i) {
      if (i >= (stored.*some).size() || (stored.*some)[i] != (given.*some)[i]) return (paths.*some)[i];
    }
  }
  return "";
}

// Where poses lie that were imported for the run before it was started.
constexpr const char* kDataFolder = "data";

bool IsHalfWritten(const fs::path& path) {
  return path.extension() == ".partial";
}

// Whether a folder holds nothing but what a process leaves that was killed while it prepared it.
bool IsNew(const std::string& folder) {
  const auto is_left_over = [](const fs::directory_entry& entry) {
    return IsHalfWritten(entry.path()) || entry.path().filename() == "lock" ||
           entry.path().filename() == "environment.json" || entry.path().filename() == kDataFolder;
  };
  for (const auto& entry : fs::directory_iterator(folder)) {
    const bool is_checkpoints = entry.is_directory() && entry.path().filename() == "checkpoints";
    if (is_checkpoints) {
      if (!std::ranges::all_of(fs::directory_iterator(entry.path()), is_left_over)) return false;
    } else if (!is_left_over(entry)) {
      return false;
    }
  }
  return true;
}

// Training's own alone: an evaluation may just be writing its results into the folder.
void RemoveHalfWritten(const std::string& folder) {
  std::vector<fs::path> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder + "/checkpoints", none)) {
    if (IsHalfWritten(entry.path())) files.push_back(entry.path());
  }
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    const auto begins = [&](const char* whole) { return name.starts_with(whole); };
    constexpr std::array kOwn = {"config.yaml.", "environment.json.", "metrics.jsonl."};
    if (IsHalfWritten(entry.path()) && std::ranges::any_of(kOwn, begins)) files.push_back(entry.path());
  }
  for (const fs::path& file : files) fs::remove(file, none);
}

}  // namespace

std::string RunName(const RunConfig& config, const std::string& folder) {
  const std::string name =
      config.name.empty() ? fs::weakly_canonical(folder).filename().string() : config.name;
  return config.recipe.empty() ? name : name + " [" + config.recipe + "]";
}

std::string LibTorchVersion() {
  return TORCH_VERSION;
}

RunConfig RunDirectory::ConfigByContent() const {
  const RunConfig config = ReadStoredConfig();
  const std::optional<DataFiles> data = StoredFingerprints(EnvironmentPath());
  return data ? WithData(config, *data) : config;
}

std::string RunDirectory::Key() const {
  RunConfig seedless = Comparable(ConfigByContent());
  const RunConfig defaults;
  seedless.name = defaults.name;
  seedless.recipe = defaults.recipe;
  seedless.seed = defaults.seed;
  return Fingerprint(WriteConfig(seedless));
}

bool RunDirectory::CheckUse(bool resume) const {
  if (!fs::exists(path_)) return false;
  if (!fs::is_directory(path_))
    throw UsageError("expected a folder for the run, found the file '", path_, "'");
  if (IsNew(path_)) return false;
  if (!resume) {
    throw UsageError("expected a new or empty output folder, found '", path_,
                     "' in use: add --resume or name another one");
  }
  if (!fs::exists(ConfigPath()))
    throw UsageError("expected a run to resume in '", path_, "', found no config.yaml");
  return true;
}

RunLock RunDirectory::Prepare(const RunConfig& config, bool resume, const std::string& device) const {
  CheckUse(resume);
  const DataFiles data = Fingerprints(DataPaths(config));
  std::error_code failure;
  fs::create_directories(path_, failure);
  if (failure) throw Error("cannot make the folder '", path_, "': ", failure.message());
  RunLock lock(path_);
  if (CheckUse(resume)) {  // again: another process may have made it since
    RunConfig stored = Comparable(ReadStoredConfig()), given = Comparable(config);
    if (const auto before = StoredFingerprints(EnvironmentPath())) {
      if (*before == data) {
        stored = WithData(stored, {});
        given = WithData(given, {});
      } else if (DataPaths(stored) == DataPaths(given)) {
        throw UsageError("expected the data that the run in '", path_, "' was started with, found '",
                         FirstChanged(DataPaths(given), *before, data), "' changed");
      }
    }
    const std::string stored_text = WriteConfig(stored), given_text = WriteConfig(given);
    if (stored_text != given_text) {
      throw UsageError("expected the configuration that the run in '", path_,
                       "' was started with, found another: ", FirstDifference(stored_text, given_text));
    }
  }
  RemoveHalfWritten(path_);
  fs::create_directories(path_ + "/checkpoints", failure);
  if (failure) throw Error("cannot make the folder '", path_, "/checkpoints': ", failure.message());
  const Json environment = {{"links", Version()},  {"libtorch", LibTorchVersion()},
                            {"device", device},    {"threads", at::get_num_threads()},
                            {"seed", config.seed}, {"data", ToJson(data)}};
  // The configuration last: with it the folder is a run.
  WriteFileAtomically(EnvironmentPath(), environment.dump(2) + "\n");
  WriteFileAtomically(ConfigPath(), WriteConfig(config));
  return lock;
}

std::vector<std::string> RunDirectory::StoredStages() const {
  std::vector<std::string> stages;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(path_ + "/checkpoints", none)) {
    const fs::path& path = entry.path();
    if (path.extension() == ".pt") {
      throw Error("expected checkpoints in the safetensors layout in '", path_, "', found '",
                  path.filename().string(),
                  "' of an earlier version, which holds TorchScript and is not opened");
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
