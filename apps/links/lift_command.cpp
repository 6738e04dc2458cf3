#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "commands.h"
#include "detection_options.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/device/device.h"
#include "links/inference/lift_stream.h"
#include "links/inference/lift_summary.h"
#include "links/inference/lifted_figure.h"
#include "links/lifted/lifted_writer.h"
#include "links/run/finished_stage.h"
#include "links/run/settings.h"
#include "steady_options.h"

namespace links {
namespace {

constexpr double kSecondsBetweenReports = 10;
constexpr double kUnknownHeight = 0, kLeastHeight = 300, kMostHeight = 3000;  // mm

struct LiftArguments {
  std::string run, input, output, render, device = "auto", scale = "person";
  DetectionOptions detections;
  SteadyOptions steady;
  double height = kUnknownHeight;
  int64_t batch = 256;

  bool from_pipe() const { return input == "-"; }
  TrackOptions track_options() const { return steady.ToTrackOptions(detections); }
};

/// What every lifted frame passes by: counts, some poses to draw, a word now and then.
class Monitor {
 public:
  void Take(const LiftedFrame& frame) {
    summary_.Add(frame);
    figure_.Add(frame);
    const auto now = std::chrono::steady_clock::now();
    if (std::chrono::duration<double>(now - shown_).count() < kSecondsBetweenReports) return;
    LogInfo(summary_.Rate());
    shown_ = now;
  }

  void Draw(const std::string& path) const {
    if (!path.empty()) figure_.Draw(path);
  }

  const LiftSummary& summary() const { return summary_; }

