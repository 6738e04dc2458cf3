#include "import_command.h"
#include "links/core/error.h"
#include "links/import/human36m_fetch.h"
#include "links/import/human36m_martinez.h"
#include "links/import/human36m_videopose3d.h"

namespace links {
namespace {

constexpr const char* kLicence =
    "Human3.6M licence: academic use only, not to be passed on (http://vision.imar.ro/human3.6m)";

/// What the pose file says of its source.
std::string Source(const std::string& layout, const ImportOptions& options) {
  return Concat("Human3.6M, ", layout, "; frames: every ", options.every,
                options.moved_mm > 0 ? Concat(", of these those that moved ", options.moved_mm, " mm") : "",
                "; known damaged clips ", options.skip_damaged ? "left out" : "kept");
}

void AddFetch(CLI::App* import) {
  struct Arguments : ImportArguments {
    Human36mJoints3d joints = Human36mJoints3d::kMono;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = import->add_subcommand(
      "h36m-fetch", "Read Human3.6M as anibali/h36m-fetch prepares it: processed/S*/*/annot.h5");
  AddImportOptions(command, arguments, "The folder processed/, or the one that holds it");
  command
      ->add_option("--joints-3d", arguments->joints,
                   "Ground truth: mono = pose/3d, each subject's own skeleton, as LInKs and ElePose take it; "
                   "univ = pose/3d-univ, one skeleton for all")
      ->type_name("mono|univ")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Human36mJoints3d>{{"mono", Human36mJoints3d::kMono},
                                                  {"univ", Human36mJoints3d::kUniversal}},
          CLI::ignore_case))
      ->default_str("mono");
  command->footer(
      "Example: links data import h36m-fetch h36m-fetch/processed --output h36m_test.h5 --subjects S9,S11");
  command->callback([arguments] {
    const bool mono = arguments->joints == Human36mJoints3d::kMono;
    RunImport(
        *arguments, Source(Concat("h36m-fetch, 3D from pose/3d", mono ? "" : "-univ"), arguments->options),
        kLicence, [&](ClipImport& clips) { ImportHuman36mFetch(arguments->path, arguments->joints, clips); });
  });
}

void AddMartinez(CLI::App* import) {
  struct Arguments : ImportArguments {
    Human36mMartinezOptions more;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = import->add_subcommand("h36m-martinez",
                                             "Read Human3.6M as in Martinez et al.'s h36m.zip: "
                                             "S*/MyPoses/3D_positions/*.h5, projected by the four cameras "
                                             "with their distortion");
  AddImportOptions(command, arguments, "The folder h36m/, or the one that holds it");
  command
      ->add_option("--cameras", arguments->more.cameras,
                   "cameras.h5, or Human3.6M's metadata.xml; by default the one in the folder h36m/")
      ->type_name("FILE");
  command
      ->add_option("--camera-names", arguments->more.camera_names,
                   "Names of the cameras 1 to 4 in place of those of the file")
      ->delimiter(',')
      ->expected(4);
  command->footer("Example: links data import h36m-martinez h36m --output h36m.h5 --cameras metadata.xml");
  command->callback([arguments] {
    RunImport(*arguments,
              Source("3D_positions of Martinez et al., projected with distortion", arguments->options),
              kLicence,
              [&](ClipImport& clips) { ImportHuman36mMartinez(arguments->path, arguments->more, clips); });
  });
}

void AddVideoPose3d(CLI::App* import) {
  struct Arguments : ImportArguments {
    std::string cameras;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = import->add_subcommand("h36m-videopose3d",
                                             "Read Human3.6M as VideoPose3D prepares it: data_3d_h36m.npz "
                                             "and data_2d_h36m_*.npz (ground truth or detections), "
                                             "turned into HDF5 by scripts/videopose3d_to_hdf5.py");
  AddImportOptions(command, arguments, "The HDF5 file");
  command
      ->add_option("--cameras", arguments->cameras,
                   "cameras.h5, or Human3.6M's metadata.xml; by default the cameras in the HDF5 file")
      ->type_name("FILE");
  command->footer(
      "Example: python3 scripts/videopose3d_to_hdf5.py --positions data_3d_h36m.npz --keypoints "
      "data_2d_h36m_gt.npz "
      "--cameras VideoPose3D --output vp3d.h5 && links data import h36m-videopose3d vp3d.h5 --output "
      "h36m.h5");
  command->callback([arguments] {
    RunImport(
        *arguments, Source("VideoPose3D's positions and 2D keypoints", arguments->options), kLicence,
        [&](ClipImport& clips) { ImportHuman36mVideoPose3d(arguments->path, arguments->cameras, clips); });
  });
}

void AddImportHuman36m(CLI::App* import) {
  AddFetch(import);
  AddMartinez(import);
  AddVideoPose3d(import);
}

const ImportCommand kCommand("h36m", AddImportHuman36m);

}  // namespace
}  // namespace links
