#pragma once

#include <Eigen/Geometry>
#include <cmath>

#include "links/lifted/lifted_pose.h"

// Moving people made from joint angles of the test's own.
namespace links::test {

/// A person in the camera's axes that walks, bends and turns; time in radians of the walk. `wobble` changes
/// the bone lengths from frame to frame.
inline LiftedPerson WalkingPerson(double time, double wobble = 0) {
  using Eigen::AngleAxisd;
  using Eigen::Vector3d;
  const auto about = [](double angle, int axis) {
    return AngleAxisd(angle, Vector3d::Unit(axis)).toRotationMatrix();
  };
  const auto length = [&](int bone) { return 1 + wobble * std::sin(7 * time + bone); };
  std::array<Vector3d, kJoints> at;
  // y up and facing z, the person's left is x.
  const Eigen::Matrix3d hips = about(1.2 * std::sin(.2 * time), 1) * about(.1 * std::sin(time), 2);
  const Eigen::Matrix3d chest =
      hips * about(.4 * std::sin(time), 1) * about(.3, 0) * about(.2 * std::cos(time), 2);
  at[kHip] = Vector3d::Zero();
  for (const double side : {1., -1.}) {
    const int hip = side > 0 ? kLHip : kRHip, shoulder = side > 0 ? kLShoulder : kRShoulder;
    const double swing = side * std::sin(time);
    at[hip] = at[kHip] + hips * Vector3d(side * .2, .02, .01) * length(hip);
    at[hip + 1] = at[hip] + hips * about(.7 * swing - .4, 0) * Vector3d(0, -.7, 0) * length(hip + 1);
    at[hip + 2] = at[hip + 1] + hips * about(.7 * swing + .3, 0) * Vector3d(0, -.7, 0) * length(hip + 2);
    at[kSpine] = hips * about(.15, 0) * Vector3d(.02, .4, 0) * length(kSpine);
    at[kThorax] = at[kSpine] + chest * Vector3d(0, .4, 0) * length(kThorax);
    at[shoulder] = at[kThorax] + chest * Vector3d(side * .25, -.03, 0) * length(shoulder);
    const Eigen::Matrix3d arm = chest * about(-.9 * swing, 0) * about(-side * 1.3, 2);
    at[shoulder + 1] = at[shoulder] + arm * Vector3d(side * .45, 0, 0) * length(shoulder + 1);
    at[shoulder + 2] =
        at[shoulder + 1] + arm * about(-side * .8, 1) * Vector3d(side * .4, 0, 0) * length(shoulder + 2);
  }
  at[kHead] = at[kThorax] + chest * Vector3d(0, .2, .05) * length(kHead);
  at[kHeadTop] = at[kHead] + chest * Vector3d(0, .2, -.02) * length(kHeadTop);
  LiftedPerson person;
  for (int j = 0; j < kJoints; ++j) {
    person.joints[3 * j] = at[j].x();
    person.joints[3 * j + 1] = -at[j].y();
    person.joints[3 * j + 2] = -at[j].z();
    person.px[2 * j] = static_cast<float>(100 + j);
    person.px[2 * j + 1] = static_cast<float>(200 + j);
    person.confidence[j] = .75f;
  }
  person.lifters = "legs+torso";
  person.plausibility = -1.25;
  person.scale_px = 150.5;
  person.scale_from = "bones over the track";
  return person;
}

}  // namespace links::test
