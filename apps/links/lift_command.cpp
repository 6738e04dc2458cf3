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
#include "links/lifted/lifted_writer.h"
#include "links/run/finished_stage.h"
#include "links/run/model.h"
#include "links/run/settings.h"
#include "steady_options.h"
#include "viewing_options.h"

namespace links {
namespace {

constexpr double kSecondsBetweenReports = 10;
constexpr double kUnknownHeight = 0, kLeastHeight = 300, kMostHeight = 3000;  // mm

struct LiftArguments {
  std::string run, input, device = "auto", scale = "person";
  std::vector<std::string> outputs;  // the page among them
  DetectionOptions detections;
  SteadyOptions steady;
  ViewingOptions viewing;
  double height = kUnknownHeight;
  bool spread = false;
  int64_t hypotheses = 0;
  int64_t batch = 256;

  bool from_pipe() const { return input == "-"; }
  double fps() const { return steady.fps.value_or(kUsualFps); }
  TrackOptions track_options() const { return steady.ToTrackOptions(detections); }
};

/// What every lifted frame passes by: counts, what is drawn of it, a word now and then.
class Monitor {
 public:
  /// Throws for what cannot be drawn before anything is lifted.
  Monitor(const ViewingOptions& viewing, double fps) : viewing_(viewing), figure_(viewing.choice) {
    if (!viewing.render.empty()) CheckFigurePath(viewing.render);
    if (!viewing.video.empty()) video_.emplace(viewing.video, viewing.video_start);
    if (!viewing.overlay.empty()) overlay_.emplace(viewing.overlay, fps);
  }

  /// Time is counted from here.
  void Begin() {
    summary_ = {};
    shown_ = std::chrono::steady_clock::now();
  }

  void Take(const LiftedFrame& frame) {
    summary_.Add(frame);
    if (!viewing_.render.empty()) figure_.Add(frame);
    if (overlay_) overlay_->Add(frame);
    const auto now = std::chrono::steady_clock::now();
    if (std::chrono::duration<double>(now - shown_).count() < kSecondsBetweenReports) return;
    LogInfo(summary_.Rate());
    shown_ = now;
  }

  void Draw() const {
    if (!viewing_.render.empty()) figure_.Draw(viewing_.render);
    if (overlay_) overlay_->Draw(*video_);
  }

  const Video* video() const { return video_ ? &*video_ : nullptr; }
  const LiftSummary& summary() const { return summary_; }

