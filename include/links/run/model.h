#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "links/run/run_directory.h"

namespace links {

// A model is a run directory without what only training needs: config.yaml, environment.json, metrics.jsonl
// and the finished checkpoints, their large tensors in half precision. Shipped ones are models/NAME, with
// README.md (the card: figures, what it is for and not for), LICENSE and figures.json.

/// The shipped model that stands for a --run that is not given.
inline constexpr const char* kUsualModel = "cmu";

/// A model that came with the program.
struct ShippedModel {
  std::string name, path;
  std::string about;  ///< the first sentence of its card, "" = it has none
  uint64_t bytes = 0;
};

/// Those in the folder models that SharePath finds, in alphabetical order; none where there is no folder.
std::vector<ShippedModel> ShippedModels();

/// The run directory that `run` names: a folder, or where there is none of that name, a shipped model as
/// "models/NAME" or "NAME"; "" is the usual one. What is neither stays as it is, for who opens it to refuse.
/// Throws UsageError for "" where no such model was shipped.
std::string FindRun(const std::string& run);

/// How tensors of a model are stored.
enum class StoredPrecision { kHalf, kFull };

/// Makes the folder `output`, which must be new or empty, a model of the finished stages of a run, or of
/// those named. With kHalf float32 tensors of kHalvedNumbers and more become float16, unless a number is too
/// large for it. The data files are known by their names alone and by their fingerprints. Throws UsageError
/// for a stage that is not finished or a folder with something in it, Error for a run that has finished
/// nothing.
void PackModel(const RunDirectory& run, const std::string& output, StoredPrecision precision,
               const std::vector<std::string>& stages = {});

inline constexpr int64_t kHalvedNumbers = 1024;

}  // namespace links