 private:
  LiftSummary summary_;
  LiftedFigure figure_;
  std::chrono::steady_clock::time_point shown_ = std::chrono::steady_clock::now();
};

void CheckCall(const LiftArguments& arguments) {
  CheckTrackOptions(arguments.track_options());
  const bool height = arguments.height != kUnknownHeight;
  if (height && !(arguments.height >= kLeastHeight && arguments.height <= kMostHeight)) {
    throw UsageError("expected a height of ", kLeastHeight, " to ", kMostHeight, " mm, found ",
                     arguments.height);
  }
  if (!arguments.output.empty()) {
    CheckLiftedPath(arguments.output);
    if (std::filesystem::path(arguments.output).extension() == ".h5") {
      if (!height) throw UsageError("expected --height for a pose file, which holds mm, found none");
      if (arguments.steady.upright)
        throw UsageError("expected the camera's axes for a pose file, found --upright");
    }
  } else if (!arguments.from_pipe()) {
    throw UsageError("expected --output, which only --input - can do without, found none");
  } else if (arguments.steady.rigid || arguments.steady.upright) {
    throw UsageError("expected --output with --rigid and --upright, which need whole tracks, found none");
  }
  if (!arguments.render.empty()) CheckFigurePath(arguments.render);
  const std::string& format = arguments.detections.format;
  if (arguments.from_pipe() && format != "auto" && format != "jsonl") {
    throw UsageError("expected --format jsonl with --input -, found ", format);
  }
  if (arguments.detections.map != "auto") FindKeypointMap(arguments.detections.map);
}

void LiftToFile(const LiftArguments& arguments, DetectionReader& reader, PoseEstimator& estimator,
                Monitor& monitor) {
  const LiftedOptions options = {arguments.steady.fps.value_or(kUsualFps),
                                 Concat("lifted by links with ", arguments.run, " from ",
                                        arguments.from_pipe() ? "a pipe" : arguments.input),
                                 arguments.detections.joints,
                                 arguments.steady.upright};
  TrackNotes notes;
  const auto files = WriteLifted(arguments.output, options, [&](LiftedWriter& writer) {
    const TakeLifted take = [&](const LiftedFrame& frame) {
      writer.Write(frame);
      monitor.Take(frame);
    };
    notes = LiftTracks(reader, estimator, arguments.batch, arguments.track_options(), take);
    monitor.Draw(arguments.render);
  });
  LogInfo(Concat("read as ", reader.format(), reader.map().empty() ? "" : ", keypoint map ", reader.map()));
  if (arguments.detections.fix_swaps)
    LogInfo(Concat(reader.fixed_swaps(), " people with left and right exchanged back"));
  LogInfo(monitor.summary().Text());
  for (const std::string& note : notes) LogInfo(note);
  if (const std::string why = WhyNotSmoothed(arguments.steady); !why.empty()) LogInfo(why);
  for (const std::string& file : files) std::cout << file << "\n";
}

void AnswerPipe(const LiftArguments& arguments, PoseEstimator& estimator, Monitor& monitor) {
  const TrackOptions steady = arguments.track_options();
  std::optional<StreamSmoother> smoother;
  if (steady.smooth_hz > 0) smoother.emplace(steady.smooth_hz, steady.fps);
  const int64_t errors =
      AnswerLines(std::cin, std::cout, arguments.detections, estimator, smoother ? &*smoother : nullptr,
                  [&](const LiftedFrame& frame) { monitor.Take(frame); });
  monitor.Draw(arguments.render);
  LogInfo(monitor.summary().Text());
  if (errors > 0) throw Error("expected a frame on every line, found ", errors, " lines that are none");
}

void RunLift(LiftArguments& arguments) {
  CheckCall(arguments);
  if (arguments.detections.joints == JointDefinition::kNotStated)
    arguments.detections.joints = TrainedJoints(RunDirectory(arguments.run));
  // Opened before the networks are loaded: a wrong file is said at once.
  std::unique_ptr<DetectionReader> reader;
  if (!arguments.from_pipe()) {
    reader = OpenDetections(arguments.input, arguments.detections);
  } else if (!arguments.output.empty()) {
    reader = ReadDetectionLines(std::cin, "standard input", arguments.detections);
  }
  TrainedRun run = LoadRun(RunDirectory(arguments.run), SelectDevice(arguments.device),
                           {kLifters, kFullFlow, kCompletion});
  UseSettings(run.config);
  PoseEstimator estimator(std::move(run), {arguments.scale == "training", arguments.height});
  Monitor monitor;
  if (reader != nullptr) {
    LiftToFile(arguments, *reader, estimator, monitor);
  } else {
    AnswerPipe(arguments, estimator, monitor);
  }
}

}  // namespace

void AddLiftCommand(CLI::App& app) {
  const auto arguments = std::make_shared<LiftArguments>();
  CLI::App* command =
      app.add_subcommand("lift",
                         "Lift a detector's output to 3D, whatever joints are missing (docs/lift.md).\n"
                         "Files written go to stdout, or with --input - alone the lifted frames do.");
  command->add_option("--run", arguments->run, "Run directory of `links train`, with the stage completion")
      ->type_name("DIR")
      ->required();
  command
      ->add_option("--input", arguments->input,
                   "A detector's file or folder, or - for JSON lines from a pipe, answered line by line")
      ->type_name("FILE|DIR|-")
      ->required();
  AddDetectionOptions(command, arguments->detections);
  command
      ->add_option("-o,--output", arguments->output,
                   "What to write: .json, .jsonl, .csv, .h5 (a pose file) or .bvh")
      ->type_name("FILE");
  command
      ->add_option("--scale", arguments->scale,
                   "Pixels from head to root: of each person, from its track or its bones; or the training "
                   "set's, for images of its own cameras")
      ->check(CLI::IsMember({"person", "training"}))
      ->capture_default_str();
  command
      ->add_option("--height", arguments->height,
                   "Height of the people in mm: joints are then given in mm too")
      ->type_name("MM");
  AddSteadyOptions(command, arguments->steady);
  command->add_option("--render", arguments->render, "Also draw some of the poses: .svg, .png or .pdf")
      ->type_name("FILE");
  command->add_option("--batch", arguments->batch, "Frames of a file that are lifted at once")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command->footer(
      "Example: links lift --run runs/h36m --input openpose_json --output poses.bvh --height 1750");
  command->callback([arguments] { RunLift(*arguments); });
}

}  // namespace links
