#include "links/motion/track_smoothing.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "links/core/random.h"
#include "links/motion/one_euro.h"
#include "links/motion/rays.h"
#include "links/motion/rigid_bones.h"

namespace links {
namespace {

constexpr Smoothing kSmoothing = {.cutoff = .1, .bridge = 5};

std::vector<int64_t> Frames(int count) {
  std::vector<int64_t> frames;
  for (int i = 0; i < count; ++i) frames.push_back(i);
  return frames;
}

/// Joints that swing slowly, with `noise` px.
std::vector<Joints2d> Swinging(int count, double noise) {
  Random random(1);
  std::vector<Joints2d> track(count);
  for (int i = 0; i < count; ++i) {
    track[i].seen.fill(true);
    track[i].confidence.fill(.8f);
    for (int k = 0; k < 2 * kJoints; ++k)
      track[i].px[k] =
          static_cast<float>(300 + 10 * k + 40 * std::sin(.05 * i + k) + random.Normal(0, noise));
  }
  return track;
}

double MeanOff(const std::vector<Joints2d>& a, const std::vector<Joints2d>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    for (int k = 0; k < 2 * kJoints; ++k) sum += std::abs(a[i].px[k] - b[i].px[k]);
  }
  return sum / static_cast<double>(a.size() * 2 * kJoints);
}

TEST(TrackSmoothing, TakesNoiseOutAndLeavesMotion) {
  const auto clean = Swinging(200, 0);
  auto noisy = Swinging(200, 3), still = clean;
  EXPECT_EQ(SmoothKeypoints(Frames(200), kSmoothing, noisy), 0);
  SmoothKeypoints(Frames(200), kSmoothing, still);
  EXPECT_LT(MeanOff(still, clean), .1);
  EXPECT_LT(MeanOff(noisy, clean), .55 * MeanOff(Swinging(200, 3), clean));
}

TEST(TrackSmoothing, BridgesShortGapsAndLeavesLongOnes) {
  const auto clean = Swinging(100, 0);
  auto track = clean;
  const auto hide = [&](int joint, int first, int count) {
    for (int i = first; i < first + count; ++i) {
      track[i].seen[joint] = false;
      track[i].confidence[joint] = track[i].px[2 * joint] = track[i].px[2 * joint + 1] = 0;
    }
  };
  hide(kLWrist, 40, 5);
  hide(kRWrist, 40, 6);
  hide(kHead, 0, 3);   // nothing lies before it
  hide(kHead, 97, 3);  // nor behind
  EXPECT_EQ(SmoothKeypoints(Frames(100), kSmoothing, track), 5);
  for (int i = 40; i < 45; ++i) {
    EXPECT_TRUE(track[i].seen[kLWrist]);
    EXPECT_EQ(track[i].confidence[kLWrist], 0);
    EXPECT_NEAR(track[i].px[2 * kLWrist], clean[i].px[2 * kLWrist], 1);
    EXPECT_FALSE(track[i].seen[kRWrist]);
    EXPECT_EQ(track[i].px[2 * kRWrist], 0);
  }
  EXPECT_FALSE(track[1].seen[kHead]);
  EXPECT_FALSE(track[98].seen[kHead]);
}

TEST(TrackSmoothing, FramesThatAreNotThereCountAsTime) {
  const auto clean = Swinging(100, 0);
  std::vector<int64_t> frames;
  std::vector<Joints2d> every_third, far;
  for (int i = 0; i < 100; i += 3) {
    frames.push_back(i);
    every_third.push_back(clean[i]);
  }
  far = every_third;
  auto expected = every_third;
  SmoothKeypoints(frames, kSmoothing, every_third);
  EXPECT_LT(MeanOff(every_third, expected), .5);
  for (int64_t& frame : frames) frame *= 10;  // further apart than a gap may be: nothing is smoothed
  SmoothKeypoints(frames, kSmoothing, far);
  EXPECT_EQ(MeanOff(far, expected), 0);
}

/// Poses of those joints with depths that swing and jitter; the left hand and some roots are guessed.
std::vector<MovingPose> Poses(const std::vector<Joints2d>& track, double noise) {
  Random random(2);
  std::vector<MovingPose> poses;
  for (size_t i = 0; i < track.size(); ++i) {
    MovingPose& pose = poses.emplace_back();
    pose.px = track[i].px;
    pose.seen.set();
    pose.seen[kLWrist] = false;
    pose.seen[kRoot] = !(pose.root_estimated = i % 10 < 3);
    pose.scale_px = 90;
    for (int k = 0; k < 2; ++k)
      pose.root_px[k] = track[i].px[k] + (pose.root_estimated ? random.Normal(0, noise * 30) : 0);
    for (int joint = 1; joint < kJoints; ++joint) {
      const double z = .3 * std::sin(.05 * static_cast<double>(i) + joint) + random.Normal(0, noise);
      const double jitter = joint == kLWrist ? random.Normal(0, noise * 30) : 0;
      PutOnRay(pose, joint, {track[i].px[2 * joint] + jitter, track[i].px[2 * joint + 1] + jitter},
               pose.root_px, z);
    }
  }
  return poses;
}

double Acceleration(const std::vector<MovingPose>& poses) {
  double sum = 0;
  for (size_t i = 2; i < poses.size(); ++i) {
    for (int k = 0; k < 3 * kJoints; ++k)
      sum += std::abs(poses[i].joints[k] - 2 * poses[i - 1].joints[k] + poses[i - 2].joints[k]);
  }
  return sum / static_cast<double>(poses.size());
}

TEST(TrackSmoothing, PosesAreSteadyAndStayOnTheirRays) {
  const auto track = Swinging(120, 0);
  auto poses = Poses(track, .1);
  const double before = Acceleration(poses);
  SmoothPoses(Frames(120), kSmoothing, poses);
  EXPECT_LT(Acceleration(poses), .2 * before);
  for (size_t i = 0; i < poses.size(); ++i) {
    const MovingPose& pose = poses[i];
    for (int joint = 1; joint < kJoints; ++joint) {
      if (!pose.seen[joint]) continue;
      EXPECT_EQ(pose.px[2 * joint], track[i].px[2 * joint]);
      for (int k = 0; k < 2; ++k) {
        const double ray = (pose.px[2 * joint + k] - pose.root_px[k]) / (10 * pose.scale_px);
        EXPECT_NEAR(pose.joints[3 * joint + k] / (pose.joints[3 * joint + 2] + 10), ray, 1e-6);
      }
    }
    for (int k = 0; k < 3; ++k) EXPECT_EQ(pose.joints[k], 0);
  }
}

TEST(TrackSmoothing, DirectionsAreSmoothAndBonesKeepTheirLengths) {
  auto poses = Poses(Swinging(120, 2), .05);
  MakeRigid(poses);
  const auto length = [](const MovingPose& pose, int bone) {
    const auto [parent, child] = kBoneList[bone];
    double squares = 0;
    for (int k = 0; k < 3; ++k)
      squares += std::pow(pose.joints[3 * child + k] - pose.joints[3 * parent + k], 2);
    return std::sqrt(squares);
  };
  const auto before = poses;
  SmoothDirections(Frames(120), kSmoothing, poses);
  EXPECT_LT(Acceleration(poses), .6 * Acceleration(before));
  for (size_t i = 0; i < poses.size(); ++i) {
    for (int bone = 0; bone < kBones; ++bone)
      EXPECT_NEAR(length(poses[i], bone), length(before[i], bone), 1e-5 * (1 + length(before[i], bone)));
  }
}

TEST(TrackSmoothing, AMotionlessPoseStaysTheSameToTheBit) {
  auto track = Swinging(1, 0);
  const auto pose = Poses(track, .1)[0];
  std::vector<MovingPose> poses(50, pose);
  std::vector<Joints2d> joints(50, track[0]);
  SmoothKeypoints(Frames(50), kSmoothing, joints);
  SmoothPoses(Frames(50), kSmoothing, poses);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(joints[i].px, track[0].px);
    EXPECT_EQ(poses[i].joints, poses[0].joints);
    EXPECT_EQ(poses[i].root_px, pose.root_px);
  }
}

TEST(OneEuro, IsStillAtRestAndFollowsWithLittleDelay) {
  OneEuro rest;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(rest.Next(7.3, .04, 2, 1), 7.3);
  // Noise at rest, then a steady walk: the faster the less it lags.
  Random random(3);
  OneEuro filter;
  double squares = 0;
  for (int i = 0; i < 500; ++i) squares += std::pow(filter.Next(random.Normal(0, 1), .02, 1, 0), 2);
  EXPECT_LT(squares / 500, .1);
  for (const double rise : {0., 1.}) {
    OneEuro moving;
    double lag = 0;
    for (int i = 0; i < 500; ++i) lag = .2 * i - moving.Next(.2 * i, .02, 1, rise);
    // A first-order low-pass lags a ramp by its slope over 2 pi times the cutoff; the speed is measured from
    // there.
    const double cutoff = 1 + rise * (lag + .2) / .02;
    EXPECT_NEAR(lag, .2 / (2 * std::numbers::pi * cutoff * .02), 1e-4) << rise;
  }
}

}  // namespace
}  // namespace links
