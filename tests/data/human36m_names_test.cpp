#include "links/data/human36m_names.h"

#include <gtest/gtest.h>

#include <set>

namespace links {
namespace {

TEST(Human36mNames, EveryNamingGivesTheActionOfTheField) {
  EXPECT_EQ(Human36mAction("TakingPhoto-2"), "Photo");
  EXPECT_EQ(Human36mAction("TakingPhoto 1"), "Photo");
  EXPECT_EQ(Human36mAction("Photo"), "Photo");
  EXPECT_EQ(Human36mAction("WalkingDog-1"), "WalkDog");
  EXPECT_EQ(Human36mAction("WalkDog 1"), "WalkDog");
  EXPECT_EQ(Human36mAction("WalkingTogether-1"), "WalkTogether");
  EXPECT_EQ(Human36mAction("WalkTogether"), "WalkTogether");
  EXPECT_EQ(Human36mAction("Walking-1"), "Walking");
  EXPECT_EQ(Human36mAction("Sitting 2"), "Sitting");
  EXPECT_EQ(Human36mAction("SittingDown-2"), "SittingDown");
  for (const std::string_view action : kHuman36mActions) EXPECT_EQ(Human36mAction(action), action);
}

TEST(Human36mNames, OtherNamesAreNoAction) {
  for (const char* name : {"", " ", "-1", "_ALL", "Juggling 1", "walking", "Walking ", "Walking-",
                           "Walking x", "Walking 1 2", "WalkingDog1", "Sitting Down"}) {
    EXPECT_EQ(Human36mAction(name), "") << name;
  }
}

TEST(Human36mNames, DamageIsFoundInEitherNaming) {
  const Human36mDamage* damage = FindHuman36mDamage("S9", "SittingDown-2");
  ASSERT_NE(damage, nullptr);
  EXPECT_EQ(FindHuman36mDamage("S9", "SittingDown 1"), damage);
  EXPECT_EQ(damage->camera, "");
  ASSERT_NE(FindHuman36mDamage("S11", "Directions"), nullptr);
  EXPECT_EQ(FindHuman36mDamage("S11", "Directions"), FindHuman36mDamage("S11", "Directions-2"));
  EXPECT_EQ(FindHuman36mDamage("S11", "Directions")->camera, kHuman36mCameras[0]);
  EXPECT_NE(FindHuman36mDamage("S9", "Greeting"), nullptr);
  EXPECT_NE(FindHuman36mDamage("S9", "Waiting 1"), nullptr);
  for (const char* clip :
       {"Greeting 1", "Greeting-1", "SittingDown", "SittingDown-1", "Waiting", "Waiting-2"})
    EXPECT_EQ(FindHuman36mDamage("S9", clip), nullptr) << clip;
  EXPECT_EQ(FindHuman36mDamage("S11", "Greeting"), nullptr);
  EXPECT_EQ(FindHuman36mDamage("S11", "Directions-1"), nullptr);
}

TEST(Human36mNames, SeventeenDifferentJointsLeftArmFirst) {
  EXPECT_EQ(std::set<int>(kHuman36mJoints.begin(), kHuman36mJoints.end()).size(), 17u);
  EXPECT_EQ(kHuman36mJoints[kLShoulder], 17);
  EXPECT_EQ(kHuman36mJoints[kLWrist], 19);
  EXPECT_EQ(kHuman36mJoints[kRShoulder], 25);
  EXPECT_EQ(kHuman36mJoints[kRWrist], 27);
  EXPECT_EQ(kHuman36mJoints[kLAnkle], 8);
  EXPECT_EQ(kHuman36mJoints[kRAnkle], 3);
}

}  // namespace
}  // namespace links
