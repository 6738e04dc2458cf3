#include <iostream>
#include <memory>
#include <string>

#include "commands.h"
#include "detection_options.h"
#include "import_command.h"
#include "links/data/pose_file.h"
#include "links/data/summary.h"
#include "links/detection/detection.h"
#include "links/inference/coverage.h"
#include "links/synthetic/synthetic.h"
#include "pose_file_options.h"

namespace links {
namespace {

void AddSynthesize(CLI::App* data) {
  struct Arguments {
    SyntheticOptions options;
    std::string output;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = data->add_subcommand(
      "synthesize",
      "Make poses of moving people without any download: ten subjects S1 to S10, thirteen actions, every "
      "pose seen by a random virtual camera 4 to 6 m away");
  AddPoseOutput(command, arguments->output);
  command->add_option("--poses", arguments->options.poses, "How many poses")
      ->type_name("N")
      ->check(CLI::Range(int64_t{1}, int64_t{100'000'000}))
      ->capture_default_str();
  AddSeed(command, arguments->options.seed, "Of the bodies, motions and cameras");
  command->footer("Example: links data synthesize --output poses.h5 --poses 50000 --seed 7");
  command->callback([arguments] {
    const PoseData poses = Synthesize(arguments->options);
    WritePoseFile(arguments->output, poses);
    std::cout << arguments->output << ": " << poses.size() << " poses\n";
  });
}

void AddInfo(CLI::App* data) {
  auto path = std::make_shared<std::string>();
  CLI::App* command = data->add_subcommand("info", "Check a pose file and say what is in it");
  command->add_option("FILE", *path, "A pose file (HDF5)")->required();
  command->callback([path] { std::cout << DescribePoses(ReadPoseFile(*path)); });
}

void AddCoverage(CLI::App* data) {
  struct Arguments {
    std::string path;
    DetectionOptions options;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = data->add_subcommand("coverage",
                                           "Of how many people in a detector's file a full 3D pose comes "
                                           "out: with the full-pose lifter, with the paper's "
                                           "eight scenarios, with the completion network");
  command->add_option("PATH", arguments->path, "A detector's file or folder (docs/lift.md)")->required();
  AddDetectionOptions(command, arguments->options);
  command->callback([arguments] {
    Coverage coverage;
    const auto reader = OpenDetections(arguments->path, arguments->options);
    for (DetectedFrame frame; reader->Next(frame);) {
      for (const DetectedPerson& person : frame.people) coverage.Add(person.seen);
    }
    std::cout << coverage.Text();
  });
}

}  // namespace

void AddDataCommand(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "Make, import and inspect pose files");
  data->require_subcommand(1);
  AddSynthesize(data);
  CLI::App* import = data->add_subcommand("import", "Turn other formats into a pose file");
  import->require_subcommand(1);
  ImportCommand::AddAll(import);
  AddInfo(data);
  AddCoverage(data);
}

}  // namespace links
