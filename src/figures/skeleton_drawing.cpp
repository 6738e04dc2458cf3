#include "skeleton_drawing.h"

#include <algorithm>
#include <cmath>

#include "side_color.h"

namespace links {
namespace {

std::array<Bone, kBones> FarToNear(const Points& points) {
  std::array<Bone, kBones> order = kBoneList;
  std::stable_sort(order.begin(), order.end(), [&](const Bone& a, const Bone& b) {
    return points[a.parent].depth + points[a.child].depth > points[b.parent].depth + points[b.child].depth;
  });
  return order;
}

}  // namespace

bool IsSeen(const Point& point) {
  return !std::isnan(point.x) && !std::isnan(point.y);
}

Points SeenFrom(const std::vector<float>& joints, const View& view) {
  Points points;
  for (int j = 0; j < kJoints; ++j) {
    const double x = static_cast<double>(joints[3 * j]) - joints[3 * kRoot];
    const double y = static_cast<double>(joints[3 * j + 1]) - joints[3 * kRoot + 1];
    const double z = static_cast<double>(joints[3 * j + 2]) - joints[3 * kRoot + 2];
    const double turned_x = std::cos(view.yaw) * x + std::sin(view.yaw) * z;
    const double turned_z = std::cos(view.yaw) * z - std::sin(view.yaw) * x;
    points[j] = {turned_x, std::cos(view.pitch) * y - std::sin(view.pitch) * turned_z,
                 std::cos(view.pitch) * turned_z + std::sin(view.pitch) * y};
  }
  return points;
}

void Box::Add(const Points& points) {
  for (const Point& p : points) {
    if (!IsSeen(p)) continue;
    left = std::min(left, p.x);
    right = std::max(right, p.x);
    top = std::min(top, p.y);
    bottom = std::max(bottom, p.y);
  }
}

double Box::Fit(double across, double down) const {
  const double scale = std::min(across / width(), down / height());
  return std::isfinite(scale) ? scale : 1;
}

void DrawCore(Canvas& canvas, double x0, double y0, double x1, double y1, double width) {
  canvas.Line(x0, y0, x1, y1, {1, 1, 1}, 0.36 * width);
}

void DrawBones(Canvas& canvas, const Points& points, double width, const Color& color) {
  for (const Bone& bone : FarToNear(points)) {
    const Point &from = points[bone.parent], &to = points[bone.child];
    if (IsSeen(from) && IsSeen(to)) canvas.Line(from.x, from.y, to.x, to.y, color, width, true);
  }
}

void DrawSkeleton(Canvas& canvas, const Points& points, const std::vector<bool>& guessed,
                  const SkeletonSize& size) {
  const auto is_guessed = [&](int joint) { return !guessed.empty() && guessed[joint]; };
  for (const Bone& bone : FarToNear(points)) {
    const Point &from = points[bone.parent], &to = points[bone.child];
    if (!IsSeen(from) || !IsSeen(to)) continue;
    const bool dashed = is_guessed(bone.parent) || is_guessed(bone.child);
    if (dashed) canvas.Dash(0.4 * size.bone, 1.7 * size.bone);
    canvas.Line(from.x, from.y, to.x, to.y, SideColor(bone.child), size.bone, true);
    canvas.Solid();
    const bool right = kJointNames[bone.child].starts_with("R");
    if (right && !dashed) DrawCore(canvas, from.x, from.y, to.x, to.y, size.bone);
  }
  for (int j = 0; j < kJoints; ++j) {
    if (!IsSeen(points[j])) continue;
    if (is_guessed(j)) {
      canvas.Ring(points[j].x, points[j].y, size.ring, SideColor(j));
    } else {
      canvas.Dot(points[j].x, points[j].y, size.dot, SideColor(j));
    }
  }
}

}  // namespace links