 private:
  const ViewingOptions& viewing_;
  LiftSummary summary_;
  LiftedFigure figure_;
  std::optional<Video> video_;
  std::optional<Overlay> overlay_;
  std::chrono::steady_clock::time_point shown_;
};

bool HoldsMillimetres(const std::string& path) {
  const auto extension = std::filesystem::path(path).extension();
  return extension == ".h5" || extension == ".trc" || extension == ".c3d";
}

void CheckCall(const LiftArguments& arguments) {
  CheckTrackOptions(arguments.track_options());
  const bool height = arguments.height != kUnknownHeight;
  if (height && !(arguments.height >= kLeastHeight && arguments.height <= kMostHeight)) {
    throw UsageError("expected a height of ", kLeastHeight, " to ", kMostHeight, " mm, found ",
                     arguments.height);
  }
  if (arguments.outputs.empty() && !arguments.from_pipe())
    throw UsageError("expected --output, which only --input - can do without, found none");
  if (arguments.outputs.empty() && (arguments.steady.rigid || arguments.steady.upright))
    throw UsageError("expected --output with --rigid and --upright, which need whole tracks, found none");
  if (arguments.steady.upright && !arguments.viewing.overlay.empty())
    throw UsageError("expected the camera's axes for --overlay, found --upright");
  if (arguments.hypotheses > 0 && (arguments.steady.rigid || arguments.steady.upright))
    throw UsageError("expected lifted poses as they are for --hypotheses, found --rigid or --upright");
  const std::string& html = arguments.viewing.html;
  if (!html.empty() && std::filesystem::path(html).extension() != ".html")
    throw UsageError("expected a page that ends in .html, found '", html, "'");
  for (const std::string& output : arguments.outputs) {
    CheckLiftedPath(output);
    if (HoldsMillimetres(output) && !height)
      throw UsageError("expected --height for '", output, "', which holds mm, found none");
    if (arguments.steady.upright && std::filesystem::path(output).extension() == ".h5")
      throw UsageError("expected the camera's axes for a pose file, found --upright");
  }
  const std::string& format = arguments.detections.format;
  if (arguments.from_pipe() && format != "auto" && format != "jsonl") {
    throw UsageError("expected --format jsonl with --input -, found ", format);
  }
  if (arguments.detections.map != "auto") FindKeypointMap(arguments.detections.map);
}

void LiftToFile(const LiftArguments& arguments, DetectionReader& reader, PoseEstimator& estimator,
                Monitor& monitor) {
  const LiftedOptions options = {arguments.fps(),
                                 Concat("lifted by links with ", arguments.run, " from ",
                                        arguments.from_pipe() ? "a pipe" : arguments.input),
                                 arguments.detections.joints, arguments.steady.upright, monitor.video()};
  TrackNotes notes;
  const auto files = WriteLifted(arguments.outputs, options, [&](LiftedWriter& writer) {
    const TakeLifted take = [&](const LiftedFrame& frame) {
      writer.Write(frame);
      monitor.Take(frame);
    };
    notes = LiftTracks(reader, estimator, arguments.batch, arguments.track_options(), take);
    monitor.Draw();
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
  monitor.Draw();
  LogInfo(monitor.summary().Text());
  if (errors > 0) throw Error("expected a frame on every line, found ", errors, " lines that are none");
}

// A video's pictures are the frames, so its rate is theirs.
void TakeRateOfVideo(LiftArguments& arguments) {
  std::optional<double>& fps = arguments.steady.fps;
  if (fps || arguments.viewing.video.empty()) return;
  fps = Video(arguments.viewing.video, arguments.viewing.video_start).FramesPerSecond();
  if (fps) LogInfo(Concat(*fps, " frames a second, as the video says"));
}

void RunLift(LiftArguments& arguments) {
  TakeRateOfVideo(arguments);
  CheckCall(arguments);
  arguments.run = FindRun(arguments.run);
  if (arguments.detections.joints == JointDefinition::kNotStated)
    arguments.detections.joints = TrainedJoints(RunDirectory(arguments.run));
  Monitor monitor(arguments.viewing, arguments.fps());
  // Opened before the networks are loaded: a wrong file is said at once.
  std::unique_ptr<DetectionReader> reader;
  if (!arguments.from_pipe()) {
    reader = OpenDetections(arguments.input, arguments.detections);
  } else if (!arguments.outputs.empty()) {
    reader = ReadDetectionLines(std::cin, "standard input", arguments.detections);
  }
  TrainedRun run = LoadRun(RunDirectory(arguments.run), SelectDevice(arguments.device),
                           {kLifters, kFullFlow, kCompletion});
  UseSettings(run.config);
  PoseEstimator estimator(std::move(run),
                          {arguments.scale == "training", arguments.height,
                           arguments.spread || arguments.hypotheses > 0, arguments.hypotheses});
  if (estimator.options().spread && !estimator.calibrated())
    LogInfo("the spread is by factors found on motion capture, not this run's own: links calibrate");
  monitor.Begin();
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
  command
      ->add_option(
          "--run", arguments->run,
          "Run directory of `links train`, with the stage completion, or a shipped model (links info "
          "--models); by default the shipped model cmu")
      ->type_name("DIR|MODEL");
  command
      ->add_option("--input", arguments->input,
                   "A detector's file or folder, or - for JSON lines from a pipe, answered line by line")
      ->type_name("FILE|DIR|-")
      ->required();
  AddDetectionOptions(command, arguments->detections);
  command
      ->add_option(
          "-o,--output", arguments->outputs,
          "What to write: .json, .jsonl, .csv, .h5 (a pose file), .npz (NumPy), .bvh, .trc (OpenSim), .c3d "
          "or .html (as with --html); may be given again, and then all are written or none")
      ->expected(1)
      ->take_all()
      ->type_name("FILE");
  AddViewingOptions(command, arguments->viewing);
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
  command->add_flag("--spread", arguments->spread,
                    "Also say how far each joint may be off: the radius within which 68 % of true ones lie");
  command
      ->add_option("--hypotheses", arguments->hypotheses,
                   "Also give so many other answers for each pose, of the frame alone; implies --spread")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  AddSteadyOptions(command, arguments->steady);
  command->add_option("--batch", arguments->batch, "Frames of a file that are lifted at once")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command->footer(
      "Example: links lift --input openpose_json -o poses.json -o poses.bvh --html "
      "poses.html");
  command->callback([arguments] {
    if (!arguments->viewing.html.empty()) arguments->outputs.push_back(arguments->viewing.html);
    RunLift(*arguments);
  });
}

}  // namespace links
