#pragma once

#include <string>
#include <vector>

namespace links {

/// A curve in characters (Braille dots, 2 x 4 a character): a line with the title, `rows` lines of the curve
/// with its largest and smallest y at the left, and a line with its first and last x. width: columns of the
/// whole. A curve without points gives the title alone.
std::string TerminalPlot(const std::string& title, const std::vector<double>& x, const std::vector<double>& y,
                         size_t width, size_t rows);

}  // namespace links
