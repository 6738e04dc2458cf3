#pragma once

#include <string>

#include "links/lifted/lifted_pose.h"

namespace links {

/// A frame as one line of JSON, without the end of the line.
std::string LiftedJson(const LiftedFrame& frame);

/// The first line of the CSV, and a line for each person and joint.
std::string LiftedCsvHeader();
std::string LiftedCsv(const LiftedFrame& frame);

}  // namespace links
