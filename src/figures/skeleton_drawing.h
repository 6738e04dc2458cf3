#pragma once

#include <array>
#include <numbers>
#include <vector>

#include "canvas.h"
#include "links/skeleton/skeleton.h"

namespace links {

/// A joint on the page; depth grows away from the viewer. NaN = not to be drawn.
struct Point {
  double x, y, depth;
};
using Points = std::array<Point, kJoints>;

bool IsSeen(const Point& point);

/// From where a pose is seen, radians: it turns about the vertical axis, then tilts its upper side to the
/// viewer.
struct View {
  double yaw = 0, pitch = 0;
};
/// In which depth shows as well as height and width.
inline constexpr View kTurnedView = {std::numbers::pi / 4, std::numbers::pi / 15};

/// The joints (17, 3) around the hip as a viewer at `view` sees them: x right, y down.
Points SeenFrom(const std::vector<float>& joints, const View& view);

/// What encloses points that are seen.
struct Box {
  double left = 1e300, right = -1e300, top = 1e300, bottom = -1e300;
  void Add(const Points& points);
  double width() const { return right - left; }
  double height() const { return bottom - top; }
  /// The scale at which the box fills `across` x `down`; 1 where it has no extent.
  double Fit(double across, double down) const;
};

struct SkeletonSize {
  double bone, dot, ring;  ///< width of bones, radius of joints that were seen and of guessed ones
};

/// A thin white line along the middle of a bone of the right side, which tells the sides apart in grey.
void DrawCore(Canvas& canvas, double x0, double y0, double x1, double y1, double width);

/// The bones from far to near in one colour.
void DrawBones(Canvas& canvas, const Points& points, double width, const Color& color);

/// Bones and joints in the colours of the sides. Guessed joints, (17) or none, are hollow, and the bones to
/// them are dashed.
void DrawSkeleton(Canvas& canvas, const Points& points, const std::vector<bool>& guessed,
                  const SkeletonSize& size);

}  // namespace links
