#include <iostream>
#include <memory>

#include "detection_options.h"
#include "import_command.h"
#include "links/detection/detection_import.h"

namespace links {

namespace {

void AddImportDetections(CLI::App* import) {
  struct Arguments {
    std::vector<std::string> inputs;
    std::string output, by = "track";
    DetectionImportOptions options;
  };
  auto arguments = std::make_shared<Arguments>();
  DetectionImportOptions& options = arguments->options;
  CLI::App* command = import->add_subcommand("detections",
                                             "Make training poses, without 3D, from detectors' files of any "
                                             "format that `links lift` reads (docs/lift.md)");
  command->add_option("INPUT", arguments->inputs, "Detectors' files and folders, of one tool or several")
      ->required();
  command
      ->add_option("--output", arguments->output,
                   "The pose file (HDF5) to write; an earlier one of that name is replaced")
      ->type_name("FILE")
      ->required();
  AddDetectionOptions(command, options.detections);
  command
      ->add_option("--require", options.require,
                   "Joints that must be seen: all, those of a segment (legs, torso, left, right), or so many")
      ->type_name("all|legs|torso|left|right|N")
      ->capture_default_str();
  command->add_option("--min-size", options.min_size_px, "Least diagonal of the box around a person's joints")
      ->type_name("PX")
      ->check(CLI::Range(0., 1e6))
      ->capture_default_str();
  command
      ->add_option("--distinct", options.distinct,
                   "Drop a pose unless some joint has moved so far against the root since the last one kept "
                   "of its track, as a share "
                   "of that diagonal; 0 keeps all")
      ->type_name("D")
      ->check(CLI::Range(0., 10.))
      ->capture_default_str();
  command->add_option("--split", options.split, "Share of the people that goes to --rest, to validate on")
      ->type_name("SHARE")
      ->check(CLI::Range(0., 1.));
  command->add_option("--rest", options.rest, "The pose file for them")->type_name("FILE");
  command->add_option("--by", arguments->by, "What is never torn apart by the split")
      ->type_name("track|image|input")
      ->check(CLI::IsMember({"track", "image", "input"}))
      ->capture_default_str();
  command->add_option("--seed", options.seed, "Of the split")->type_name("S")->capture_default_str();
  command->footer(
      "Example: links data import detections openpose_json alphapose-results.json --output train.h5 --split "
      "0.1 --rest val.h5");
  command->callback([arguments] {
    arguments->options.by = ParseSplitBy(arguments->by);
    const ImportedPeople people = ImportDetections(arguments->inputs, arguments->output, arguments->options);
    std::cout << arguments->output << ":\n" << people.Text();
  });
}

const ImportCommand kCommand("detections", AddImportDetections);

}  // namespace
}  // namespace links
