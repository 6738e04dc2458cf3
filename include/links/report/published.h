#pragma once

#include <string>
#include <vector>

#include "links/metrics/accumulator.h"

namespace links {

/// A row of the paper's tables.
struct PublishedRow {
  int table = 0;  ///< 1 to 4
  std::string method;
  std::string supervision;                   ///< supervised, weak or unsupervised
  std::string protocol;                      ///< the data set: h36m or mpi-inf-3dhp
  std::string source;                        ///< paper and table
  std::string lifters;                       ///< table 4; else ""
  std::string scenario = "none";             ///< table 3
  std::string filler = "none";               ///< table 3: o2d, o3d, or none for another method
  Metrics metrics;                           ///< a figure stands under its variant; others are absent
  std::vector<std::string> unknown_variant;  ///< metrics whose variant the source does not tell
};

/// Where the shipped rows are.
std::string PublishedPath();

/// Reads rows from YAML. Throws UsageError with file:line.
std::vector<PublishedRow> ReadPublished(const std::string& path);

}  // namespace links
