#include "links/data/asf_amc.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numbers>

#include "links/data/bvh.h"
#include "links/data/joint_map.h"
#include "links/data/mocap_import.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A root, an arm of two bones, and a bone that has no dof. A unit of length 2 is half an inch.
constexpr const char* kAsf = R"(# made by hand
:version 1.10
:name TINY
:units
  mass 1.0
  length 2
  angle deg
:documentation
   root: nothing to see
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 10 0
   orientation 0 0 0
:bonedata
  begin
     id 1
     name upper
     direction 1 0 0
     length 4
     axis 0 0 90  XYZ
     dof rx rz
     limits (-160.0 20.0)
            (-70.0 70.0)
  end
  begin
     id 2
     name lower
     direction 0 -1 0
     length 2
     axis 30 -20 50 XYZ
     dof rx ry rz
  end
  begin
     id 3
     name stub
     direction 0 0 1
     length 6
     axis 10 20 30 XYZ
  end
:hierarchy
  begin
    root upper stub
    upper lower
  end
)";

constexpr const char* kAmc = R"(#!OML:ASF made by hand
:FULLY-SPECIFIED
:DEGREES
1
root 1 2 3 0 0 0
upper 0 0
lower 0 0 0
2
lower 20 -35 50
root 0 0 0 90 0 90
upper 90 0
)";

constexpr double kUnit = 25.4 / 2;  // mm

MocapClip Clip(const std::string& asf = kAsf, const std::string& amc = kAmc) {
  return ParseAmc(amc, "tiny.amc", ParseAsf(asf, "tiny.asf"), 120);
}

void ExpectNear(const Eigen::Vector3d& found, double x, double y, double z) {
  EXPECT_NEAR((found - kUnit * Eigen::Vector3d(x, y, z)).norm(), 0, 1e-9) << found.transpose() / kUnit;
}

TEST(AsfAmc, RestPoseIsTheSkeletonsLengthsAlongItsDirections) {
  const MocapClip clip = Clip();
  EXPECT_EQ(clip.frames, 2);
  EXPECT_EQ(clip.fps, 120);
  const auto world = ForwardKinematics(clip, 0);
  ExpectNear(world[clip.Find("root")].position, 1, 12, 3);
  ExpectNear(world[clip.Find("upper")].position, 1, 12, 3);
  ExpectNear(world[clip.Find("lower")].position, 5, 12, 3);
  ExpectNear(world[clip.Find("lower_End")].position, 5, 10, 3);
  ExpectNear(world[clip.Find("stub_End")].position, 1, 12, 9);
  EXPECT_EQ(clip.Find("upper_End"), -1);
}

using Matrix = std::array<std::array<double, 3>, 3>;

Matrix Times(const Matrix& a, const Matrix& b) {
  Matrix c{};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 3; ++k) c[i][j] += a[i][k] * b[k][j];
  return c;
}

// Written out: about x, about y, about z.
Matrix About(char axis, double degrees) {
  const double c = std::cos(degrees * std::numbers::pi / 180), s = std::sin(degrees * std::numbers::pi / 180);
  if (axis == 'x') return {{{1, 0, 0}, {0, c, -s}, {0, s, c}}};
  if (axis == 'y') return {{{c, 0, s}, {0, 1, 0}, {-s, 0, c}}};
  return {{{c, -s, 0}, {s, c, 0}, {0, 0, 1}}};
}

// x first, then y, then z.
Matrix Xyz(double x, double y, double z) {
  return Times(About('z', z), Times(About('y', y), About('x', x)));
}

Eigen::Vector3d Apply(const Matrix& m, const std::array<double, 3>& v) {
  Eigen::Vector3d out = Eigen::Vector3d::Zero();
  for (int i = 0; i < 3; ++i)
    for (int k = 0; k < 3; ++k) out[i] += m[i][k] * v[k];
  return out;
}

