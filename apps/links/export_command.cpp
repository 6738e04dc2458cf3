#include <iostream>
#include <memory>

#include "commands.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/export/export.h"
#include "links/run/model.h"

namespace links {
namespace {

struct ExportArguments {
  std::string run, network, format, output, scale = "person", segment = "full";
  double min_confidence = 0;
};

std::vector<std::string> SegmentNames() {
  std::vector<std::string> names;
  for (const Segment segment : kSegments) names.emplace_back(SegmentName(segment));
  return names;
}

Segment ParseSegment(const std::string& name) {
  for (const Segment segment : kSegments) {
    if (name == SegmentName(segment)) return segment;
  }
  throw UsageError("expected a segment, found '", name, "'");
}

void Export(const ExportArguments& arguments) {
  ExportOptions options;
  options.network = ParseExportedNetwork(arguments.network);
  options.format = ParseExportFormat(arguments.format);
  options.training_scale = arguments.scale == "training";
  options.min_confidence = arguments.min_confidence;
  options.segment = ParseSegment(arguments.segment);
  CheckWritable(arguments.output);
  TrainedRun run = LoadRun(RunDirectory(FindRun(arguments.run)), torch::kCPU, NetworksToExport(options));
  ExportNetwork(run, options, arguments.output);
  std::cout << arguments.output << "\n";
}

}  // namespace

void AddExportCommand(CLI::App& app) {
  const auto arguments = std::make_shared<ExportArguments>();
  CLI::App* command = app.add_subcommand(
      "export",
      "Write a run's network for other programs, with its normalisation inside: 17 keypoints in pixels\n"
      "and their confidence in, for any number of poses at once (docs/export.md).");
  command->add_option("--run", arguments->run, "Run directory of `links train`")
      ->type_name("DIR")
      ->required();
  command
      ->add_option("--what", arguments->network,
                   "lifter: 3D of the segments seen as a whole; completion: 3D of every joint, as links lift "
                   "does with one pose; flow: log-likelihood and latent; flow-inverse: the pose of a latent")
      ->check(CLI::IsMember(ExportedNetworkNames()))
      ->required();
  command->add_option("--format", arguments->format, "onnx or torchscript")
      ->check(CLI::IsMember(ExportFormatNames()))
      ->required();
  command->add_option("-o,--output", arguments->output, "File to write")->type_name("FILE")->required();
  command
      ->add_option("--scale", arguments->scale,
                   "Pixels from head to root: of each pose from its bones; or the training set's")
      ->check(CLI::IsMember({"person", "training"}))
      ->capture_default_str();
  command->add_option("--segment", arguments->segment, "Of which the flow is")
      ->check(CLI::IsMember(SegmentNames()))
      ->capture_default_str();
  command
      ->add_option("--min-confidence", arguments->min_confidence,
                   "Keypoints of a lower confidence count as not seen")
      ->capture_default_str();
  command->footer(
      "Example: links export --run runs/h36m --what completion --format onnx --output completion.onnx");
  command->callback([arguments] { Export(*arguments); });
}

}  // namespace links
