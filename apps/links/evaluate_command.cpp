#include <iostream>
#include <memory>

#include "commands.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/text.h"
#include "links/metrics/protocol.h"
#include "links/run/model.h"
#include "links/scoring/occlusion_matrix.h"
#include "links/scoring/scoring.h"
#include "selection_options.h"

namespace links {
namespace {

struct EvaluateArguments {
  ScoringRequest request;
  std::string output, format = "table", matrix;
};

void Evaluate(EvaluateArguments& arguments) {
  ScoringRequest& request = arguments.request;
  if (request.run.empty() == request.predictions.empty()) {
    throw UsageError("expected either --run or --predictions, found ", request.run.empty() ? "none" : "both");
  }
  if (!arguments.matrix.empty() && (request.occlusion != "pairs" || request.run.empty())) {
    throw UsageError("expected --matrix with --run and --occlusion pairs, found --occlusion ",
                     request.occlusion);
  }
  if (!request.predictions.empty() && !request.lifted_file.empty()) {
    throw UsageError("expected --predictions-output with --run, found it with --predictions");
  }
  for (const std::string* path : {&arguments.output, &arguments.matrix, &request.lifted_file}) {
    if (!path->empty()) CheckWritable(*path);
  }
  if (!request.run.empty()) request.run = FindRun(request.run);
  const Report report = Score(request);
  if (!arguments.output.empty()) WriteFileAtomically(arguments.output, ReportJson(report));
  if (!arguments.matrix.empty()) WriteOcclusionMatrix(report, arguments.matrix);
  std::cout << Printable(arguments.format == "json"  ? ReportJson(report)
                         : arguments.format == "csv" ? ReportCsv(report)
                                                     : ReportTable(report));
}

}  // namespace

void AddEvaluateCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("evaluate",
                         "Score a run's lifters and fillers, or anyone's predictions, against ground truth.\n"
                         "The table goes to stdout; --output also writes every figure as JSON.");
  const auto arguments = std::make_shared<EvaluateArguments>();
  ScoringRequest& request = arguments->request;
  command->add_option("--run", request.run,
                      "Run directory of `links train`, or a shipped model (models/cmu)");
  command->add_option("--predictions", request.predictions,
                      "Pose file whose joints_3d are predictions, in the order of the data");
  command->add_option("--data", request.data, "Pose files with joints_3d, read as one")
      ->required()
      ->expected(1, -1);
  command
      ->add_option("--protocol", request.protocol, "Subjects and averages of a data set: " + Protocol::Help())
      ->check(CLI::IsMember(Protocol::Names()))
      ->capture_default_str();
  command
      ->add_option(
          "--occlusion", request.occlusion,
          "What is hidden: paper (the eight scenarios of table 3), single-joint, pairs, random:K or "
          "random:A-B joints of each pose (OCR-Pose: 0-3), or a file with a pattern of joints a line")
      ->capture_default_str();
  command->add_option("--matrix", arguments->matrix,
                      "With --occlusion pairs: the errors as a 16 x 16 matrix, .csv, .svg, .png or .pdf");
  AddSelectionOptions(command, request.selection);
  command->add_option("-o,--output", arguments->output, "Write the results to this JSON file");
  command->add_option("--format", arguments->format, "What goes to stdout")
      ->check(CLI::IsMember({"table", "csv", "json"}))
      ->capture_default_str();
  command
      ->add_option("--normalisation", request.normalisation,
                   "Where the 2D scale comes from: the training set, or the evaluated poses themselves")
      ->check(CLI::IsMember({"training", "evaluated"}))
      ->capture_default_str();
  command->add_option(
      "--predictions-output", request.lifted_file,
      "Also write the lifted poses (mm, at the true root; hidden joints without keypoints) to "
      "this pose file");
  command
      ->add_option("--composition", request.composition,
                   "What --predictions-output writes: a composition, or FILLER:SCENARIO like o3d:left_arm, "
                   "o2d:full_torso, mask:LWrist+RAnkle, mask:random_0_3")
      ->type_name("NAME|FILLER:SCENARIO")
      ->capture_default_str();
  command->add_option("--device", request.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command->callback([arguments] { Evaluate(*arguments); });
}

}  // namespace links