TEST(AsfAmc, MotionIsAboutEachBonesOwnAxes) {
  const MocapClip clip = Clip();
  const auto world = ForwardKinematics(clip, 1);
  // By hand: x goes to y goes to z for the root's Rz(90) Rx(90), so that (x, y, z) -> (z, x, y); the bone's
  // own x is the file's y: its turn by 90 degrees about that sends the direction x to -z, which the root
  // sends to -x.
  ExpectNear(world[clip.Find("root")].position, 0, 10, 0);
  ExpectNear(world[clip.Find("lower")].position, -4, 10, 0);
  // The whole chain written out in plain loops.
  const Matrix axes = Xyz(30, -20, 50), back = {{{axes[0][0], axes[1][0], axes[2][0]},
                                                 {axes[0][1], axes[1][1], axes[2][1]},
                                                 {axes[0][2], axes[1][2], axes[2][2]}}};
  const Matrix upper = Times(About('z', 90), Times(Xyz(90, 0, 0), About('z', -90)));
  const Matrix lower = Times(axes, Times(Xyz(20, -35, 50), back));
  const Matrix chain = Times(Xyz(90, 0, 90), Times(upper, lower));
  const Eigen::Vector3d end = Eigen::Vector3d(-4, 10, 0) + Apply(chain, {0, -2, 0});
  ExpectNear(world[clip.Find("lower_End")].position, end.x(), end.y(), end.z());
  EXPECT_GT((end - Eigen::Vector3d(-4, 10, 0)).cwiseAbs().minCoeff(), 0.05) << "a case without zeros";
}

std::string With(std::string text, const std::string& from, const std::string& to) {
  EXPECT_NE(text.find(from), std::string::npos) << from;
  return text.replace(text.find(from), from.size(), to);
}

TEST(AsfAmc, TheOrderOfDofIsTheOrderOfTheNumbersAndOfTheTurns) {
  // z first: the same turn of the lower bone, written the other way round, is another.
  const std::string other = With(kAsf, "dof rx ry rz", "dof rz ry rx");
  const MocapClip clip = Clip(other, With(kAmc, "lower 20 -35 50", "lower 50 -35 20"));
  const MocapClip as_it_was = Clip();
  const auto rotation = [](const MocapClip& of) {
    const auto world = ForwardKinematics(of, 1);
    return Eigen::Matrix3d(world[of.Find("upper")].rotation.transpose() * world[of.Find("lower")].rotation);
  };
  const Matrix axes = Xyz(30, -20, 50);
  Eigen::Matrix3d c, m;
  const Matrix reversed = Times(About('x', 20), Times(About('y', -35), About('z', 50)));
  for (int i = 0; i < 3; ++i)
    for (int k = 0; k < 3; ++k) c(i, k) = axes[i][k], m(i, k) = reversed[i][k];
  EXPECT_NEAR((rotation(clip) - c * m * c.transpose()).norm(), 0, 1e-12);
  EXPECT_GT((rotation(clip) - rotation(as_it_was)).norm(), 0.1);
  // An axis in another order is another rest frame.
  EXPECT_GT(
      (rotation(Clip(With(kAsf, "axis 30 -20 50 XYZ", "axis 30 -20 50 ZYX"))) - rotation(as_it_was)).norm(),
      0.01);
}

TEST(AsfAmc, RadiansAsEitherFileSays) {
  std::string amc =
      ":FULLY-SPECIFIED\n1\nroot 0 0 0 1.5707963267948966 0 1.5707963267948966\n"
      "upper 1.5707963267948966 0\nlower 0 0 0\n";
  const auto lower = [](const MocapClip& clip) {
    return Eigen::Vector3d(ForwardKinematics(clip, 0)[clip.Find("lower")].position);
  };
  const std::string asf =
      With(With(kAsf, "angle deg", "angle rad"), "axis 0 0 90 ", "axis 0 0 1.5707963267948966 ");
  ExpectNear(lower(Clip(asf, amc)), -4, 10, 0);
  ExpectNear(lower(Clip(kAsf, With(amc, "FULLY-SPECIFIED", "RADIANS"))), -4, 10, 0);
  EXPECT_GT((lower(Clip(kAsf, amc)) - kUnit * Eigen::Vector3d(-4, 10, 0)).norm(), kUnit);
}

