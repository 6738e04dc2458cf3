#pragma once

#include <CLI/CLI.hpp>

#include "links/data/pose_file.h"

namespace links {

/// Adds --subjects, --actions, --cameras and --stride.
inline void AddSelectionOptions(CLI::App* command, PoseSelection& selection) {
  command->add_option("--subjects", selection.subjects, "Only these subjects (comma separated)")
      ->delimiter(',');
  command->add_option("--actions", selection.actions, "Only these actions (comma separated)")->delimiter(',');
  command->add_option("--cameras", selection.cameras, "Only these cameras (comma separated)")->delimiter(',');
  command->add_option("--stride", selection.stride, "Only every n-th pose")->check(CLI::Range(1, 1000000));
}

}  // namespace links
