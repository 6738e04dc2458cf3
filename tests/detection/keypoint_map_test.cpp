#include "links/detection/keypoint_map.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <random>

#include "links/data/detector_joints.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Keypoints Random(int count) {
  std::mt19937 random(static_cast<unsigned>(count));
  std::uniform_real_distribution<double> pixels(10, 1000), confidence(.5, 1);
  Keypoints keypoints;
  for (int i = 0; i < count; ++i) {
    keypoints.px.insert(keypoints.px.end(), {pixels(random), pixels(random)});
    keypoints.confidence.push_back(confidence(random));
  }
  return keypoints;
}

struct Point {
  double x, y;
};

Point At(const Keypoints& keypoints, int i) {
  return {keypoints.px[2 * i], keypoints.px[2 * i + 1]};
}

Point Middle(Point a, Point b) {
  return {(a.x + b.x) / 2, (a.y + b.y) / 2};
}

void ExpectAt(const Joints2d& joints, int joint, Point expected) {
  EXPECT_TRUE(joints.seen[joint]) << kJointNames[joint];
  EXPECT_NEAR(joints.px[2 * joint], expected.x, 2e-4) << kJointNames[joint];
  EXPECT_NEAR(joints.px[2 * joint + 1], expected.y, 2e-4) << kJointNames[joint];
}

TEST(KeypointMap, CocoSimple) {
  const Keypoints k = Random(17);
  const Joints2d joints = MapKeypoints(FindKeypointMap("coco17-simple"), k, 0);
  const Point pelvis = Middle(At(k, 11), At(k, 12)), thorax = Middle(At(k, 5), At(k, 6));
  ExpectAt(joints, kHip, pelvis);
  ExpectAt(joints, kThorax, thorax);
  ExpectAt(joints, kSpine, Middle(pelvis, thorax));
  ExpectAt(joints, kHead, At(k, 0));
  ExpectAt(joints, kHeadTop, Middle(At(k, 1), At(k, 2)));
  const int ours[] = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16},
            coco[] = {12, 14, 16, 11, 13, 15, 5, 7, 9, 6, 8, 10};
  for (int i = 0; i < 12; ++i) ExpectAt(joints, ours[i], At(k, coco[i]));
  EXPECT_FLOAT_EQ(joints.confidence[kHip], static_cast<float>(std::min(k.confidence[11], k.confidence[12])));
}

/// The recipe step by step, as it is published.
TEST(KeypointMap, CocoAdjusted) {
  const Keypoints k = Random(17);
  const Joints2d joints = MapKeypoints(FindKeypointMap("coco17-adjusted"), k, 0);
  const Point nose = At(k, 0), m = Middle(At(k, 5), At(k, 6)), pelvis = Middle(At(k, 11), At(k, 12));
  const double head_x = (At(k, 1).x + At(k, 2).x + At(k, 3).x + At(k, 4).x) / 4;
  ExpectAt(joints, kHeadTop, {head_x, At(k, 1).y + At(k, 2).y - nose.y});
  Point thorax = {m.x + (nose.x - m.x) / 3, m.y + (nose.y - m.y) / 3};
  thorax.y -= ((At(k, 1).y + At(k, 2).y) / 2 - nose.y) * 2 / 3;
  ExpectAt(joints, kThorax, thorax);
  ExpectAt(joints, kHip, pelvis);
  Point spine = Middle(m, pelvis);
  spine.x += 2 * (spine.x - (pelvis.x + thorax.x) / 2);
  ExpectAt(joints, kSpine, spine);
  ExpectAt(joints, kHead, {nose.x - (nose.x - m.x) / 4, nose.y - (nose.y - m.y) / 4});
}