TEST(AsfAmc, LineEndsCaseCommentsAndSpacesDoNotMatter) {
  std::string asf, amc;
  for (const char c : std::string(kAsf))
    asf += c == '\n' ? std::string(" \r\n\n# a comment\n") : std::string(1, c);
  for (const char c : std::string(kAmc)) amc += c == '\n' ? std::string("\t\r\n") : std::string(1, c);
  asf = With(asf, ":bonedata", ":BoneData");
  EXPECT_EQ(Clip(asf, amc).values, Clip().values);
}

TEST(AsfAmc, NamesFileAndLineOfWhatIsWrongInASkeleton) {
  const auto message = [](const std::string& from, const std::string& to) {
    return MessageOf([&] { ParseAsf(With(kAsf, from, to), "a.asf"); });
  };
  EXPECT_THAT(message("# made", "made"), HasSubstr("a.asf:1: expected a section of an ASF file"));
  EXPECT_THAT(message("length 2\n", "length 0\n"), AllOf(HasSubstr("a.asf:6:"), HasSubstr("found 0")));
  EXPECT_THAT(message("angle deg", "angle turns"), AllOf(HasSubstr("a.asf:7:"), HasSubstr("'turns'")));
  EXPECT_THAT(message("order TX", "order XT"), AllOf(HasSubstr("a.asf:11:"), HasSubstr("'XT'")));
  EXPECT_THAT(message("order TX TY TZ RX RY RZ", ""), HasSubstr(":root with an order"));
  EXPECT_THAT(message("axis XYZ", "axis XYY"), AllOf(HasSubstr("a.asf:12:"), HasSubstr("'XYY'")));
  EXPECT_THAT(message("position 0 10 0", "position 0 ten 0"),
              AllOf(HasSubstr("a.asf:13:"), HasSubstr("'ten'")));
  EXPECT_THAT(message("  begin\n     id 1", "     id 1"), HasSubstr("expected begin"));
  EXPECT_THAT(message("name upper", "nome upper"), HasSubstr("the name of the bone that ends here"));
  EXPECT_THAT(message("name lower", "name upper"), HasSubstr("bones of different names"));
  EXPECT_THAT(message("direction 1 0 0", "direction 1 0"),
              AllOf(HasSubstr("a.asf:19:"), HasSubstr("the end of the line")));
  EXPECT_THAT(message("direction 1 0 0", "direction 2 0 0"), HasSubstr("a direction of length 1"));
  EXPECT_THAT(message("     direction 1 0 0\n", ""), HasSubstr("the direction of the bone 'upper'"));
  EXPECT_THAT(message("     length 4\n", ""), HasSubstr("the length of the bone 'upper'"));
  EXPECT_THAT(message("length 4", "length -4"), HasSubstr("a length of 0 or more"));
  EXPECT_THAT(message("length 4", "length nan"), HasSubstr("'nan'"));
  EXPECT_THAT(message("90  XYZ", "90"), HasSubstr("the order of three axes"));
  EXPECT_THAT(message("dof rx rz", "dof rx rx"), HasSubstr("each once"));
  EXPECT_THAT(message("dof rx rz", "dof rx l"), AllOf(HasSubstr("a.asf:22:"), HasSubstr("'l'")));
  EXPECT_THAT(message("root upper stub", "root upper"), HasSubstr("no way to 'stub'"));
  EXPECT_THAT(message("root upper stub", "root stub\nlower upper"), HasSubstr("no way to"));
  EXPECT_THAT(message("upper lower", "upper lower stub"), HasSubstr("another of 'stub'"));
  EXPECT_THAT(message("upper lower", "upper lowest"), AllOf(HasSubstr("a.asf:44:"), HasSubstr("'lowest'")));
  EXPECT_THAT(MessageOf([&] { ParseAsf("", "a.asf"); }), HasSubstr("found none"));
}

