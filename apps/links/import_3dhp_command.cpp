#include "import_command.h"
#include "links/core/error.h"
#include "links/import/mpi_inf_3dhp.h"

namespace links {
namespace {

struct Import3dhpArguments : ImportArguments {
  std::string part;
  std::string fps = "native";
  Import3dhpOptions reading;
};

std::string Source(const Import3dhpArguments& arguments) {
  const Import3dhpOptions& reading = arguments.reading;
  return Concat("MPI-INF-3DHP ", arguments.part, ", ground truth ", reading.ground_truth,
                arguments.part == "train" ? ", cameras " + reading.camera_set + ", fps " + arguments.fps
                : reading.all_frames      ? ", all frames"
                                          : ", valid frames");
}

void Run(const CLI::App& command, Import3dhpArguments& arguments) {
  const bool train = arguments.part == "train";
  for (const char* option : {"--camera-set", "--fps", "--all-frames"}) {
    const bool of_train = std::string(option) != "--all-frames";
    if (command.count(option) > 0 && of_train != train) {
      throw UsageError("expected ", option, " with --part ", of_train ? "train" : "test", ", found --part ",
                       arguments.part);
    }
  }
  arguments.reading.same_fps = arguments.fps == "25";
  RunImport(arguments, Source(arguments), "MPI-INF-3DHP's own", [&](ClipImport& import) {
    import.Note(Concat("ground truth: ", arguments.reading.ground_truth,
                       arguments.reading.ground_truth == "univ_annot3"
                           ? " (skeleton scaled to a universal size; does not reproject onto annot2)"
                           : " (actual size; reprojects onto annot2)"));
    if (train) {
      import.Note(Concat("camera set: ", arguments.reading.camera_set, ", fps: ", arguments.fps));
      ImportTrain3dhp(arguments.path, arguments.reading, import);
    } else {
      ImportTest3dhp(arguments.path, arguments.reading, import);
    }
  });
}

void AddImport3dhp(CLI::App* import) {
  const auto arguments = std::make_shared<Import3dhpArguments>();
  CLI::App* command = import->add_subcommand(
      "mpi-inf-3dhp",
      "Read MPI-INF-3DHP: S1 to S8 with Seq1 and Seq2, annot.mat each (train), or TS1 to TS6, annot_data.mat "
      "each (test)");
  AddImportOptions(command, arguments, "The folder with S1 to S8 or TS1 to TS6");
  command->add_option("--part", arguments->part, "Which files to read")
      ->type_name("PART")
      ->check(CLI::IsMember({"train", "test"}))
      ->required();
  command
      ->add_option("--ground-truth", arguments->reading.ground_truth,
                   "3D joints: univ_annot3 (LInKs, P-STMO, EvoSkeleton), or annot3 (MMPose), which is what "
                   "reprojects onto the 2D joints")
      ->type_name("NAME")
      ->check(CLI::IsMember({"univ_annot3", "annot3"}))
      ->capture_default_str();
  command
      ->add_option("--camera-set", arguments->reading.camera_set,
                   "Training cameras: all = regular (0-13), relevant (0-10), ceiling (11-13), vnect "
                   "(0,1,2,4-8; P-STMO, MMPose) or mm3d_chest (0,2,4,7,8)")
      ->type_name("SET")
      ->check(CLI::IsMember({"all", "regular", "relevant", "ceiling", "vnect", "mm3d_chest"}))
      ->capture_default_str();
  command
      ->add_option(
          "--fps", arguments->fps,
          "Training clips: native (25 or 50 frames a second, every frame), or 25 (every second frame "
          "of those at 50), before --every")
      ->type_name("FPS")
      ->check(CLI::IsMember({"native", "25"}))
      ->capture_default_str();
  command->add_flag("--all-frames", arguments->reading.all_frames,
                    "Test files: keep frames that valid_frame leaves out, too");
  command->footer("Example: links data import mpi-inf-3dhp mpi_inf_3dhp --part train --output 3dhp_train.h5");
  command->callback([command, arguments] { Run(*command, *arguments); });
}

const ImportCommand kCommand("mpi-inf-3dhp", AddImport3dhp);

}  // namespace
}  // namespace links
