#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "links/detection/detection.h"

namespace links {

/// Adds --format, --map, --min-confidence, --image-size, --tracks and --fix-swaps, which every command that
/// reads a detector's files has.
inline void AddDetectionOptions(CLI::App* command, DetectionOptions& options) {
  command->add_option("--format", options.format, "What the input is; auto looks into it")
      ->check(CLI::IsMember(DetectionFormats()))
      ->capture_default_str();
  command
      ->add_option(
          "--map", options.map,
          "How its keypoints become our 17 joints: the name of a file in configs/keypoints, or a YAML file "
          "like those; "
          "auto goes by the names in the file, else by their number and by what makes people of them")
      ->type_name("NAME|FILE.yaml")
      ->capture_default_str();
  command
      ->add_option("--min-confidence", options.min_confidence,
                   "Keypoints of less confidence, as the detector wrote it, count as missing")
      ->check(CLI::Range(0., 1e6))
      ->capture_default_str();
  command
      ->add_option_function<std::string>(
          "--image-size", [&options](const std::string& text) { ParseImageSize(text, options); },
          "Of images whose keypoints are shares of it, where the file does not say")
      ->type_name("WxH");
  command
      ->add_option_function<std::string>(
          "--tracks", [&options](const std::string& text) { options.tracks = ParseTrackSource(text); },
          "Who is who from frame to frame: as the file says, linked here by how far people moved, or none; "
          "auto links those whom "
          "the file gives no track")
      ->type_name("auto|file|link|none")
      ->default_str("auto");
  command
      ->add_option_function<std::string>(
          "--joints",
          [&options](const std::string& text) {
            options.joints = text == "auto" ? JointDefinition::kNotStated : ParseJointDefinition(text);
          },
          "What the 17 joints should be: motion capture's, or a detector's, whose Head and HeadTop are nose "
          "and "
          "eyes; auto as the run was trained, else as the keypoint map has them (docs/data.md)")
      ->type_name("auto|mocap|detector")
      ->default_str("auto");
  command->add_flag("--fix-swaps", options.fix_swaps,
                    "Put arms and legs right whose left and right the detector exchanged for some frames");
}

}  // namespace links
