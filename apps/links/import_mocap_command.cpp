#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "import_command.h"
#include "links/core/error.h"
#include "links/core/log.h"
#include "links/data/asf_amc.h"
#include "links/data/bvh.h"
#include "links/data/mocap_import.h"
#include "pose_file_options.h"

namespace links {
namespace {

/// What is said of the cameras; "" = as --cameras has it.
struct CameraArguments {
  std::string name = "human36m", distance, height, pitch, roll, off_axis, focal, px_per_metre;
  std::optional<double> seconds;
};

struct MocapArguments {
  std::vector<std::string> paths;
  MocapImportOptions options;
  CameraArguments cameras;
  std::string output, joints = "mocap", bodies = "recorded", source, licence;
  bool allow_missing = false;
  std::string skeleton;  // of AMC files
  double recorded_fps = 120;
};

void OnlyOne(const std::string& a, const std::string& name_a, const std::string& b,
             const std::string& name_b) {
  if (!a.empty() && !b.empty())
    throw UsageError("expected ", name_a, " or ", name_b, ", one of which gives the other, found both");
}

CameraDistribution MakeCameras(const CameraArguments& arguments) {
  OnlyOne(arguments.height, "--height", arguments.pitch, "--pitch");
  OnlyOne(arguments.focal, "--focal", arguments.px_per_metre, "--px-per-metre");
  CameraDistribution cameras = CameraDistribution::Named(arguments.name);
  const auto set = [](const std::string& text, const std::string& name, const CameraLimits& limits, auto& to,
                      std::optional<Distribution>* instead = nullptr) {
    if (text.empty()) return;
    to = Distribution::Parse(text, name, limits.least, limits.most);
    if (instead != nullptr) instead->reset();
  };
  set(arguments.distance, "--distance", kDistanceLimits, cameras.distance_mm);
  set(arguments.height, "--height", kHeightLimits, cameras.height_mm, &cameras.pitch_deg);
  set(arguments.pitch, "--pitch", kPitchLimits, cameras.pitch_deg, &cameras.height_mm);
  set(arguments.roll, "--roll", kRollLimits, cameras.roll_deg);
  set(arguments.off_axis, "--off-axis", kOffAxisLimits, cameras.off_axis_deg);
  set(arguments.focal, "--focal", kFocalLimits, cameras.focal_px, &cameras.px_per_metre);
  set(arguments.px_per_metre, "--px-per-metre", kSizeLimits, cameras.px_per_metre, &cameras.focal_px);
  cameras.seconds = arguments.seconds.value_or(cameras.seconds);
  return cameras;
}

std::string Describe(const MocapImportOptions& options) {
  std::string text = options.cameras.Text();
  if (options.bodies == Bodies::kVaried) text += ", varied bodies";
  if (options.noise_px > 0) text += Concat(", noise ", options.noise_px, " px");
  return text;
}

void RunImport(MocapArguments& arguments, const MocapFormat& format) {
  arguments.options.cameras = MakeCameras(arguments.cameras);
  arguments.options.joints = ParseJointDefinition(arguments.joints);
  arguments.options.bodies = ParseBodies(arguments.bodies);
  const std::vector<std::string> files = FindMocapFiles(arguments.paths, format);
  LogInfo(Concat("reading ", files.size(), " ", format.name,
                 " files; cameras: ", arguments.options.cameras.Text()));
  MocapImport import = ImportMocap(files, format, arguments.options);
  PoseData& poses = import.poses;
  poses.source = arguments.source.empty()
                     ? Concat("motion capture, ", files.size(), " ", format.name, " files")
                     : arguments.source;
  poses.licence = arguments.licence;
  poses.joints = arguments.options.joints;
  // The default ones go without saying.
  if (const std::string cameras = Describe(arguments.options); cameras != Describe({}))
    poses.cameras = cameras;
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

void AddCameras(CLI::App* command, CameraArguments& cameras) {
  const auto add = [&](const char* name, std::string& text, const std::string& help) {
    command->add_option(name, text, help)->type_name("N|MIN:MAX|MEAN+-SD");
  };
  command
      ->add_option("--cameras", cameras.name,
                   "human36m: like that data set's, 4 to 6 m away and 1.4 to 1.7 m high, level, focal length "
                   "1145 px, another for each pose; wild: like people's own videos, 2.5 to 8 m away, pitched "
                   "and rolled (docs/data.md). What follows changes one of their parameters: N is always N, "
                   "MIN:MAX uniform, MEAN+-SD normal")
      ->type_name("human36m|wild")
      ->check(CLI::IsMember({"human36m", "wild"}))
      ->capture_default_str();
  add("--distance", cameras.distance, "From camera to person along the floor, mm");
  add("--height", cameras.height, "Of the camera above the floor, mm; instead of --pitch");
  add("--pitch", cameras.pitch,
      "Of the line of sight to the person's hip, degrees downwards; instead of --height");
  add("--roll", cameras.roll, "Of the camera about the line of sight, degrees clockwise");
  add("--off-axis", cameras.off_axis,
      "By how much the optical axis passes the person's hip, degrees, to the right and upwards each");
  add("--focal", cameras.focal, "Focal length, px of an image of 1000 x 1000; instead of --px-per-metre");
  add("--px-per-metre", cameras.px_per_metre,
      "Size of a metre at the person's distance, px: the focal length follows; instead of --focal");
  command
      ->add_option("--camera-seconds", cameras.seconds,
                   "How long a view keeps a camera, which goes along with the person, in seconds; 0 = "
                   "another for each pose")
      ->type_name("S")
      ->check(CLI::Range(0., 1e6));
}

/// What both formats take.
void AddMocapOptions(CLI::App* command, const std::shared_ptr<MocapArguments>& arguments,
                     const std::string& format) {
  MocapImportOptions& options = arguments->options;
  command->add_option("PATH", arguments->paths, format + " files, or folders to search for them")->required();
  AddPoseOutput(command, arguments->output);
  command->add_option("--views", options.views, "Virtual cameras a pose")
      ->type_name("N")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--fps", options.fps, "Poses kept a second; not above the file's own rate")
      ->type_name("F")
      ->check(CLI::Range(0.01, 10000.0))
      ->capture_default_str();
  AddSeed(command, options.seed, "Of the cameras, the bodies and the noise");
  AddCameras(command, arguments->cameras);
  command
      ->add_option("--joints", arguments->joints,
                   "What the 17 joints are: motion capture's, or what a detector's keypoints make of them "
                   "(nose for Head, eyes for HeadTop, ...; docs/data.md)")
      ->type_name("mocap|detector")
      ->check(CLI::IsMember({"mocap", "detector"}))
      ->capture_default_str();
  command
      ->add_option(
          "--bodies", arguments->bodies,
          "Whose lengths the bones have: the recorded people's, or drawn ones as people differ, another "
          "with every camera (docs/data.md)")
      ->type_name("recorded|varied")
      ->check(CLI::IsMember({"recorded", "varied"}))
      ->capture_default_str();
  command
      ->add_option("--noise", options.noise_px,
                   "Standard deviation of the keypoints, each coordinate alone, px")
      ->type_name("PX")
      ->check(CLI::Range(0., 1000.))
      ->capture_default_str();
  command
      ->add_option("--map", options.map,
                   "Which joint of the file is which of the 17: auto (the shipped map that fits), the name "
                   "of a file in configs/joints, or "
                   "a YAML file like configs/joints/cmu.yaml")
      ->type_name("auto|NAME|FILE.yaml")
      ->capture_default_str();
  command->add_flag("--allow-missing", arguments->allow_missing, "Succeed although clips cannot be read");
  command->add_option("--source", arguments->source, "Where the data come from, stored in the file")
      ->type_name("TEXT");
  command->add_option("--licence", arguments->licence, "The data's licence, stored in the file")
      ->type_name("TEXT");
}

constexpr const char* kLabels =
    "The subject is the file's name up to the first '_', the action its whole name, unless an index.csv "
    "beside the file or one folder above has columns file, subject, description.\n";

void AddImportBvh(CLI::App* import) {
  const auto arguments = std::make_shared<MocapArguments>();
  CLI::App* command = import->add_subcommand(
      "bvh",
      "Read motion capture (BVH): forward kinematics to the 17 joints, resampled, seen by virtual cameras "
      "from any azimuth");
  AddMocapOptions(command, arguments, "BVH");
  command->footer(Concat(
      kLabels,
      "Example: links data import bvh mocap/train --output train.h5 --views 4 --fps 30\n"
      "Example: links data import bvh mocap/train --output train.h5 --cameras wild --pitch 20+-10 --joints "
      "detector --noise 1.5"));
  command->callback([arguments] { RunImport(*arguments, {"BVH", ".bvh", ReadBvh}); });
}

void AddImportAsfAmc(CLI::App* import) {
  const auto arguments = std::make_shared<MocapArguments>();
  CLI::App* command = import->add_subcommand(
      "asf-amc",
      "Read motion capture in Acclaim's format, as the CMU database has it (.amc files with their .asf "
      "skeletons): forward kinematics to the 17 joints, resampled, seen by virtual cameras from any azimuth");
  AddMocapOptions(command, arguments, "AMC");
  command
      ->add_option(
          "--skeleton", arguments->skeleton,
          "The skeleton of all the files; by default the .asf file in a file's folder whose name is the "
          "file's up to the first '_' (07.asf for 07_01.amc), or the only one")
      ->type_name("FILE.asf");
  command
      ->add_option("--recorded-fps", arguments->recorded_fps,
                   "Frames a second of the files, which do not say; most of CMU's have 120, some 60")
      ->type_name("F")
      ->check(CLI::Range(0.01, 10000.0))
      ->capture_default_str();
  command->footer(Concat(
      kLabels,
      "Example: links data import asf-amc allasfamc/all_asfamc/subjects --output cmu.h5 --views 4 --fps 30"));
  command->callback([arguments] {
    RunImport(*arguments, {"AMC", ".amc", [&](const std::string& path) {
                             return ReadAsfAmc(path, arguments->skeleton, arguments->recorded_fps);
                           }});
  });
}

const ImportCommand kBvh("bvh", AddImportBvh), kAsfAmc("asf-amc", AddImportAsfAmc);

}  // namespace
}  // namespace links
