#pragma once

#include <memory>
#include <string>
#include <vector>

#include "links/core/atomic_file.h"
#include "links/lifted/lifted_writer.h"

namespace links {

/// A file in the making. It takes its name, with the others, when all frames were taken.
class LiftedOutput : public LiftedWriter {
 public:
  /// Writes what is left. Returns the files that there will be.
  virtual std::vector<std::string> Finish() = 0;
};

/// Where an output writes to. The references outlive it.
struct OutputPlace {
  const std::string& path;
  const LiftedOptions& options;
  StagedFiles& files;
};

using MakeOutput = std::unique_ptr<LiftedOutput> (*)(const OutputPlace&);

std::unique_ptr<LiftedOutput> JsonOutput(const OutputPlace& place);
std::unique_ptr<LiftedOutput> JsonLinesOutput(const OutputPlace& place);
std::unique_ptr<LiftedOutput> CsvOutput(const OutputPlace& place);
std::unique_ptr<LiftedOutput> PoseFileOutput(const OutputPlace& place);
std::unique_ptr<LiftedOutput> BvhOutput(const OutputPlace& place);
std::unique_ptr<LiftedOutput> TrcOutput(const OutputPlace& place);
std::unique_ptr<LiftedOutput> C3dOutput(const OutputPlace& place);
std::unique_ptr<LiftedOutput> NumpyOutput(const OutputPlace& place);
std::unique_ptr<LiftedOutput> PageOutput(const OutputPlace& place);

}  // namespace links
