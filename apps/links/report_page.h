#pragma once

#include <string>
#include <vector>

#include "links/data/pose_file.h"

namespace links {

/// What `links report --html` is asked for.
struct PageArguments {
  std::vector<std::string> runs;  ///< as ReadEvaluation takes them
  std::vector<std::string> data;  ///< of the error browser; empty = none
  PoseSelection selection;
  std::string output, composition, device = "auto";
};

/// Writes the page; returns where it is. Throws Error when the poses of `data` are not those that were
/// evaluated.
std::string WriteReportPage(const PageArguments& arguments);

}  // namespace links
