#pragma once

#include <string>
#include <vector>

namespace links {

/// A square table of numbers in colours, each number in its cell: rows and columns named alike. NaN cells
/// stay empty. values: row-major, labels.size() squared. The file is .svg, .png or .pdf. Throws Error when
/// sizes disagree or no number is finite.
void DrawMatrix(const std::string& path, const std::string& title, const std::vector<std::string>& labels,
                const std::vector<double>& values);

}  // namespace links