TEST(KeypointMap, OpenPoseAndHalpe) {
  const Keypoints b = Random(25), o = Random(18), h = Random(26);
  const Joints2d body = MapKeypoints(FindKeypointMap("body25"), b, 0);
  const int ours[] = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16};
  const int body25[] = {9, 10, 11, 12, 13, 14, 5, 6, 7, 2, 3, 4},
            coco18[] = {8, 9, 10, 11, 12, 13, 5, 6, 7, 2, 3, 4};
  for (int i = 0; i < 12; ++i) ExpectAt(body, ours[i], At(b, body25[i]));
  ExpectAt(body, kHip, At(b, 8));
  ExpectAt(body, kThorax, At(b, 1));
  ExpectAt(body, kSpine, Middle(At(b, 1), At(b, 8)));
  ExpectAt(body, kHead, At(b, 0));
  ExpectAt(body, kHeadTop, Middle(At(b, 15), At(b, 16)));
  const Joints2d old = MapKeypoints(FindKeypointMap("openpose18"), o, 0);
  for (int i = 0; i < 12; ++i) ExpectAt(old, ours[i], At(o, coco18[i]));
  ExpectAt(old, kHip, Middle(At(o, 8), At(o, 11)));
  ExpectAt(old, kSpine, Middle(At(o, 1), Middle(At(o, 8), At(o, 11))));
  ExpectAt(old, kHeadTop, Middle(At(o, 14), At(o, 15)));
  const Joints2d halpe = MapKeypoints(FindKeypointMap("halpe26"), h, 0);
  ExpectAt(halpe, kHip, At(h, 19));
  ExpectAt(halpe, kThorax, At(h, 18));
  ExpectAt(halpe, kSpine, Middle(At(h, 18), At(h, 19)));
  ExpectAt(halpe, kHeadTop, At(h, 17));
  ExpectAt(halpe, kRAnkle, At(h, 16));
}

TEST(KeypointMap, EveryMapKeepsAPointAPoint) {
  for (const KeypointMap& map : KeypointMaps()) {
    for (const auto& terms : map.joints) {
      double x = 0, y = 0;
      for (const auto& term : terms) x += term.x_weight, y += term.y_weight;
      EXPECT_NEAR(x, 1, 1e-12) << map.name;
      EXPECT_NEAR(y, 1, 1e-12) << map.name;
    }
  }
}

TEST(KeypointMap, ADerivedJointNeedsAllItsSources) {
  const KeypointMap& map = FindKeypointMap("coco17-simple");
  const auto missing = [&](auto change) {
    Keypoints keypoints = Random(17);
    change(keypoints);
    const Joints2d joints = MapKeypoints(map, keypoints, .4);
    std::vector<int> found;
    for (int joint = 0; joint < kJoints; ++joint) {
      if (joints.seen[joint]) continue;
      found.push_back(joint);
      EXPECT_EQ(joints.px[2 * joint], 0);
      EXPECT_EQ(joints.confidence[joint], 0);
    }
    return found;
  };
  const std::vector<int> without_left_hip = {kHip, kLHip, kSpine};
  EXPECT_EQ(missing([](Keypoints& k) { k.px[22] = k.px[23] = k.confidence[11] = 0; }), without_left_hip);
  EXPECT_EQ(missing([](Keypoints& k) { k.px[22] = k.px[23] = 0; }), without_left_hip);
  EXPECT_EQ(missing([](Keypoints& k) { k.px[23] = kNan; }), without_left_hip);
  EXPECT_EQ(missing([](Keypoints& k) { k.confidence[11] = kNan; }), without_left_hip);
  EXPECT_EQ(missing([](Keypoints& k) { k.confidence[11] = .3999; }), without_left_hip);
  EXPECT_EQ(missing([](Keypoints& k) { k.confidence[11] = -3; }), without_left_hip);
  EXPECT_EQ(missing([](Keypoints& k) { k.confidence[11] = .4; }), std::vector<int>{});
  EXPECT_EQ(missing([](Keypoints& k) { k.confidence[2] = 0; }), std::vector<int>{kHeadTop});
  EXPECT_EQ(missing([](Keypoints& k) { k.confidence[3] = 0; }), std::vector<int>{});
}

std::string DefaultFor(int count) {
  const auto maps = KeypointMapsFor(count);
  return maps.empty() ? "" : maps.front()->name;
}

TEST(KeypointMap, NamesAndCounts) {
  EXPECT_THAT(MessageOf([] { FindKeypointMap("coco"); }),
              HasSubstr("aic14, blazepose33, body135, body25, body25b, coco-wholebody133, coco17-adjusted"));
  EXPECT_EQ(DefaultFor(17), "coco17-simple");
  EXPECT_EQ(KeypointMapsFor(17).size(), 4u);
  EXPECT_EQ(DefaultFor(133), "coco-wholebody133");
  EXPECT_EQ(DefaultFor(26), "halpe26");
  EXPECT_EQ(DefaultFor(136), "halpe26");
  EXPECT_EQ(DefaultFor(25), "body25");
  EXPECT_EQ(DefaultFor(18), "openpose18");
  EXPECT_EQ(DefaultFor(12), "");
  EXPECT_TRUE(FindKeypointMap("coco17-adjusted").Takes(133));
}

