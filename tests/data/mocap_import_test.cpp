#include "links/data/mocap_import.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdio>
#include <sstream>

#include "links/data/bvh.h"
#include "links/data/joint_map.h"
#include "support/temporary_folder.h"
#include "tiny_bvh.h"

namespace links {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const MocapFormat kBvh = {"BVH", ".bvh", ReadBvh};

/// `count` frames in which the person walks along z by one unit a frame.
std::string Walk(int count, double seconds) {
  std::string text = "Frames: " + std::to_string(count) + "\nFrame Time: " + std::to_string(seconds) + "\n";
  for (int i = 0; i < count; ++i) text += "0 9 " + std::to_string(i) + Zeros(kTinyChannels - 3) + "\n";
  return TinyBvh(text);
}

std::vector<WorldPose> Line(int count) {
  std::vector<WorldPose> poses(count);
  for (int i = 0; i < count; ++i) poses[i].fill(Eigen::Vector3d(i, 0, 0));
  return poses;
}

std::vector<double> Places(const std::vector<WorldPose>& poses) {
  std::vector<double> places;
  for (const WorldPose& pose : poses) places.push_back(pose[16].x());
  return places;
}

TEST(Resample, DecimatesByWholeNumbers) {
  EXPECT_THAT(Places(Resample(Line(7), 120, 40, "x")), ElementsAre(0, 3, 6));
  EXPECT_THAT(Places(Resample(Line(3), 30, 30, "x")), ElementsAre(0, 1, 2));
  EXPECT_THAT(Places(Resample(Line(5), 1 / 0.0083333, 30, "x")), ElementsAre(0, 4)) << "a rounded frame time";
}

TEST(Resample, InterpolatesOtherwise) {
  EXPECT_THAT(Places(Resample(Line(6), 25, 10, "x")), ElementsAre(0, 2.5));
  EXPECT_THAT(Places(Resample(Line(7), 30, 20, "x")), ElementsAre(0, 1.5, 3, 4.5));
  EXPECT_THAT(Resample(Line(1), 25, 10, "x"), SizeIs(1));
}

TEST(Resample, NeverInventsFrames) {
  EXPECT_THAT(MessageOf([] { Resample(Line(5), 30, 60, "a.bvh"); }),
              AllOf(HasSubstr("a.bvh"), HasSubstr("60")));
}

TEST(FindMocapFiles, SearchesFoldersAndSorts) {
  const TemporaryFolder folder;
  folder.Write("clips/b.bvh", "");
  folder.Write("clips/deep/a.BVH", "");
  folder.Write("clips/notes.txt", "");
  folder.Write("one.bvh", "");
  EXPECT_THAT(FindMocapFiles({folder / "one.bvh", folder / "clips", folder / "one.bvh"}, kBvh),
              ElementsAre(folder / "clips/b.bvh", folder / "clips/deep/a.BVH", folder / "one.bvh"));
  folder.Write("empty/notes.txt", "");
  EXPECT_THAT(MessageOf([&] { FindMocapFiles({folder / "empty"}, kBvh); }), HasSubstr("found none"));
  EXPECT_THAT(MessageOf([&] { FindMocapFiles({folder / "nowhere"}, kBvh); }), HasSubstr("nowhere"));
}

TEST(FindLabels, FromTheIndexOrTheName) {
  const TemporaryFolder folder;
  folder.Write("index.csv",
               "file,subject,description,frames\r\n"
               "train/01_02.bvh,01,\"walk, turn \"\"left\"\"\",5\r\n"
               "val/01_03.bvh,01,run,5\r\n");
  const ClipLabels listed = FindLabels(folder / "train/01_02.bvh");
  EXPECT_EQ(listed.subject, "01");
  EXPECT_EQ(listed.action, "walk, turn \"left\"");
  const ClipLabels unlisted = FindLabels(folder / "train/01_03.bvh");
  EXPECT_EQ(unlisted.action, "01_03") << "another folder's file of that name";
  EXPECT_EQ(unlisted.subject, "01");
  folder.Write("train/index.csv", "file,subject,description\n01_02.bvh,Ada,hop\n");
  EXPECT_EQ(FindLabels(folder / "train/01_02.bvh").subject, "Ada") << "the nearer index wins";
  EXPECT_EQ(FindLabels(folder / "jump.bvh").subject, "jump");
}

TEST(ImportMocap, LaysOutClipsViewsAndFrames) {
  const TemporaryFolder folder;
  const std::string a = folder.Write("01_a.bvh", Walk(4, 0.05)), b = folder.Write("02_b.bvh", Walk(6, 0.025));
  MocapImportOptions options;
  options.views = 2;
  options.fps = 20;
  options.map = folder.Write("tiny.yaml", kTinyMap);
  const PoseData poses = ImportMocap({a, b}, kBvh, options).poses;
  EXPECT_NO_THROW(CheckPoses(poses, "imported"));
  EXPECT_THAT(poses.frame, ElementsAre(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 0, 1, 2));
  EXPECT_THAT(poses.camera, ElementsAre("view0", "view0", "view0", "view0", "view1", "view1", "view1",
                                        "view1", "view0", "view0", "view0", "view1", "view1", "view1"));
  EXPECT_EQ(poses.subject[7], "01");
  EXPECT_EQ(poses.action[8], "02_b");
  std::vector<double> hip_widths;
  for (int64_t i = 0; i < poses.size(); ++i) {
    const float* pose = &poses.joints_3d[51 * i];
    hip_widths.push_back(std::hypot(pose[3] - pose[12], pose[4] - pose[13], pose[5] - pose[14]));
  }
  EXPECT_THAT(hip_widths, Each(testing::DoubleNear(200, 0.01)));
  EXPECT_EQ(ImportMocap({a, b}, kBvh, options).poses.joints_3d, poses.joints_3d)
      << "the same seed, the same cameras";
  options.seed = 2;
  EXPECT_NE(ImportMocap({a, b}, kBvh, options).poses.joints_3d, poses.joints_3d);
}

class WildImport : public testing::Test {
 protected:
  WildImport() {
    clip_ = folder_.Write("01_a.bvh", Walk(40, 0.05));
    options_.fps = 20;
    options_.views = 2;
    options_.map = folder_.Write("tiny.yaml", kTinyMap);
    options_.cameras = CameraDistribution::Named("wild");
  }

