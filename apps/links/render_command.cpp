#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "commands.h"
#include "links/core/error.h"
#include "links/data/pose_file.h"
#include "links/figures/pose_figure.h"
#include "links/figures/pose_panels.h"
#include "links/metrics/protocol.h"
#include "selection_options.h"

namespace links {
namespace {

constexpr int64_t kDefaultPoses = 8;

struct RenderArguments {
  std::string data, predictions, frames, output, protocol = "none";
  PoseSelection selection;
  int64_t worst = 0;
};

void RunRender(const RenderArguments& arguments) {
  if (arguments.data.empty() && arguments.predictions.empty()) {
    throw UsageError("expected --data, --predictions or both, found neither");
  }
  std::optional<PoseData> data, predictions;
  const PoseSelection selection = Protocol(arguments.protocol).Select(arguments.selection);
  if (!arguments.data.empty()) data = ReadPoseFile(arguments.data, selection);
  if (!arguments.predictions.empty()) {
    // Predictions are of the selected poses (as `links evaluate` writes them), or of all.
    predictions =
        ReadPoseFile(arguments.predictions, data ? PoseSelection() : selection, Joints3d::kPrediction);
    if (data && predictions->size() != data->size())
      predictions = ReadPoseFile(arguments.predictions, selection, Joints3d::kPrediction);
  }
  const int64_t size = (data ? *data : *predictions).size();
  if (arguments.worst > 0 && !(data && predictions))
    throw UsageError("expected --data and --predictions to draw the worst of, found one of them");
  const auto rows = arguments.worst > 0        ? WorstFrames(*data, *predictions, arguments.worst)
                    : arguments.frames.empty() ? SpreadFrames(size, kDefaultPoses)
                                               : ParseFrames(arguments.frames, size);
  DrawPoses(arguments.output,
            MakePosePanels(data ? &*data : nullptr, predictions ? &*predictions : nullptr, rows));
  std::cout << arguments.output << ": " << rows.size() << " poses\n";
}

}  // namespace

void AddRenderCommand(CLI::App& app) {
  auto arguments = std::make_shared<RenderArguments>();
  CLI::App* command = app.add_subcommand(
      "render", "Draw poses: the 2D keypoints, and the 3D pose from the camera, turned and from the side");
  command
      ->add_option("--data", arguments->data, "A pose file (HDF5): keypoints and, if it has them, 3D joints")
      ->type_name("FILE");
  command
      ->add_option(
          "--predictions", arguments->predictions,
          "A pose file of lifted poses; with --data (as many poses, same order) each is scaled to the "
          "data's 3D pose and drawn over it")
      ->type_name("FILE");
  auto* frames =
      command
          ->add_option(
              "--frames", arguments->frames,
              "Which of the selected poses, counted from 0, like 0,5,10-20; without it, 8 evenly spread ones")
          ->type_name("LIST");
  AddSelectionOptions(command, arguments->selection);
  command->add_option("--protocol", arguments->protocol, "Whose poses, as links evaluate takes it")
      ->check(CLI::IsMember(Protocol::Names()))
      ->capture_default_str();
  command
      ->add_option(
          "--worst", arguments->worst,
          "Draw that many of the predictions farthest from the data once scaled to them (N-MPJPE), the "
          "farthest first")
      ->check(CLI::Range(size_t{1}, kMostPoses))
      ->excludes(frames)
      ->type_name("N");
  command->add_option("--output", arguments->output, "The picture to write: .svg, .png or .pdf")
      ->type_name("FILE")
      ->required();
  command->footer("Example: links render --data val.h5 --predictions lifted.h5 --output poses.svg");
  command->callback([arguments] { RunRender(*arguments); });
}

}  // namespace links
