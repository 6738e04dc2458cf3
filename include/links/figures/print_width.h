#pragma once

namespace links {

/// Widths of a figure in print: of a column of two, as in the paper's, and of the page.
inline constexpr double kColumnMm = 84, kPageMm = 174;

/// Typographic points, 72 an inch.
inline constexpr double PointsOf(double mm) {
  return mm * 72 / 25.4;
}

}  // namespace links
