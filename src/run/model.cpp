#include "links/run/model.h"

#include <torch/types.h>

#include <algorithm>
#include <filesystem>

#include "links/config/config.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/nearest.h"
#include "links/core/share.h"
#include "links/core/text.h"
#include "links/run/checkpoint.h"
#include "links/run/finished_stage.h"

namespace links {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModels = "models";

bool IsRun(const fs::path& folder) {
  std::error_code none;
  return fs::is_regular_file(folder / "config.yaml", none);
}

// The first sentence of a card that is no heading.
std::string About(const fs::path& card) {
  std::error_code none;
  if (!fs::is_regular_file(card, none)) return "";
  std::istringstream text(ReadFile(card.string()));
  std::string about;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("#") || (line.empty() && about.empty())) continue;
    if (line.empty()) break;
    about += (about.empty() ? "" : " ") + line;
  }
  about = about.substr(0, about.find(". "));
  if (about.ends_with('.')) about.pop_back();
  return about;
}

uint64_t Bytes(const fs::path& folder) {
  uint64_t bytes = 0;
  std::error_code none;
  for (const auto& entry : fs::recursive_directory_iterator(folder, none)) {
    if (entry.is_regular_file(none)) bytes += entry.file_size(none);
  }
  return bytes;
}

// Data files by their names: where they lay is nobody else's matter.
RunConfig WithoutFolders(RunConfig config) {
  const auto shorten = [](std::string& path) { path = fs::path(path).filename().string(); };
  std::ranges::for_each(config.data.training, shorten);
  std::ranges::for_each(config.data.validation, shorten);
  shorten(config.data.bone_ratio_file);
  for (std::string* from : {&config.flows.from, &config.flows.start_from, &config.lifters.start_from,
                            &config.occlusion.start_from, &config.completion.start_from})
    shorten(*from);
  config.output.clear();
  return config;
}

torch::Tensor Halved(const torch::Tensor& tensor) {
  if (tensor.scalar_type() != torch::kFloat32 || tensor.numel() < kHalvedNumbers) return tensor;
  const torch::Tensor half = tensor.to(torch::kFloat16);
  return half.isfinite().all().item<bool>() ? half : tensor;
}

void CheckNew(const std::string& folder) {
  std::error_code none;
  if (fs::exists(folder, none) && !(fs::is_directory(folder, none) && fs::is_empty(folder, none)))
    throw UsageError("expected a new or empty folder for the model, found '", folder,
                     "' with something in it");
}

std::vector<std::string> FinishedStages(const RunDirectory& run, const std::vector<std::string>& wanted) {
  std::vector<std::string> finished;
  for (const std::string& stage : run.StoredStages()) {
    if (Finished(run, stage)) finished.push_back(stage);
  }
  if (finished.empty()) throw Error("expected a trained run in '", run.path(), "', found no finished stage");
  for (const std::string& stage : wanted) {
    if (std::ranges::find(finished, stage) == finished.end()) {
      throw UsageError("expected a finished stage of '", run.path(), "' (", Join(finished, ", "),
                       "), found '", stage, "'");
    }
  }
  return wanted.empty() ? finished : wanted;
}

}  // namespace

std::vector<ShippedModel> ShippedModels() {
  std::vector<ShippedModel> models;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(SharePath(kModels), none)) {
    if (!IsRun(entry.path())) continue;
    models.push_back({entry.path().filename().string(), entry.path().string(),
                      About(entry.path() / "README.md"), Bytes(entry.path())});
  }
  std::ranges::sort(models, {}, &ShippedModel::name);
  return models;
}

std::string FindRun(const std::string& run) {
  const std::string prefix = std::string(kModels) + "/";
  if (run.empty()) {
    std::string usual = SharePath(prefix + kUsualModel);
    if (IsRun(usual)) return usual;
    throw UsageError("expected --run, as no model came with this program, found none (looked for '", usual,
                     "')");
  }
  std::error_code none;
  if (fs::exists(run, none)) return run;
  const std::string shipped = SharePath(run.starts_with(prefix) ? run : prefix + run);
  return IsRun(shipped) ? shipped : run;
}

void PackModel(const RunDirectory& run, const std::string& output, StoredPrecision precision,
               const std::vector<std::string>& stages) {
  const RunConfig config = WithoutFolders(run.ReadStoredConfig());
  const std::vector<std::string> packed = FinishedStages(run, stages);
  CheckNew(output);
  std::error_code failure;
  fs::create_directories(output + "/checkpoints", failure);
  if (failure) throw Error("cannot make the folder '", output, "': ", failure.message());
  const RunDirectory model(output);
  const std::string text = WriteConfig(config);
  for (const std::string& stage : packed) {
    const TensorFile file(run.CheckpointPath(stage));
    NamedTensors tensors;
    for (const std::string& name : file.TensorNames()) {
      if (!name.starts_with("networks.")) continue;
      const torch::Tensor tensor = file.Read(name);
      tensors.emplace_back(name, precision == StoredPrecision::kHalf ? Halved(tensor) : tensor);
    }
    CheckpointHeader header = ReadCheckpointHeader(file.path());
    header.config = text;
    WriteCheckpoint(model.CheckpointPath(stage), header, tensors);
  }
  for (const char* name : {"environment.json", "metrics.jsonl", "spread.yaml"}) {
    const std::string from = run.path() + "/" + name;
    if (fs::is_regular_file(from)) WriteFileAtomically(output + "/" + name, ReadFile(from));
  }
  // The configuration last: with it the folder is a run.
  WriteFileAtomically(model.ConfigPath(), text);
}

}  // namespace links
