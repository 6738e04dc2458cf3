#include "links/skeleton/skeleton.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <string>

namespace links {
namespace {

TEST(Skeleton, JointsStandInHuman36mOrder) {
  const char* const names[] = {"Hip",    "RHip",   "RKnee",     "RAnkle", "LHip",    "LKnee",
                               "LAnkle", "Spine",  "Thorax",    "Head",   "HeadTop", "LShoulder",
                               "LElbow", "LWrist", "RShoulder", "RElbow", "RWrist"};
  for (int joint = 0; joint < 17; ++joint) EXPECT_EQ(kJointNames[joint], names[joint]);
  EXPECT_EQ(kJointNames[kHeadTop], "HeadTop");
  EXPECT_EQ(kJointNames[kLWrist], "LWrist");
  EXPECT_EQ(kJointNames[kRShoulder], "RShoulder");
}

// A tree: every joint but the root is the child of exactly one bone, and a parent comes before its children.
TEST(Skeleton, BonesAreATreeFromTheRoot) {
  std::set<int> reached = {kRoot};
  for (const Bone& bone : kBoneList) {
    EXPECT_TRUE(reached.contains(bone.parent)) << bone.parent << "-" << bone.child;
    EXPECT_TRUE(reached.insert(bone.child).second) << bone.parent << "-" << bone.child;
  }
  EXPECT_EQ(reached.size(), 17u);
}

TEST(Skeleton, LimbsAreConnectedAlongTheirOwnSide) {
  std::array<int, kJoints> parent{};
  for (const Bone& bone : kBoneList) parent[bone.child] = bone.parent;
  for (const auto& [child, expected] : {std::pair{"LWrist", "LElbow"},
                                        {"LElbow", "LShoulder"},
                                        {"LShoulder", "Thorax"},
                                        {"RWrist", "RElbow"},
                                        {"RElbow", "RShoulder"},
                                        {"RShoulder", "Thorax"},
                                        {"LAnkle", "LKnee"},
                                        {"LKnee", "LHip"},
                                        {"LHip", "Hip"},
                                        {"RAnkle", "RKnee"},
                                        {"RKnee", "RHip"},
                                        {"RHip", "Hip"},
                                        {"HeadTop", "Head"},
                                        {"Head", "Thorax"},
                                        {"Thorax", "Spine"},
                                        {"Spine", "Hip"}}) {
    const auto index = std::find(kJointNames.begin(), kJointNames.end(), child) - kJointNames.begin();
    ASSERT_LT(index, kJoints) << child;
    EXPECT_EQ(kJointNames[parent[index]], expected) << child;
  }
}

TEST(Skeleton, BoneRatiosAverageToOneAndAreAlikeOnBothSides) {
  EXPECT_NEAR(std::accumulate(kHuman36mBoneRatios.begin(), kHuman36mBoneRatios.end(), 0.0) / kBones, 1, 1e-6);
  const auto ratio = [](int child) {
    for (int bone = 0; bone < kBones; ++bone) {
      if (kBoneList[bone].child == child) return kHuman36mBoneRatios[bone];
    }
    return 0.0;
  };
  for (const auto& [right, left] : {std::pair{1, 4}, {2, 5}, {3, 6}, {14, 11}, {15, 12}, {16, 13}}) {
    EXPECT_NEAR(ratio(right), ratio(left), 1e-4) << right;
  }
}

}  // namespace
}  // namespace links