TEST(KeypointMap, LimbsOfEveryLayoutAreNamedSo) {
  const std::pair<int, const char*> limbs[] = {{kRHip, "right_hip"},          {kRKnee, "right_knee"},
                                               {kLHip, "left_hip"},           {kLKnee, "left_knee"},
                                               {kLElbow, "left_elbow"},       {kRElbow, "right_elbow"},
                                               {kLShoulder, "left_shoulder"}, {kLWrist, "left_wrist"},
                                               {kRWrist, "right_wrist"},      {kRShoulder, "right_shoulder"}};
  for (const KeypointMap& map : KeypointMaps()) {
    for (const auto& [joint, name] : limbs) {
      ASSERT_EQ(map.joints[joint].size(), 1u) << map.name;
      EXPECT_EQ(map.keypoints[map.joints[joint][0].keypoint], name) << map.name;
    }
  }
}

TEST(KeypointMap, FilesOfTheUsersAndTheirMistakes) {
  const TemporaryFolder folder;
  const auto read = [&](const std::string& joints) {
    return ReadKeypointMap(
        folder.Write("mine.yaml", "name: mine\nkeypoints: [a, b, c, d]\njoints:\n" + joints));
  };
  const std::string four = "  RHip: a\n  LHip: b\n  RShoulder: c\n  LShoulder: d\n";
  const KeypointMap map = read(four + "  Hip: [a, b]\n  Head: {c: 1.5, d: [-.5, -.5]}\n");
  EXPECT_EQ(map.counts, std::vector<int>{4});
  Keypoints k = Random(4);
  const Joints2d joints = MapKeypoints(map, k, 0);
  ExpectAt(joints, kHip, Middle(At(k, 0), At(k, 1)));
  ExpectAt(joints, kHead, {1.5 * At(k, 2).x - .5 * At(k, 3).x, 1.5 * At(k, 2).y - .5 * At(k, 3).y});
  EXPECT_FALSE(joints.seen[kLWrist]);
  const KeypointMap any = read(four + "  Spine: {any: [a, d]}\n");
  ExpectAt(MapKeypoints(any, k, 0), kSpine, Middle(At(k, 0), At(k, 3)));
  k.px[0] = kNan;
  ExpectAt(MapKeypoints(any, k, 0), kSpine, At(k, 3));
  EXPECT_THAT(MessageOf([&] { read(four + "  Head: {any: a}\n"); }), HasSubstr("mine.yaml:8: expected any:"));
  EXPECT_THAT(MessageOf([&] { read(four + "  Head: {any: [a], b: 1}\n"); }), HasSubstr("expected any:"));
  EXPECT_THAT(MessageOf([&] { read(four + "  Head: e\n"); }), HasSubstr("mine.yaml:8: unknown keypoint 'e'"));
  EXPECT_THAT(MessageOf([&] { read(four + "  Head: {a: .5, b: .6}\n"); }),
              HasSubstr("add up to 1, found 1.1"));
  EXPECT_THAT(MessageOf([&] { read(four + "  Nose: a\n"); }), HasSubstr("unknown joint 'Nose'"));
  EXPECT_THAT(MessageOf([&] { read("  RHip: a\n"); }), HasSubstr("'LHip' is missing"));
  EXPECT_THAT(MessageOf([&] { FindKeypointMap(folder / "none.yaml"); }), HasSubstr("none.yaml"));
}

/// Index of the map's keypoint.
int IndexOf(const KeypointMap& map, const std::string& keypoint) {
  return static_cast<int>(std::find(map.keypoints.begin(), map.keypoints.end(), keypoint) -
                          map.keypoints.begin());
}

