#pragma once

#include <string>
#include <vector>

#include "links/figures/print_width.h"

namespace links {

/// A square table of numbers in colours, each number in its cell: rows and columns named alike. NaN cells
/// stay empty. values: row-major, labels.size() squared. The file is .svg, .png (300 dpi) or .pdf. Throws
/// Error when sizes disagree or no number is finite.
void DrawMatrix(const std::string& path, const std::string& title, const std::vector<std::string>& labels,
                const std::vector<double>& values, double width_mm = kPageMm);

}  // namespace links
