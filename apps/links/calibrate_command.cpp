#include <array>
#include <filesystem>
#include <iostream>
#include <memory>

#include "commands.h"
#include "links/config/config.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/core/text.h"
#include "links/core/text_table.h"
#include "links/data/missing_joints.h"
#include "links/data/pose_file.h"
#include "links/device/device.h"
#include "links/evaluation/spread_calibration.h"
#include "links/lifted/lifted_pose.h"
#include "links/run/model.h"
#include "links/run/settings.h"
#include "links/run/trained_run.h"
#include "pose_file_options.h"

namespace links {
namespace {

struct CalibrateArguments {
  std::string run, data, device = "auto";
  CalibrationOptions options;
};

std::string Thirds(const SpreadCoverage& coverage) {
  std::vector<std::string> shares;
  for (const double share : coverage.covered_by_third) shares.push_back(Fixed(100 * share, 0));
  return Join(shares, " ");
}

void Calibrate(CalibrateArguments& arguments) {
  const torch::Device device = SelectDevice(arguments.device);
  const RunDirectory directory(FindRun(arguments.run));
  PoseData poses = ReadPoseFile(arguments.data);
  DropIncomplete(poses, "poses to calibrate on");
  TrainedRun run = LoadRun(directory, device, {kLifters, kCompletion});
  UseSettings(run.config);
  CheckCompletion(run);
  arguments.options.masks = run.config.completion.masks;
  const SpreadCalibration found = CalibrateSpread(run.networks.lifters, run.networks.completion, poses,
                                                  run.normalisation, arguments.options, device);
  WriteFileAtomically(
      directory.SpreadPath(),
      Concat("# Spread of the joints of this run: links calibrate --data ",
             std::filesystem::path(arguments.data).filename().string(), "\n", WriteConfig(found.factors)));
  TextTable table({"state", "subjects", "joints", "factor", "within, %", "by third of\nthe spread, %",
                   "mean\nradius", "median\nerror, units"},
                  2);
  const std::array<double, 3> factors = {found.factors.lifted, found.factors.ray, found.factors.guessed};
  const auto add = [&](JointState state, const char* subjects, const SpreadCoverage& coverage) {
    table.AddRow({std::string(JointStateName(state)), subjects, Concat(coverage.joints),
                  Fixed(factors[static_cast<size_t>(state)], 3), Fixed(100 * coverage.covered, 1),
                  Thirds(coverage), Fixed(coverage.mean_radius, 4), Fixed(coverage.median_error, 4)});
  };
  for (const JointState state : {JointState::kLifted, JointState::kRay, JointState::kGuessed}) {
    add(state, "fitted on", found.fitted[static_cast<size_t>(state)]);
    add(state, "others", found.others[static_cast<size_t>(state)]);
  }
  std::cout << table.Text();
  std::cout << directory.SpreadPath() << "\n";
}

}  // namespace

void AddCalibrateCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("calibrate",
                                         "Find by what `links lift --spread` has to multiply the deviations "
                                         "of its other answers for 68 % of the\n"
                                         "true joints to lie within the spread, on every other subject of a "
                                         "pose file with 3D, and print how many\n"
                                         "of the others' do. The factors are kept in the run (spread.yaml).");
  const auto arguments = std::make_shared<CalibrateArguments>();
  command->add_option("--run", arguments->run, "Run directory of `links train`, with the stage completion")
      ->required();
  command->add_option("--data", arguments->data, "Pose file with 3D joints of two subjects or more")
      ->required();
  command->add_option("--poses", arguments->options.poses, "Poses used at most, spread evenly over the file")
      ->check(CLI::Range(2, 10000000))
      ->capture_default_str();
  AddSeed(command, arguments->options.seed, "Seed of which joints are hidden in half of the poses");
  command->add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  command->callback([arguments] { Calibrate(*arguments); });
}

}  // namespace links
