#pragma once

#include <string>

namespace links {

/// What people call a metric of kMetricFields: "PA-MPJPE (no reflection)" for pa_mpjpe. Others keep their
/// name.
std::string MetricTitle(const std::string& metric);

}  // namespace links
