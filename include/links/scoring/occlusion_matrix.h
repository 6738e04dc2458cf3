#pragma once

#include <string>

#include "links/metrics/result.h"

namespace links {

/// Writes the completion network's errors with two joints missing, and with one on the diagonal, as CSV
/// (.csv) or as a picture (.svg, .png, .pdf).
void WriteOcclusionMatrix(const Report& report, const std::string& path);

}  // namespace links
