#include "links/data/camera_distribution.h"

#include <Eigen/Geometry>
#include <cmath>
#include <numbers>

#include "links/core/error.h"

namespace links {
namespace {

constexpr double kRadians = std::numbers::pi / 180;

double DrawWithin(const Distribution& distribution, const CameraLimits& limits, Random& random) {
  return distribution.Draw(random, limits.least, limits.most);
}

Eigen::Matrix3d Turn(double angle_rad, const Eigen::Vector3d& axis) {
  return Eigen::AngleAxisd(angle_rad, axis).toRotationMatrix();
}

}  // namespace

VirtualCamera CameraPlacement::At(const Eigen::Vector3d& target_mm) const {
  const double z = height_mm ? *height_mm : target_mm.z() + distance_mm * std::tan(pitch_rad);
  VirtualCamera camera = LookAt({target_mm.x() + distance_mm * std::cos(azimuth_rad),
                                 target_mm.y() + distance_mm * std::sin(azimuth_rad), z},
                                target_mm);
  using Eigen::Vector3d;
  // Turning the camera turns what it sees the other way.
  if (roll_rad != 0) camera.cam_from_world = Turn(-roll_rad, Vector3d::UnitZ()) * camera.cam_from_world;
  if (right_rad != 0 || up_rad != 0) {
    camera.cam_from_world =
        Turn(-up_rad, Vector3d::UnitX()) * Turn(-right_rad, Vector3d::UnitY()) * camera.cam_from_world;
  }
  camera.focal_px = focal_px ? *focal_px : px_per_metre / 1000 * camera.ToCamera(target_mm).norm();
  return camera;
}

CameraDistribution CameraDistribution::Named(const std::string& name) {
  CameraDistribution cameras;
  if (name == "human36m") return cameras;
  if (name != "wild") throw UsageError("expected the cameras human36m or wild, found '", name, "'");
  cameras.distance_mm = Distribution::Uniform(2500, 8000);
  cameras.height_mm.reset();
  cameras.pitch_deg = Distribution::Normal(15, 12);
  cameras.roll_deg = Distribution::Normal(0, 12);
  cameras.off_axis_deg = Distribution::Normal(0, 5);
  cameras.focal_px.reset();
  cameras.px_per_metre = Distribution::Always(229);
  cameras.seconds = 2;
  return cameras;
}

CameraPlacement CameraDistribution::Draw(Random& random) const {
  CameraPlacement placement;
  placement.azimuth_rad = random.Uniform(-std::numbers::pi, std::numbers::pi);
  placement.distance_mm = DrawWithin(distance_mm, kDistanceLimits, random);
  if (height_mm)
    placement.height_mm = DrawWithin(*height_mm, kHeightLimits, random);
  else
    placement.pitch_rad = kRadians * DrawWithin(*pitch_deg, kPitchLimits, random);
  placement.roll_rad = kRadians * DrawWithin(roll_deg, kRollLimits, random);
  placement.right_rad = kRadians * DrawWithin(off_axis_deg, kOffAxisLimits, random);
  placement.up_rad = kRadians * DrawWithin(off_axis_deg, kOffAxisLimits, random);
  if (focal_px)
    placement.focal_px = DrawWithin(*focal_px, kFocalLimits, random);
  else
    placement.px_per_metre = DrawWithin(*px_per_metre, kSizeLimits, random);
  return placement;
}

std::string CameraDistribution::Text() const {
  return Concat("distance ", distance_mm.Text(), " mm, ",
                height_mm ? "height " + height_mm->Text() + " mm" : "pitch " + pitch_deg->Text() + " degrees",
                ", roll ", roll_deg.Text(), " degrees, off axis ", off_axis_deg.Text(), " degrees, ",
                focal_px ? "focal length " + focal_px->Text() + " px"
                         : px_per_metre->Text() + " px a metre at the person",
                ", another ", seconds > 0 ? Concat("every ", seconds, " s") : "each pose");
}

}  // namespace links