TEST(AsfAmc, NamesFileAndLineOfWhatIsWrongInAMotion) {
  const auto message = [](const std::string& from, const std::string& to) {
    return MessageOf([&] { Clip(kAsf, With(kAmc, from, to)); });
  };
  EXPECT_THAT(message("1\nroot", "root"), HasSubstr("tiny.amc:4: expected the number of the first frame"));
  EXPECT_THAT(message("2\nlower", "3\nlower"),
              AllOf(HasSubstr("tiny.amc:8: expected frame 2"), HasSubstr("'3'")));
  EXPECT_THAT(message("root 1 2 3", "root 1 2"), HasSubstr("6 numbers of 'root'"));
  EXPECT_THAT(message("root 1 2 3", "root 1 2 3 4"),
              AllOf(HasSubstr("tiny.amc:5:"), HasSubstr("6 numbers of 'root'")));
  EXPECT_THAT(message("root 1 2 3", "root 1 2 1e30"), HasSubstr("'1e30'"));
  EXPECT_THAT(message("upper 0 0\n", ""),
              HasSubstr("every bone that turns in frame 1, found none of 'upper'"));
  EXPECT_THAT(message("upper 0 0\n", "upper 0 0\nupper 0 0\n"), HasSubstr("another 'upper'"));
  EXPECT_THAT(message("upper 0 0\n", "upper 0 0\nstub 0\n"), HasSubstr("a bone that turns in tiny.asf"));
  EXPECT_THAT(message("upper 90 0\n", ""), HasSubstr("frame 2"));
  EXPECT_THAT(MessageOf([&] { Clip(kAsf, ":DEGREES\n"); }), HasSubstr("expected frames, found none"));
}

TEST(AsfAmc, ATruncatedFileIsAnErrorOrHoldsWholeFrames) {
  const std::string amc = kAmc;
  const size_t second = amc.find("\n2\n");
  for (size_t length = 0; length < amc.rfind("90 0"); ++length) {
    const std::string message = MessageOf([&] { Clip(kAsf, amc.substr(0, length)); });
    // Frame 1 may end with the file; all else is the middle of a frame.
    const bool whole = length == second || length == second + 1;
    EXPECT_EQ(message.empty(), whole) << length << ": " << message;
  }
}

TEST(AsfAmc, FindsTheSkeletonOfAClip) {
  const TemporaryFolder folder;
  folder.Write("07/07.asf", "");
  folder.Write("07/08.asf", "");
  EXPECT_EQ(FindSkeleton(folder / "07/07_01.amc"), folder / "07/07.asf");
  EXPECT_EQ(FindSkeleton(folder / "07/08.amc"), folder / "07/08.asf");
  EXPECT_THAT(MessageOf([&] { FindSkeleton(folder / "07/09_01.amc"); }),
              AllOf(HasSubstr("09.asf"), HasSubstr("found 2 others"), HasSubstr("--skeleton")));
  folder.Write("one/body.ASF", "");
  EXPECT_EQ(FindSkeleton(folder / "one/walk.amc"), folder / "one/body.ASF");
  EXPECT_THAT(MessageOf([&] { FindSkeleton(folder / "none/walk.amc"); }), HasSubstr("found none"));
}

