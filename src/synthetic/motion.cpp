#include "motion.h"

#include <algorithm>
#include <numbers>

#include "key_pose.h"

namespace links {
namespace {

constexpr double kPi = std::numbers::pi;

/// A step of interpolation without a jump in speed.
double Smooth(double t) {
  return t * t * (3 - 2 * t);
}

std::vector<BodyPose> KeyedMotion(Action action, int frames, Random& random) {
  const int side = random.Index(2);
  int key = 0;
  BodyPose from = SampleKeyPose(action, side, key++, random), to = from;
  double start = 0, end = 0;
  std::vector<BodyPose> motion;
  for (int frame = 0; frame < frames; ++frame) {
    const double time = frame / kSyntheticFps;
    while (time >= end) {
      start = end;
      end += random.Uniform(0.4, 1.3);
      from = to;
      to = SampleKeyPose(action, side, key++, random);
    }
    motion.emplace_back(from + Smooth((time - start) / (end - start)) * (to - from));
  }
  return motion;
}

/// What makes one walk or run differ from another.
struct Gait {
  double cadence;       // strides a second, a stride being two steps
  double swing;         // of the thigh, rad
  double forward;       // mean flexion of the thigh, rad
  double knee, stance;  // peak flexion in swing and at the contact, rad
  double bounce_mm;     // flight between the steps
  double arm, elbow;    // amplitude of the arms, mean of the elbows, rad
  double lean, turn;    // of the trunk forward, rad; of the path, rad/s
  int carry;            // 0 = both arms swing, 1 = one is busy, 2 = both are

  static Gait Sample(bool run, Random& r) {
    if (run) {
      return {r.Uniform(1.2, 1.6),  r.Uniform(0.5, 0.8), r.Uniform(0.2, 0.4), r.Uniform(1.3, 2.0),
              r.Uniform(0.3, 0.5),  r.Uniform(40, 120),  r.Uniform(0.4, 0.9), r.Uniform(1.2, 1.8),
              r.Uniform(0.05, 0.3), r.Normal(0, 0.4),    r.Chance(0.1)};
    }
    const double crouch = r.Chance(0.2) ? r.Uniform(0.2, 0.7) : 0;
    return {r.Uniform(0.6, 1.1),
            r.Uniform(0.3, 0.55),
            0.1 + 0.6 * crouch,
            r.Uniform(0.8, 1.3) + crouch,
            r.Uniform(0.1, 0.3) + crouch,
            0,
            r.Uniform(0.15, 0.6),
            r.Uniform(0.2, 0.7),
            r.Uniform(0, 0.12) + 0.6 * crouch,
            r.Normal(0, 0.35),
            r.Chance(0.3) ? 1 + r.Index(2) : 0};
  }
};

/// The stride's phase sets the legs in opposition and each arm against its leg; the leg swings forward with a
/// bent knee and carries the body with a nearly straight one.
void Stride(const Gait& gait, double phase, BodyPose& pose) {
  pose[kHeading] += 0.1 * gait.swing * std::sin(phase);
  pose[kPelvisLean] += 0.1 * gait.swing * std::cos(phase);
  pose[kChestTwist] -= 0.35 * gait.swing * std::sin(phase);
  pose[kLift] += gait.bounce_mm * std::pow(std::sin(phase + 0.6), 2);
  for (int side : {kLeft, kRight}) {
    const double own = phase + (side == kLeft ? 0 : kPi);
    const double in_swing = std::max(0.0, std::cos(own + 0.6)),
                 in_contact = std::max(0.0, std::cos(own - 2.1));
    pose.Leg(side, kThighFlex) += gait.forward + gait.swing * std::sin(own);
    pose.Leg(side, kKnee) += gait.knee * in_swing * in_swing + gait.stance * in_contact * in_contact;
    if (gait.carry == 2 || (gait.carry == 1 && side == kLeft)) continue;
    pose.Arm(side, kArmFlex) -= gait.arm * std::sin(own);
    pose.Arm(side, kElbow) = gait.elbow + 0.3 * gait.arm * (1 - std::sin(own));
  }
}

std::vector<BodyPose> GaitMotion(bool run, int frames, Random& random) {
  const Gait gait = Gait::Sample(run, random);
  BodyPose base = SampleStand(random);
  for (int side : {kLeft, kRight}) {
    base.Leg(side, kThighFlex) = base[kPelvisBend];
    base.Leg(side, kThighSpread) = random.Uniform(0, 0.08);
    if (gait.carry == 2 || (gait.carry == 1 && side == kLeft)) SampleGesture(base, side, random);
  }
  base.BendPelvis(gait.lean);
  const double phase = random.Uniform(-kPi, kPi);
  const double speed_mm =
      2 * gait.cadence * 1700 * std::sin(gait.swing);  // two steps of two thigh swings each
  Eigen::Vector2d place = Eigen::Vector2d::Zero();
  std::vector<BodyPose> motion;
  for (int frame = 0; frame < frames; ++frame) {
    const double time = frame / kSyntheticFps;
    BodyPose pose = base;
    pose[kHeading] = gait.turn * time;
    place += speed_mm / kSyntheticFps * Eigen::Vector2d(std::cos(pose[kHeading]), std::sin(pose[kHeading]));
    pose[kPositionX] = place.x();
    pose[kPositionY] = place.y();
    Stride(gait, phase + 2 * kPi * gait.cadence * time, pose);
    motion.push_back(pose);
  }
  return motion;
}

/// Slow, small movements of every joint, as no one stands quite still.
void Sway(std::vector<BodyPose>& motion, Random& random) {
  for (int angle = kPelvisBend; angle < kBodyAngles; ++angle) {
    const double size = random.Uniform(0, 0.06), rate = random.Uniform(0.2, 0.9),
                 phase = random.Uniform(-kPi, kPi);
    for (size_t i = 0; i < motion.size(); ++i) {
      motion[i][angle] += size * std::sin(phase + 2 * kPi * rate * static_cast<double>(i) / kSyntheticFps);
    }
  }
}

}  // namespace

std::vector<BodyPose> SampleMotion(Action action, int frames, Random& random) {
  std::vector<BodyPose> motion = action == Action::kWalk || action == Action::kRun
                                     ? GaitMotion(action == Action::kRun, frames, random)
                                     : KeyedMotion(action, frames, random);
  Sway(motion, random);
  for (BodyPose& pose : motion) pose.Limit();
  return motion;
}

}  // namespace links
