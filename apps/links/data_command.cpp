#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "detection_options.h"
#include "import_command.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/data/bvh_import.h"
#include "links/data/pose_file.h"
#include "links/data/summary.h"
#include "links/detection/detection.h"
#include "links/inference/coverage.h"
#include "links/synthetic/synthetic.h"

namespace links {
namespace {

CLI::Option* AddOutput(CLI::App* command, std::string& path) {
  return command
      ->add_option("--output", path, "The pose file (HDF5) to write; an earlier one of that name is replaced")
      ->type_name("FILE")
      ->required();
}

/// CLI11 would read -1 as 2^64 - 1.
std::string NotNegative(std::string& text) {
  return text.starts_with('-') ? "expected a whole number from 0, found " + text : "";
}

CLI::Option* AddSeed(CLI::App* command, uint64_t& seed, const std::string& help) {
  return command->add_option("--seed", seed, help + "; the same seed gives the same file")
      ->type_name("S")
      ->check(CLI::Validator(NotNegative, ""))
      ->capture_default_str();
}

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
  AddOutput(command, arguments->output);
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

struct BvhArguments {
  std::vector<std::string> paths;
  BvhImportOptions options;
  std::string output, source, licence;
  bool allow_missing = false;
};

void RunImportBvh(const BvhArguments& arguments) {
  const std::vector<std::string> files = FindBvhFiles(arguments.paths);
  LogInfo(Concat("reading ", files.size(), " BVH files"));
  BvhImport import = ImportBvh(files, arguments.options);
  PoseData& poses = import.poses;
  poses.source =
      arguments.source.empty() ? Concat("motion capture, ", files.size(), " BVH files") : arguments.source;
  poses.licence = arguments.licence;
  WritePoseFile(arguments.output, poses);
  std::cout << arguments.output << ": " << poses.size() << " poses from "
            << files.size() - import.missed.size() << " clips in " << arguments.options.views << " views\n";
  for (const std::string& sentence : import.missed) std::cout << "not read: " << sentence << "\n";
  if (!import.missed.empty() && !arguments.allow_missing) {
    throw Error("expected every clip to be read, found ", import.missed.size(),
                " that are not, listed above; ", arguments.output,
                " holds the rest (--allow-missing accepts that)");
  }
}

void AddImportBvh(CLI::App* import) {
  auto arguments = std::make_shared<BvhArguments>();
  BvhImportOptions& options = arguments->options;
  CLI::App* command = import->add_subcommand(
      "bvh",
      "Read motion capture (BVH): forward kinematics to the 17 joints, resampled, seen by virtual cameras "
      "like "
      "Human3.6M's (4 to 6 m away, 1.4 to 1.7 m high, any azimuth, focal length 1145 px, 1000 x 1000 px)");
  command->add_option("PATH", arguments->paths, "BVH files, or folders to search for them")->required();
  AddOutput(command, arguments->output);
  command->add_option("--views", options.views, "Virtual cameras a pose")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--fps", options.fps, "Poses kept a second; not above the file's own rate")
      ->type_name("F")
      ->check(CLI::Range(0.01, 10000.0))
      ->capture_default_str();
  AddSeed(command, options.seed, "Of the cameras");
  command
      ->add_option("--map", options.map,
                   "Which joint of the file is which of the 17: auto (the shipped map that fits), the name "
                   "of a file in configs/bvh, or "
                   "a YAML file like configs/bvh/cmu.yaml")
      ->type_name("auto|NAME|FILE.yaml")
      ->capture_default_str();
  command->add_flag("--allow-missing", arguments->allow_missing, "Succeed although clips cannot be read");
  command->add_option("--source", arguments->source, "Where the data come from, stored in the file")
      ->type_name("TEXT");
  command->add_option("--licence", arguments->licence, "The data's licence, stored in the file")
      ->type_name("TEXT");
  command->footer(
      "The subject is the file's name up to the first '_', the action its whole name, unless an index.csv "
      "beside the file or one folder above has columns file, subject, description.\n"
      "Example: links data import bvh mocap/train --output train.h5 --views 4 --fps 30");
  command->callback([arguments] { RunImportBvh(*arguments); });
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
  AddImportBvh(import);
  ImportCommand::AddAll(import);
  AddInfo(data);
  AddCoverage(data);
}

}  // namespace links