// A standing body with the bones of CMU's skeletons, and the same written as BVH.
class AsfBody {
 public:
  AsfBody() {
    const auto bone = [&](const std::string& name, const std::string& parent, const std::string& direction,
                          double length, const std::string& dof) {
      bones_ += "begin\nname " + name + "\ndirection " + direction + "\nlength " + std::to_string(length) +
                "\naxis 0 0 0 XYZ\n" + (dof.empty() ? "" : "dof " + dof + "\n") + "end\n";
      hierarchy_ += parent + " " + name + "\n";
      if (!dof.empty()) frame_ += name + " 0\n";
    };
    for (const std::string side : {"l", "r"}) {
      const std::string out = side == "l" ? "1 0 0" : "-1 0 0";
      bone(side + "hipjoint", "root", out, 2, "");
      bone(side + "femur", side + "hipjoint", "0 -1 0", 8, "rx");
      bone(side + "tibia", side + "femur", "0 -1 0", 8, "rx");
      bone(side + "foot", side + "tibia", "0 0 1", 2, "");
    }
    bone("upperback", "root", "0 1 0", 5, "");
    bone("thorax", "upperback", "0 1 0", 3, "");
    bone("head", "thorax", "0 1 0", 3, "");
    for (const std::string side : {"l", "r"}) {
      const std::string out = side == "l" ? "1 0 0" : "-1 0 0";
      bone(side + "clavicle", "thorax", out, 3, "");
      bone(side + "humerus", side + "clavicle", out, 5, "");
      bone(side + "radius", side + "humerus", out, 2.5, "");
      bone(side + "wrist", side + "radius", out, 2.5, "");
      bone(side + "hand", side + "wrist", out, 1, "");
    }
  }

  std::string Asf() const {
    return ":units\nlength 0.45\nangle deg\n:root\norder TX TY TZ RX RY RZ\naxis XYZ\nposition 0 0 0\n"
           "orientation 0 0 0\n:bonedata\n" +
           bones_ + ":hierarchy\nbegin\n" + hierarchy_ + "end\n";
  }
  std::string Amc(int frames) const {
    std::string text = ":DEGREES\n";
    for (int i = 1; i <= frames; ++i)
      text += std::to_string(i) + "\nroot 0 18 " + std::to_string(i) + " 0 0 0\n" + frame_;
    return text;
  }

 private:
  std::string bones_, hierarchy_, frame_;
};

TEST(AsfAmc, ClipsBecomePosesThroughTheShippedMap) {
  const TemporaryFolder folder;
  const AsfBody body;
  folder.Write("07/07.asf", body.Asf());
  folder.Write("07/07_01.amc", body.Amc(8));
  folder.Write("07/07_02.AMC", body.Amc(5));
  folder.Write("07/07_03.amc", "nothing");
  const MocapFormat format = {"AMC", ".amc",
                              [](const std::string& path) { return ReadAsfAmc(path, "", 120); }};
  const std::vector<std::string> files = FindMocapFiles({folder / "07"}, format);
  EXPECT_EQ(files.size(), 3u);
  MocapImportOptions options;
  options.views = 2;
  const MocapImport import = ImportMocap(files, format, options);
  EXPECT_EQ(import.poses.size(), 2 * (2 + 2)) << "120 frames a second to 30";
  ASSERT_EQ(import.missed.size(), 1u);
  EXPECT_THAT(import.missed[0], AllOf(HasSubstr("07_03.amc:1:"), HasSubstr("first frame")));
  EXPECT_EQ(import.poses.subject[0], "07");
  const float* joints = import.poses.joints_3d.data();
  const auto length = [&](int a, int b) {
    double sum = 0;
    for (int k = 0; k < 3; ++k) sum += std::pow(joints[3 * a + k] - joints[3 * b + k], 2);
    return std::sqrt(sum) * .45 / 25.4;
  };
  EXPECT_NEAR(length(kLHip, kLKnee), 8, 1e-4);
  EXPECT_NEAR(length(kRHip, kLHip), 4, 1e-4);
  EXPECT_NEAR(length(kLElbow, kLWrist), 5, 1e-4);
  EXPECT_NEAR(length(kHead, kHeadTop), 3, 1e-4);
  EXPECT_NEAR(length(kHip, kThorax), 8, 1e-4);
}

}  // namespace
}  // namespace links
