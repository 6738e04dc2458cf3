#pragma once

#include <set>
#include <string>
#include <vector>

#include "links/run/trained_run.h"
#include "links/skeleton/segments.h"

namespace links {

/// Which network leaves the program.
enum class ExportedNetwork {
  kLifter,       ///< segment lifters composed to whole poses; what no lifter gives stays unknown
  kCompletion,   ///< what `links lift` does with one pose at a time: lifted, then completed
  kFlow,         ///< log-likelihood and latent of a pose
  kFlowInverse,  ///< the pose of a latent
};

enum class ExportFormat { kOnnx, kTorchScript };

/// "lifter", "completion", "flow", "flow-inverse" and "onnx", "torchscript".
std::vector<std::string> ExportedNetworkNames();
std::vector<std::string> ExportFormatNames();
/// The one of that name; throws UsageError for none.
ExportedNetwork ParseExportedNetwork(const std::string& name);
ExportFormat ParseExportFormat(const std::string& name);

struct ExportOptions {
  ExportedNetwork network = ExportedNetwork::kCompletion;
  ExportFormat format = ExportFormat::kOnnx;
  bool training_scale = false;       ///< as EstimatorOptions has it
  double min_confidence = 0;         ///< as DetectionOptions has it
  Segment segment = Segment::kFull;  ///< of the flow
};

/// Whether this build can write ONNX, which takes the onnx library.
bool CanExportOnnx();

/// The network names that a run has to be loaded with (LoadRun) for this.
std::set<std::string> NetworksToExport(const ExportOptions& options);

/// Writes a network of the run, on the CPU, with all that stands before and behind it: pixels in, poses out,
/// any number of poses at once (docs/export.md). The file holds weights, a plain graph and texts. Throws
/// Error where the run lacks the network or the build the format.
void ExportNetwork(TrainedRun& run, const ExportOptions& options, const std::string& path);

}  // namespace links