  PoseData Import() const { return ImportMocap({clip_}, kBvh, options_).poses; }

  static Eigen::Vector3d Joint(const PoseData& poses, int64_t row, int joint) {
    const float* at = &poses.joints_3d[3 * (kJoints * row + joint)];
    return {at[0], at[1], at[2]};
  }
  static Eigen::Vector2d Pixel(const PoseData& poses, int64_t row, int joint) {
    const float* at = &poses.keypoints_2d[2 * (kJoints * row + joint)];
    return {at[0], at[1]};
  }

  TemporaryFolder folder_;
  std::string clip_;
  MocapImportOptions options_;
};

TEST_F(WildImport, KeepsACameraForItsSeconds) {
  options_.cameras.seconds = .5;  // of 20 poses a second
  const PoseData poses = Import();
  ASSERT_EQ(poses.size(), 80);
  // The person only walks, so that bones turn with the camera alone.
  const auto shin = [&](int64_t row) -> Eigen::Vector3d {
    return Joint(poses, row, kRKnee) - Joint(poses, row, kRAnkle);
  };
  for (int64_t row = 1; row < poses.size(); ++row) {
    const double turned = (shin(row) - shin(row - 1)).norm();
    if (row % 10 != 0) {
      EXPECT_LT(turned, .01) << row;
      EXPECT_NEAR((Joint(poses, row, kRoot) - Joint(poses, row - 1, kRoot)).norm(), 0, .01)
          << "it goes along";
    } else {
      EXPECT_GT(turned, 1) << row;
    }
  }
  options_.cameras.seconds = 0;
  const PoseData each = Import();
  EXPECT_GT((Joint(each, 1, kRKnee) - Joint(each, 0, kRKnee)).norm(), 1);
}

TEST_F(WildImport, DetectorsJointsAreMiddlesInTheImageAndInSpace) {
  options_.joints = JointDefinition::kDetector;
  options_.noise_px = 3;
  const PoseData poses = Import();
  for (int64_t row = 0; row < poses.size(); ++row) {
    const auto middle = [&](auto get) {
      EXPECT_NEAR((get(kHip) - (get(kLHip) + get(kRHip)) / 2).norm(), 0, .01);
      EXPECT_NEAR((get(kThorax) - (get(kLShoulder) + get(kRShoulder)) / 2).norm(), 0, .01);
      EXPECT_NEAR((get(kSpine) - (get(kHip) + get(kThorax)) / 2).norm(), 0, .01);
    };
    middle([&](int joint) { return Pixel(poses, row, joint); });
    middle([&](int joint) { return Joint(poses, row, joint); });
  }
}

TEST_F(WildImport, NoiseHasItsDeviationAndLeavesTheCameras) {
  options_.views = 20;
  for (const JointDefinition joints : {JointDefinition::kMocap, JointDefinition::kDetector}) {
    options_.joints = joints;
    options_.noise_px = 0;
    const PoseData clean = Import();
    options_.noise_px = 4;
    const PoseData noisy = Import();
    EXPECT_EQ(clean.joints_3d, noisy.joints_3d);
    const auto deviation = [&](int joint) {
      double squares = 0;
      for (int64_t row = 0; row < clean.size(); ++row)
        squares += (Pixel(noisy, row, joint) - Pixel(clean, row, joint)).squaredNorm();
      return std::sqrt(squares / static_cast<double>(2 * clean.size()));
    };
    const bool detector = joints == JointDefinition::kDetector;
    EXPECT_NEAR(deviation(kRWrist), 4, .3);
    EXPECT_NEAR(deviation(kHead), 4, .3);
    EXPECT_NEAR(deviation(kHeadTop), detector ? 4 / std::sqrt(2) : 4, .3) << "the mean of two eyes";
    EXPECT_NEAR(deviation(kThorax), detector ? 4 / std::sqrt(2) : 4, .3) << "the mean of two shoulders";
    EXPECT_NEAR(deviation(kSpine), detector ? 2 : 4, .3) << "the mean of four";
  }
}

TEST_F(WildImport, VariedBodiesKeepTheirLengthsForACameraAndLeaveTheCameras) {
  options_.cameras.seconds = .5;
  const PoseData recorded = Import();
  options_.bodies = Bodies::kVaried;
  const PoseData varied = Import();
  ASSERT_EQ(varied.size(), recorded.size());
  const auto bone = [](const PoseData& poses, int64_t row, int from, int to) -> Eigen::Vector3d {
    return Joint(poses, row, to) - Joint(poses, row, from);
  };
  for (int64_t row = 0; row < varied.size(); ++row) {
    // The trunk, which stays, is seen as before.
    EXPECT_LT((bone(varied, row, kHip, kSpine) - bone(recorded, row, kHip, kSpine)).norm(), .01);
    const double length = bone(varied, row, kRHip, kRKnee).norm();
    EXPECT_NEAR(bone(varied, row, kLHip, kLKnee).norm(), length, .01) << "both sides alike";
    if (row % 10 != 0) {
      EXPECT_NEAR(bone(varied, row - 1, kRHip, kRKnee).norm(), length, .01) << row;
    } else if (row > 0) {
      EXPECT_GT(std::abs(bone(varied, row - 1, kRHip, kRKnee).norm() - length), .01) << row;
    }
  }
}

TEST_F(WildImport, WithoutNoisePixelsAreProjections) {
  const PoseData poses = Import();
  for (int64_t row = 0; row < poses.size(); ++row) {
    const double sight = Joint(poses, row, kRoot).norm(), focal = .229 * sight;
    for (int joint = 0; joint < kJoints; ++joint) {
      const Eigen::Vector3d at = Joint(poses, row, joint);
      EXPECT_NEAR((Pixel(poses, row, joint) -
                   Eigen::Vector2d(500 + focal * at.x() / at.z(), 500 + focal * at.y() / at.z()))
                      .norm(),
                  0, .01);
    }
  }
}

TEST_F(WildImport, IsTheSameForTheSameSeed) {
  options_.noise_px = 1;
  const PoseData first = Import();
  EXPECT_EQ(Import().keypoints_2d, first.keypoints_2d);
  options_.seed = 2;
  EXPECT_NE(Import().joints_3d, first.joints_3d);
}

TEST(ImportMocap, GoesOnAfterABadFile) {
  const TemporaryFolder folder;
  const std::string good = folder.Write("01_a.bvh", Walk(4, 0.05)),
                    bad = folder.Write("02_b.bvh", "HIERARCHY\nROOT\n"),
                    last = folder.Write("03_c.bvh", Walk(2, 0.05));
  MocapImportOptions options;
  options.fps = 20;
  options.views = 1;
  options.map = folder.Write("tiny.yaml", kTinyMap);
  const MocapImport import = ImportMocap({good, bad, last}, kBvh, options);
  EXPECT_THAT(import.missed, ElementsAre(HasSubstr("02_b.bvh:2: expected the name of a joint")));
  EXPECT_EQ(import.poses.size(), 6);
  EXPECT_THAT(MessageOf([&] { ImportMocap({bad}, kBvh, options); }),
              HasSubstr("02_b.bvh:2: expected the name of a joint"));
  options.map = "auto";
  EXPECT_THAT(MessageOf([&] { ImportMocap({good}, kBvh, options); }),
              AllOf(HasSubstr("no joint map fits"), HasSubstr("found the joints Root, LLeg1")));
}

/// The tiny skeleton with every length times `scale`, and z up where asked.
std::string Scaled(double scale, bool z_up) {
  std::istringstream in(TinyBvh("Frames: 1\nFrame Time: 0.05\n" + Zeros(kTinyChannels) + "\n"));
  std::ostringstream out;
  for (std::string line; std::getline(in, line);) {
    double x, y, z;
    if (std::sscanf(line.c_str(), " OFFSET %lf %lf %lf", &x, &y, &z) == 3) {
      out << "OFFSET " << scale * x << " " << scale * (z_up ? -z : y) << " " << scale * (z_up ? y : z)
          << "\n";
    } else {
      out << line << "\n";
    }
  }
  return out.str();
}

class BodyOfAClip : public testing::Test {
 protected:
  double Stature(const std::string& text) {
    MocapImportOptions options;
    options.fps = 20;
    options.views = 1;
    std::string map = kTinyMap;
    map.replace(map.find("{joint: RArm3"),
                map.find("}\n", map.find("{joint: RArm3")) + 1 - map.find("{joint: RArm3"), "RArm3");
    options.map = folder_.Write("tiny.yaml", map);
    const PoseData poses = ImportMocap({folder_.Write("clip.bvh", text)}, kBvh, options).poses;
    const float* pose = poses.joints_3d.data();
    return pose[3 * kLAnkle + 1] - pose[3 * kHeadTop + 1];  // y points down
  }