TEST(KeypointMap, DetectorJointsAreTheSameOfEveryLayoutWithAFace) {
  int with_face = 0;
  for (const KeypointMap& shipped : KeypointMaps()) {
    const KeypointMap map = WithDetectorJoints(shipped);
    const auto at = [&](const Keypoints& k, const char* name) { return At(k, IndexOf(map, name)); };
    if (IndexOf(map, "left_eye") == static_cast<int>(map.keypoints.size()) || shipped.name == "posetrack17") {
      EXPECT_EQ(DefinitionOf(map), DefinitionOf(shipped)) << shipped.name;
      EXPECT_NE(DefinitionOf(map), JointDefinition::kDetector) << shipped.name;
      continue;
    }
    ++with_face;
    EXPECT_EQ(DefinitionOf(map), JointDefinition::kDetector) << shipped.name;
    const Keypoints k = Random(map.counts[0]);
    const Joints2d joints = MapKeypoints(map, k, 0);
    const Point hip = Middle(at(k, "left_hip"), at(k, "right_hip")),
                thorax = Middle(at(k, "left_shoulder"), at(k, "right_shoulder"));
    ExpectAt(joints, kHip, hip);
    ExpectAt(joints, kThorax, thorax);
    ExpectAt(joints, kSpine, Middle(hip, thorax));
    ExpectAt(joints, kHead, at(k, "nose"));
    ExpectAt(joints, kHeadTop, Middle(at(k, "left_eye"), at(k, "right_eye")));
    ExpectAt(joints, kLWrist, at(k, "left_wrist"));
    // A face from the side shows one eye, one from behind none.
    Keypoints side = k;
    side.confidence[IndexOf(map, "left_eye")] = 0;
    ExpectAt(MapKeypoints(map, side, 0), kHeadTop, at(k, "right_eye"));
    EXPECT_FALSE(MapKeypoints(shipped, side, 0).seen[kHeadTop] &&
                 DefinitionOf(shipped) == JointDefinition::kDetector)
        << shipped.name;
    side.px[2 * IndexOf(map, "right_eye")] = kNan;
    EXPECT_FALSE(MapKeypoints(map, side, 0).seen[kHeadTop]) << shipped.name;
  }
  EXPECT_GE(with_face, 9);
  EXPECT_EQ(DefinitionOf(FindKeypointMap("coco17-simple")), JointDefinition::kDetector);
  EXPECT_EQ(DefinitionOf(FindKeypointMap("body25b")), JointDefinition::kNotStated);
  EXPECT_EQ(DefinitionOf(FindKeypointMap("h36m17")), JointDefinition::kMocap);
}

/// What the import of motion capture makes of a body is what a detector's keypoints of it become.
TEST(KeypointMap, DetectorJointsAreThoseOfTheImportOfMotionCapture) {
  WorldPose body;
  for (int joint = 0; joint < kJoints; ++joint)
    body[joint] = {40. * (joint % 3), 300 - 41. * joint, 900 + 20. * (joint * 7 % 17)};
  const WorldPose pose = DetectorJoints(body, FaceLengths::Of({body}), Eigen::Vector3d::UnitX());
  const KeypointMap& map = FindKeypointMap("coco17-simple");
  std::vector<Eigen::Vector3d> points(17);
  const Eigen::Vector3d to_eye(3, 30, 1);
  points[IndexOf(map, "nose")] = pose[kHead];
  points[IndexOf(map, "left_eye")] = pose[kHeadTop] + to_eye;
  points[IndexOf(map, "right_eye")] = pose[kHeadTop] - to_eye;
  const std::pair<const char*, int> limbs[] = {
      {"left_shoulder", kLShoulder}, {"right_shoulder", kRShoulder}, {"left_elbow", kLElbow},
      {"right_elbow", kRElbow},      {"left_wrist", kLWrist},        {"right_wrist", kRWrist},
      {"left_hip", kLHip},           {"right_hip", kRHip},           {"left_knee", kLKnee},
      {"right_knee", kRKnee},        {"left_ankle", kLAnkle},        {"right_ankle", kRAnkle}};
  for (const auto& [name, joint] : limbs) points[IndexOf(map, name)] = pose[joint];
  // Seen from far away, where the middle of two points is the middle of their images.
  Keypoints keypoints;
  for (const Eigen::Vector3d& point : points) {
    keypoints.px.insert(keypoints.px.end(), {point.y() + 2000, point.z() + 10});
    keypoints.confidence.push_back(1);
  }
  const Joints2d joints = MapKeypoints(map, keypoints, 0);
  for (int joint = 0; joint < kJoints; ++joint)
    ExpectAt(joints, joint, {pose[joint].y() + 2000, pose[joint].z() + 10});
}

}  // namespace
}  // namespace links
