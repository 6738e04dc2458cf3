#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "links/detection/detection_import.h"
#include "links/training/train_run.h"

namespace links {

/// A finished run trained further on a researcher's own detections, without any 3D.
struct AdaptRequest {
  std::string run;                  ///< the finished run
  std::vector<std::string> inputs;  ///< detectors' files and folders, or pose files
  std::string output;               ///< the new run's folder
  DetectionImportOptions import;    ///< how they are read; its split and rest are this program's
  double held_out = 0.2;            ///< share of the people to validate on
  std::string mix;  ///< pose file of what the run was trained on; "" = its training files, or ReplayPoses
  double share = 1. / 6;               ///< of the detections among the training poses
  int64_t epochs = 6;                  ///< of each stage
  int64_t steps = 100;                 ///< of an epoch
  double learning_rate = 0.3;          ///< of the first step, as a share of the run's
  std::vector<std::string> overrides;  ///< key=value, over all this
  std::string device;                  ///< "" = the run's
};

/// The run's values of the people held out, by their names (Validation), before and after.
struct AdaptResult {
  struct Value {
    std::string name;
    double before, after;
  };
  StageResult result = StageResult::kFinished;
  std::vector<Value> values;

  /// A table for people.
  std::string Text() const;
  /// A sentence when the flows fit the people held out worse than before, else "".
  std::string Warning() const;
};

/// Imports the detections into OUTPUT/data, with the poses they are mixed with, and makes the configuration
/// of the new run, which depends on no other file. Of a folder where that is done already nothing is made
/// anew. Throws UsageError and Error.
RunConfig PrepareAdaptation(const AdaptRequest& request);

/// Trains the flows, the lifters and, where the run has it, the completion of the new run from the weights of
/// the old one. resume: go on with what stands in the folder.
AdaptResult Adapt(const AdaptRequest& request, bool resume);

}  // namespace links
