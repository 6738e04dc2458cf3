#pragma once

namespace links {

// Of figures in print, points.
inline constexpr double kTextSize = 7, kSmallSize = 6;
inline constexpr double kHairline = 0.5, kCurveWidth = 1.1;
inline constexpr double kMargin = 3;

}  // namespace links
