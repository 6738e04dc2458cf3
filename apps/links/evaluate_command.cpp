#include <torch/torch.h>

#include <filesystem>
#include <iostream>
#include <memory>

#include "commands.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/version.h"
#include "links/evaluation/evaluation.h"
#include "links/evaluation/occlusion_evaluation.h"
#include "links/evaluation/protocol.h"
#include "links/figures/matrix_figure.h"
#include "links/device/device.h"
#include "links/run/settings.h"
#include "links/run/trained_run.h"

namespace links {
namespace {

struct EvaluateArguments {
  std::string run, predictions, output, device = "auto", format = "table", predictions_output;
  std::string composition = "legs_torso", normalisation = "training", protocol = "none", occlusion = "paper",
              matrix;
  std::vector<std::string> data;
  PoseSelection selection;
};

// The lifted poses as a pose file: 3D in mm around the true root, so that it can be drawn and scored again.
void WritePredictions(const EvaluateArguments& arguments, PoseLifters& lifters,
                      const torch::Tensor& keypoints, double mm_per_unit, PoseData poses) {
  for (const LiftedPoses& lifted : LiftAll(lifters, keypoints)) {
    if (lifted.composition != arguments.composition) continue;
    const torch::Tensor truth =
        torch::from_blob(poses.joints_3d.data(), {poses.size(), kJoints, 3}, torch::kFloat32);
    const torch::Tensor joints = (lifted.joints * mm_per_unit + truth.narrow(1, kRoot, 1)).contiguous();
    poses.joints_3d.assign(joints.data_ptr<float>(), joints.data_ptr<float>() + joints.numel());
    poses.source = "lifted by links, composition " + arguments.composition + ", from: " + poses.source;
    WritePoseFile(arguments.predictions_output, poses, Joints3d::kPrediction);
    return;
  }
  throw UsageError("expected a composition that the run has for --composition, found '",
                   arguments.composition, "'");
}

// Which joints a pose misses under --occlusion random: the same ones whatever is evaluated.
constexpr uint64_t kOcclusionSeed = 1;

// Errors with two joints missing, and with one on the diagonal, as CSV or as a picture.
void WriteMatrix(const Report& report, const std::string& path) {
  std::vector<std::string> labels(kJointNames.begin() + 1, kJointNames.end());
  std::vector<double> values(labels.size() * labels.size(), kAbsent);
  for (const Result& result : report.results) {
    if (result.filler != "mask" || result.joints != "all" || result.grouping != "all") continue;
    for (size_t a = 0; a < labels.size(); ++a) {
      if (result.scenario == "single/" + labels[a]) values[a * labels.size() + a] = result.metrics.pa_mpjpe;
      for (size_t b = a + 1; b < labels.size(); ++b) {
        if (result.scenario != "pair/" + labels[a] + "+" + labels[b]) continue;
        values[a * labels.size() + b] = values[b * labels.size() + a] = result.metrics.pa_mpjpe;
      }
    }
  }
  if (!path.ends_with(".csv")) {
    DrawMatrix(path, "PA-MPJPE (no reflection), mm, two joints missing; diagonal: one", labels, values);
    return;
  }
  std::string csv = "pa_mpjpe";
  for (const std::string& label : labels) csv += "," + label;
  csv += "\n";
  for (size_t a = 0; a < labels.size(); ++a) {
    csv += labels[a];
    for (size_t b = 0; b < labels.size(); ++b) {
      const double value = values[a * labels.size() + b];
      csv += ',';
      if (!IsAbsent(value)) csv += Concat(value);
    }
    csv += "\n";
  }
  WriteFileAtomically(path, csv);
}

RunIdentity Identity(const RunConfig& config, const std::string& folder) {
  std::string name = config.name;
  if (name.empty()) name = std::filesystem::weakly_canonical(folder).filename().string();
  if (!config.recipe.empty()) name += " [" + config.recipe + "]";
  return {name, config.seed, RunDirectory(folder).Key()};
}

Report EvaluateTrainedRun(const EvaluateArguments& arguments, const PoseData& poses,
                          const GroundTruth& truth) {
  KeepFreedMemory();
  const torch::Device device = SelectDevice(arguments.device);
  TrainedRun run = LoadRun(RunDirectory(arguments.run), device);
  UseSettings(run.config);
  if (!run.has_lifters) throw Error("expected trained lifters in '", arguments.run, "', found only flows");
  const Normalisation own = Normalisation::Of(poses);
  const bool from_training = arguments.normalisation == "training";
  const Normalisation constants = from_training ? run.normalisation : own;
  // 3D of the training set gives the size of a unit; without it the evaluated set does.
  const bool unit_from_training = from_training && constants.mm_per_unit > 0;
  const double mm_per_unit = unit_from_training ? constants.mm_per_unit : own.mm_per_unit;
  const torch::Tensor keypoints = constants.Keypoints(poses).to(device);

  Report report;
  report.poses = poses.size();
  report.run = Identity(run.config, arguments.run);
  report.settings = {
      {"run", arguments.run},
      {"device", DeviceName(device)},
      {"precision", run.config.precision},
      {"supervision", run.config.lifters.supervision == "none" ? "unsupervised" : "supervised"},
      {"normalisation", Concat(constants.head_root_px, " px head-root distance, from the ",
                               from_training ? "training set" : "evaluated poses",
                               " (evaluated poses: ", own.head_root_px, " px)")},
      {"unit for MPJPE, PCK",
       Concat(mm_per_unit, " mm, from the ", unit_from_training ? "training set" : "evaluated poses")}};
  const OcclusionRequest occlusion = ParseOcclusion(arguments.occlusion);
  Fillers* fillers = run.has_fillers ? &run.networks.fillers : nullptr;
  Completion* completion = run.has_completion ? &run.networks.completion : nullptr;
  PoseLifters& lifters = run.networks.lifters;
  if (!occlusion.paper && !completion) {
    throw Error("expected a run with the stage completion for --occlusion ", arguments.occlusion, ", found '",
                arguments.run, "' without: links train --stage completion --resume");
  }
  report.results = EvaluateRun(lifters, occlusion.paper ? fillers : nullptr,
                               occlusion.paper ? completion : nullptr, keypoints, truth, mm_per_unit);
  std::vector<Result> more;
  if (!occlusion.patterns.empty()) {
    more = EvaluatePatterns(lifters, fillers, *completion, occlusion.patterns, keypoints, truth, mm_per_unit);
  } else if (completion && occlusion.most >= 0 && lifters->Has(LegsTorso())) {
    more = EvaluateRandom(lifters, *completion, occlusion.fewest, occlusion.most, kOcclusionSeed, keypoints,
                          truth, mm_per_unit);
  }
  report.results.insert(report.results.end(), more.begin(), more.end());
  if (!arguments.predictions_output.empty()) {
    WritePredictions(arguments, run.networks.lifters, keypoints, mm_per_unit, poses);
  }
  return report;
}

Report EvaluatePredictions(const EvaluateArguments& arguments, const PoseData& poses,
                           const GroundTruth& truth) {
  const PoseData predicted = ReadPoseFile(
      arguments.predictions, Protocol(arguments.protocol).Select(arguments.selection), Joints3d::kPrediction);
  if (predicted.size() != poses.size()) {
    throw Error("expected as many predictions as poses, ", poses.size(), ", found ", predicted.size(),
                " in '", arguments.predictions, "'");
  }
  Report report;
  report.poses = poses.size();
  report.settings = {{"predictions", arguments.predictions}};
  report.results = truth.Score(RootCentredJoints(predicted), "predictions", "none", "none", {AllJoints()});
  return report;
}

void Evaluate(const EvaluateArguments& arguments) {
  if (arguments.run.empty() == arguments.predictions.empty()) {
    throw UsageError("expected either --run or --predictions, found ",
                     arguments.run.empty() ? "none" : "both");
  }
  if (!arguments.matrix.empty() && (arguments.occlusion != "pairs" || arguments.run.empty())) {
    throw UsageError("expected --matrix with --run and --occlusion pairs, found --occlusion ",
                     arguments.occlusion);
  }
  if (!arguments.predictions.empty() && !arguments.predictions_output.empty()) {
    throw UsageError("expected --predictions-output with --run, found it with --predictions");
  }
  const Protocol protocol(arguments.protocol);
  const PoseData poses = ReadPoseFiles(arguments.data, protocol.Select(arguments.selection));
  const GroundTruth truth(poses, protocol.Groupings(poses));
  Report report = arguments.run.empty() ? EvaluatePredictions(arguments, poses, truth)
                                        : EvaluateTrainedRun(arguments, poses, truth);
  report.protocol = protocol.name();
  for (const auto& note : protocol.Notes(poses)) report.settings.push_back(note);
  if (arguments.selection.stride > 1) {
    report.settings.emplace_back("stride", Concat("every ", arguments.selection.stride, ". pose"));
  }
  std::string files;
  for (const std::string& file : arguments.data) files += (files.empty() ? "" : ", ") + file;
  report.settings.emplace_back("data", files);
  report.software = {{"links", Version()}, {"libtorch", LibTorchVersion()}};
  if (!arguments.output.empty()) WriteFileAtomically(arguments.output, ReportJson(report));
  if (!arguments.matrix.empty()) WriteMatrix(report, arguments.matrix);
  std::cout << (arguments.format == "json"  ? ReportJson(report)
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
  command->add_option("--run", arguments->run, "Run directory of `links train`");
  command->add_option("--predictions", arguments->predictions,
                      "Pose file whose joints_3d are predictions, in the order of the data");
  command->add_option("--data", arguments->data, "Pose files with joints_3d, read as one")
      ->required()
      ->expected(1, -1);
  command
      ->add_option("--protocol", arguments->protocol,
                   "Subjects and averages of a data set: h36m (S9 and S11, mean over the 15 actions), "
                   "mpi-inf-3dhp (TS1 to TS6, per sequence, activity and scene), cmu (per subject), none")
      ->check(CLI::IsMember(Protocol::Names()))
      ->capture_default_str();
  command
      ->add_option(
          "--occlusion", arguments->occlusion,
          "What is hidden: paper (the eight scenarios of table 3), single-joint, pairs, random:K or "
          "random:A-B joints of each pose (OCR-Pose: 0-3), or a file with a pattern of joints a line")
      ->capture_default_str();
  command->add_option("--matrix", arguments->matrix,
                      "With --occlusion pairs: the errors as a 16 x 16 matrix, .csv, .svg, .png or .pdf");
  command->add_option("--subjects", arguments->selection.subjects, "Only these subjects (comma separated)")
      ->delimiter(',');
  command->add_option("--actions", arguments->selection.actions, "Only these actions (comma separated)")
      ->delimiter(',');
  command->add_option("--cameras", arguments->selection.cameras, "Only these cameras (comma separated)")
      ->delimiter(',');
  command->add_option("--stride", arguments->selection.stride, "Only every n-th pose")
      ->check(CLI::Range(1, 1000000));
  command->add_option("-o,--output", arguments->output, "Write the results to this JSON file");
  command->add_option("--format", arguments->format, "What goes to stdout")
      ->check(CLI::IsMember({"table", "csv", "json"}))
      ->capture_default_str();
  command
      ->add_option("--normalisation", arguments->normalisation,
                   "Where the 2D scale comes from: the training set, or the evaluated poses themselves")
      ->check(CLI::IsMember({"training", "evaluated"}))
      ->capture_default_str();
  command->add_option("--predictions-output", arguments->predictions_output,
                      "Also write the lifted poses (mm, at the true root) to this pose file");
  command
      ->add_option("--composition", arguments->composition,
                   "The composition that --predictions-output writes")
      ->capture_default_str();
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command->callback([arguments] { Evaluate(*arguments); });
}

}  // namespace links
