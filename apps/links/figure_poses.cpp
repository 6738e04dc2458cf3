#include <iostream>
#include <memory>
#include <optional>

#include "figure_command.h"
#include "links/core/error.h"
#include "links/data/missing_joints.h"
#include "links/gallery/pose_figures.h"
#include "links/metrics/protocol.h"
#include "selection_options.h"

namespace links {
namespace {

struct PoseArguments {
  FigureOutput output;
  std::vector<std::string> runs, data;
  PoseSelection selection;
  std::string protocol = "none", device = "auto";

  // The poses as `links evaluate` takes them.
  PoseData Read() const {
    PoseData poses = ReadPoseFiles(data, Protocol(protocol).Select(selection));
    DropIncomplete(poses, "poses to draw");
    return poses;
  }
  ShownRun Open(const std::string& run) const { return ShownRun(run, SelectDevice(device)); }
};

void Finish(const PoseArguments& arguments, const PoseGrid& grid) {
  DrawPoseGrid(arguments.output.path, grid, arguments.output.width_mm);
  std::cout << arguments.output.path << ": " << grid.rows.size() << " rows\n";
}

// --run, --data, selection, --output, --width and --device.
std::shared_ptr<PoseArguments> AddPoseArguments(CLI::App* command, bool several, bool needs_data,
                                                const std::string& data_help) {
  auto arguments = std::make_shared<PoseArguments>();
  auto* run = command->add_option("--run", arguments->runs,
                                  several ? "Run directory or shipped model; given again, a column each"
                                          : "Run directory of `links train`, or a shipped model");
  run->required()->type_name("RUN");
  if (several) {
    run->take_all();
  } else {
    run->expected(1);
  }
  auto* data = command->add_option("--data", arguments->data, data_help);
  data->expected(1, -1)->type_name("FILE");
  if (needs_data) data->required();
  command->add_option("--protocol", arguments->protocol, "Whose poses, as links evaluate takes it")
      ->check(CLI::IsMember(Protocol::Names()))
      ->capture_default_str();
  AddSelectionOptions(command, arguments->selection);
  AddFigureOutput(command, arguments->output);
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  return arguments;
}

void AddSampling(CLI::App* figure) {
  CLI::App* command = figure->add_subcommand("sampling",
                                             "Figure 2: poses drawn from the flow's prior, and beside them "
                                             "those around real poses (eq. 3), with the\n"
                                             "same latent noise.");
  const auto arguments = AddPoseArguments(
      command, false, false, "Pose files that ours start from; without it the run's training files");
  struct Extra {
    int64_t count = 12, columns = 3;
    uint64_t seed = 1;
  };
  const auto extra = std::make_shared<Extra>();
  command->add_option("--count", extra->count, "Poses of each kind")
      ->check(CLI::Range(1, 200))
      ->capture_default_str();
  command->add_option("--columns", extra->columns, "Poses of each kind in a row")
      ->check(CLI::Range(1, 40))
      ->capture_default_str();
  command->add_option("--seed", extra->seed, "Seed of the noise")->capture_default_str();
  command->callback([arguments, extra] {
    ShownRun run = arguments->Open(arguments->runs.front());
    std::optional<PoseData> given;
    if (!arguments->data.empty()) given = arguments->Read();
    Finish(*arguments,
           SamplingFigure(run, extra->count, extra->columns, extra->seed, given ? &*given : nullptr));
  });
}

void AddLifting(CLI::App* figure) {
  CLI::App* command = figure->add_subcommand(
      "lifting",
      "Figure 3: keypoints, the 3D poses of one or several runs with their errors, and the truth; with\n"
      "--images also the picture.");
  const auto arguments =
      AddPoseArguments(command, true, true, "Pose files with joints_3d, read as one, as in links evaluate");
  struct Extra {
    PoseChoice choice{"", {0, 25, 50, 75, 100}};
    std::string composition = "legs_torso", images;
    int64_t first = 0;
  };
  const auto extra = std::make_shared<Extra>();
  auto* frames = command
                     ->add_option("--frames", extra->choice.frames,
                                  "Which of the selected poses, counted from 0, like 0,5,10-20")
                     ->type_name("LIST");
  command
      ->add_option("--ranks", extra->choice.ranks,
                   "Poses at these percentiles of the first run's PA-MPJPE: 0 = the best, 100 = the worst")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 100.0))
      ->excludes(frames)
      ->capture_default_str();
  command
      ->add_option("--composition", extra->composition,
                   "How they are lifted: a composition, or FILLER:SCENARIO as in links evaluate")
      ->capture_default_str();
  auto* images =
      command
          ->add_option("--images", extra->images,
                       "A folder of the pictures, whose names or numbers are the poses' frames, or "
                       "a video; ffmpeg reads them")
          ->type_name("DIR|FILE");
  command->add_option("--images-start", extra->first, "The number of the video's first picture")
      ->needs(images)
      ->capture_default_str();
  command->callback([arguments, extra] {
    std::vector<ShownRun> runs;
    std::vector<ShownRun*> pointers;
    for (const std::string& run : arguments->runs) runs.push_back(arguments->Open(run));
    for (ShownRun& run : runs) pointers.push_back(&run);
    std::optional<Video> video;
    if (!extra->images.empty()) video.emplace(extra->images, extra->first);
    Finish(*arguments, LiftingFigure(pointers, arguments->Read(), extra->composition, extra->choice,
                                     video ? &*video : nullptr));
  });
}

void AddOcclusion(CLI::App* figure) {
  CLI::App* command =
      figure->add_subcommand("occlusion",
                             "Figure 4: each scenario with its hidden joints marked, and the poses of O_2D, "
                             "O_3D and the completion\n"
                             "beside the truth: poses of median error, and the two worst last.");
  const auto arguments =
      AddPoseArguments(command, false, true, "Pose files with joints_3d, read as one, as in links evaluate");
  command->callback([arguments] {
    ShownRun run = arguments->Open(arguments->runs.front());
    Finish(*arguments, OcclusionFigure(run, arguments->Read()));
  });
}

void AddLatent(CLI::App* figure) {
  CLI::App* command = figure->add_subcommand("latent",
                                             "A walk between two poses in the latent of the full-pose flow, "
                                             "and straight through the keypoints below,\n"
                                             "with the negative log-likelihood of each.");
  const auto arguments = AddPoseArguments(command, false, true, "Pose files that hold the two poses");
  struct Extra {
    int64_t from = 0, to = 1, steps = 7;
  };
  const auto extra = std::make_shared<Extra>();
  command->add_option("--from", extra->from, "The first of the selected poses, counted from 0")->required();
  command->add_option("--to", extra->to, "The last one")->required();
  command->add_option("--steps", extra->steps, "Poses in a row")
      ->check(CLI::Range(2, 40))
      ->capture_default_str();
  command->callback([arguments, extra] {
    ShownRun run = arguments->Open(arguments->runs.front());
    Finish(*arguments, LatentFigure(run, arguments->Read(), extra->from, extra->to, extra->steps));
  });
}

}  // namespace

void AddPoseFigures(CLI::App* figure) {
  AddSampling(figure);
  AddLifting(figure);
  AddOcclusion(figure);
  AddLatent(figure);
}

}  // namespace links