  TemporaryFolder folder_;
};

TEST_F(BodyOfAClip, TellsItsUnit) {
  const double right = Stature(Scaled(1, false));
  EXPECT_GT(right, 1300);
  EXPECT_NEAR(Stature(Scaled(100, false)), right, 15);         // millimetres
  EXPECT_NEAR(Stature(Scaled(10, false)), right, 15);          // centimetres
  EXPECT_NEAR(Stature(Scaled(.1, false)), right, 15);          // metres
  EXPECT_NEAR(Stature(Scaled(100 / 25.4, false)), right, 15);  // inches
}

TEST_F(BodyOfAClip, IsRefusedWithTheFactorWhereNoUnitFits) {
  EXPECT_THAT(MessageOf([&] { Stature(Scaled(.001, false)); }),
              AllOf(HasSubstr("expected a stature of 1200 to 2200 mm, found 2 mm"), HasSubstr("unit_mm: 1")));
}

TEST_F(BodyOfAClip, TellsItsUpAxis) {
  EXPECT_NEAR(Stature(Scaled(1, true)), Stature(Scaled(1, false)), 15);
  EXPECT_NEAR(Stature(Scaled(10, true)), Stature(Scaled(1, false)), 15);
}

TEST_F(BodyOfAClip, OfSomeoneWhoLiesKeepsTheAxis) {
  std::string text = TinyBvh("Frames: 1\nFrame Time: 0.05\n0 0 0 0 90" + Zeros(kTinyChannels - 5) + "\n");
  EXPECT_LT(std::abs(Stature(text)), 1000);
}

TEST_F(BodyOfAClip, MustHaveArmsOfAPerson) {
  std::string text = Scaled(1, false);
  const auto shorten = [&](const std::string& joint) {
    const size_t at = text.find("OFFSET", text.find(joint));
    text.replace(at, text.find('\n', at) - at, "OFFSET 1 0 0");
  };
  shorten("LArm3");
  shorten("RArm3");
  EXPECT_THAT(MessageOf([&] { Stature(text); }),
              HasSubstr("expected a forearm of 0.6 to 1.3 upper arms, found 0."));
}

TEST(ImportMocap, ShippedMapsReadTheirFamilies) {
  const TemporaryFolder folder;
  for (const JointMap& map : FindJointMaps("auto")) {
    if (map.name == "links" || map.name == "daz" || map.name == "lafan1") continue;  // heads of another make
    // The tiny skeleton with the names of the family.
    std::string text = Scaled(100 / map.unit_mm, false);
    const auto name = [&](int joint) {
      const std::string& names = map.joints[joint].first;
      return names.substr(0, names.find(" |"));
    };
    const auto put = [&](const std::string& tiny, const std::string& to) {
      for (const char* word : {"JOINT ", "ROOT "}) {
        const size_t at = text.find(word + tiny + "\n");
        if (at != std::string::npos)
          text.replace(at, std::string(word + tiny).size(), word + ("someone:" + to));
      }
    };
    const int shoulders[] = {kLShoulder, kRShoulder}, hips[] = {kLHip, kRHip};
    for (int side = 0; side < 2; ++side) {
      for (int k = 0; k < 3; ++k) {
        put(Concat("LR"[side], "Leg", k + 1), name(hips[side] + k));
        put(Concat("LR"[side], "Arm", k + 1), name(shoulders[side] + k));
      }
    }
    put("Belly", name(kSpine));
    put("Head", name(kHead));
    for (const std::string& joint : map.needs) {
      text.insert(text.find("JOINT"), "JOINT " + joint + "\n{\nOFFSET 0 0 0\nCHANNELS 0\n}\n");
    }
    MocapImportOptions options;
    options.fps = 20;
    options.views = 1;
    options.map = map.name;
    EXPECT_EQ(ImportMocap({folder.Write(map.name + ".bvh", text)}, kBvh, options).poses.size(), 1)
        << map.name;
  }
}

}  // namespace
}  // namespace links
