#include "links/lifted/bvh_export.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "lifted_people.h"
#include "links/data/bvh.h"

namespace links {
namespace {

using Eigen::Vector3d;

LiftedTrack Track(int frames, double wobble) {
  LiftedTrack track;
  track.name = "a";
  for (int frame = 0; frame < frames; ++frame) {
    const Joints3 joints = test::WalkingPerson(.1 * frame, wobble).joints;
    track.frames.push_back(frame);
    auto& pose = track.poses.emplace_back();
    for (size_t i = 0; i < pose.size(); ++i) pose[i] = static_cast<float>(joints[i]);
  }
  return track;
}

Vector3d At(const LiftedTrack& track, size_t pose, int joint) {
  const float* p = &track.poses[pose][3 * joint];
  return {p[0], -p[1], -p[2]};
}

/// The pose with its directions kept and every bone made as long as in the file.
std::array<Vector3d, kJoints> Normalised(const LiftedTrack& track, size_t pose,
                                         const std::vector<double>& lengths) {
  std::array<Vector3d, kJoints> at;
  at[kRoot] = At(track, pose, kRoot);
  for (int bone = 0; bone < kBones; ++bone) {
    const auto [parent, child] = kBoneList[bone];
    at[child] = at[parent] + lengths[bone] * (At(track, pose, child) - At(track, pose, parent)).normalized();
  }
  return at;
}

std::array<Vector3d, kJoints> ReadPose(const MocapClip& clip, int64_t frame) {
  const auto world = ForwardKinematics(clip, frame);
  std::array<Vector3d, kJoints> at;
  for (int j = 0; j < kJoints; ++j) {
    const int found = clip.Find(std::string(kJointNames[j]));
    EXPECT_GE(found, 0) << kJointNames[j];
    at[j] = world[found].position;
  }
  return at;
}

std::vector<double> MedianLengths(const LiftedTrack& track) {
  std::vector<double> medians;
  for (const auto [parent, child] : kBoneList) {
    std::vector<double> lengths;
    for (size_t i = 0; i < track.poses.size(); ++i)
      lengths.push_back((At(track, i, child) - At(track, i, parent)).norm());
    std::sort(lengths.begin(), lengths.end());
    medians.push_back(lengths[lengths.size() / 2]);
  }
  return medians;
}

void ExpectSamePoses(const LiftedTrack& track, const MocapClip& clip) {
  const std::vector<double> lengths = MedianLengths(track);
  for (size_t i = 0; i < track.poses.size(); ++i) {
    const auto expected = Normalised(track, i, lengths), found = ReadPose(clip, track.frames[i]);
    for (int j = 0; j < kJoints; ++j)
      EXPECT_LT((expected[j] - found[j]).norm(), 2e-5) << i << " " << kJointNames[j];
  }
}

TEST(BvhExport, PositionsAgreeAfterBoneLengthNormalisation) {
  const LiftedTrack track = Track(200, .1);
  const MocapClip clip = ParseBvh(BvhText(track, 200, 50), "a.bvh");
  EXPECT_EQ(clip.frames, 200);
  EXPECT_NEAR(clip.fps, 50, 1e-4);
  ExpectSamePoses(track, clip);
}

TEST(BvhExport, AnyPoseIsMet) {
  std::mt19937 random(1);
  std::normal_distribution<float> place(0, 1);
  LiftedTrack track;
  for (int frame = 0; frame < 300; ++frame) {
    track.frames.push_back(frame);
    for (float& value : track.poses.emplace_back()) value = place(random);
  }
  ExpectSamePoses(track, ParseBvh(BvhText(track, 300, 30), "a.bvh"));
}

/// Directions along the axes, straight against the rest pose, where angles lock.
TEST(BvhExport, RightAnglesAndTurnedOverAreMet) {
  LiftedTrack track;
  for (int axis = 0; axis < 6; ++axis) {
    track.frames.push_back(axis);
    auto& pose = track.poses.emplace_back();
    pose.fill(0);
    for (const auto [parent, child] : kBoneList) {
      for (int k = 0; k < 3; ++k) pose[3 * child + k] = pose[3 * parent + k];
      pose[3 * child + axis % 3] += axis < 3 ? 1.f : -1.f;
    }
  }
  ExpectSamePoses(track, ParseBvh(BvhText(track, 6, 30), "a.bvh"));
}

TEST(BvhExport, SmoothMotionHasNoJumpsOfAngles) {
  const LiftedTrack track = Track(2000, 0);
  const MocapClip clip = ParseBvh(BvhText(track, 2000, 50), "a.bvh");
  double most = 0;
  for (int64_t frame = 1; frame < clip.frames; ++frame) {
    for (int64_t i = 3; i < clip.channels; ++i) {
      most = std::max(most, std::abs(clip.values[frame * clip.channels + i] -
                                     clip.values[(frame - 1) * clip.channels + i]));
    }
  }
  EXPECT_LT(most, 12);  // degrees; a step of the walk is 0.1 rad
  EXPECT_GT(most, 1);
}

/// Two full turns about the vertical: angles go on past 180 degrees.
TEST(BvhExport, TurnsGoOn) {
  LiftedTrack track = Track(1, 0);
  const auto first = track.poses[0];
  track = {};
  for (int frame = 0; frame < 240; ++frame) {
    const double angle = frame * 4 * std::numbers::pi / 240;
    track.frames.push_back(frame);
    auto& pose = track.poses.emplace_back(first);
    for (int j = 0; j < kJoints; ++j) {
      pose[3 * j] = static_cast<float>(std::cos(angle) * first[3 * j] + std::sin(angle) * first[3 * j + 2]);
      pose[3 * j + 2] =
          static_cast<float>(std::cos(angle) * first[3 * j + 2] - std::sin(angle) * first[3 * j]);
    }
  }
  const MocapClip clip = ParseBvh(BvhText(track, 240, 30), "a.bvh");
  ExpectSamePoses(track, clip);
  double most = 0, least = 0;
  for (int64_t frame = 0; frame < 240; ++frame) {
    most = std::max(most, clip.values[frame * clip.channels + 3]);
    least = std::min(least, clip.values[frame * clip.channels + 3]);
  }
  EXPECT_GT(most - least, 700);  // Yrotation of the root
}

TEST(BvhExport, GapsRepeatTheLastPose) {
  LiftedTrack track = Track(2, 0);
  track.frames = {2, 5};
  const MocapClip clip = ParseBvh(BvhText(track, 8, 30), "a.bvh");
  ASSERT_EQ(clip.frames, 8);
  const auto row = [&](int64_t frame) {
    return std::vector<double>(clip.values.begin() + frame * clip.channels,
                               clip.values.begin() + (frame + 1) * clip.channels);
  };
  for (const int64_t frame : {0, 1, 3, 4}) EXPECT_EQ(row(frame), row(2));
  for (const int64_t frame : {6, 7}) EXPECT_EQ(row(frame), row(5));
  EXPECT_NE(row(2), row(5));
}

TEST(BvhExport, CoincidentJointsGiveNumbers) {
  LiftedTrack track;
  track.frames = {0};
  track.poses.emplace_back().fill(0);
  const MocapClip clip = ParseBvh(BvhText(track, 1, 30), "a.bvh");
  EXPECT_THAT(clip.values, testing::Each(0));
}

}  // namespace
}  // namespace links
