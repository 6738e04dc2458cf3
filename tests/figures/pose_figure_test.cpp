#include "links/figures/pose_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <random>

#include "links/core/error.h"
#include "picture.h"
#include "support/temporary_folder.h"

// Fontconfig keeps its tables until the program ends: not a leak of ours.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the sanitizer's name
extern "C" const char* __lsan_default_suppressions();
// NOLINTNEXTLINE(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig\n";
}

namespace links {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class PoseFigure : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return directory_ / name; }
  std::vector<float> Numbers(int count) {
    std::normal_distribution<float> normal(0, 300);
    std::vector<float> numbers(count);
    for (float& number : numbers) number = normal(random_);
    return numbers;
  }
  PosePanel Whole() { return {"S9, Walking <1> & \"more\"", Numbers(34), Numbers(51), Numbers(51)}; }
  int FileCount() const {
    return static_cast<int>(std::distance(fs::directory_iterator(directory_.path()), {}));
  }
  std::string Svg(const std::vector<PosePanel>& panels) {
    DrawPoses(Path("x.svg"), panels);
    return ReadBytes(Path("x.svg"));
  }

  TemporaryFolder directory_;
  std::mt19937 random_{7};
};

TEST_F(PoseFigure, SvgIsWellFormedAndHasEveryBoneOfEveryCell) {
  const std::string whole = Svg({Whole(), Whole()});
  EXPECT_TRUE(IsNested(whole));
  EXPECT_EQ(CountBones(whole), 2 * 16 * (1 + 3 + 3));  // keypoints, three views of the pose and of the truth

  EXPECT_EQ(CountBones(Svg({{"", Numbers(34), {}, {}}})), 16);
  EXPECT_EQ(CountBones(Svg({{"", {}, Numbers(51), {}}})), 16 * 3);
  EXPECT_EQ(CountBones(Svg({{"", Numbers(34), {}, {}}, {"", {}, {}, Numbers(51)}})), 16 + 16 * 3);
}

TEST_F(PoseFigure, GuessedJointsAreHollow) {
  PosePanel panel = Whole();
  const auto rings = [&] { return CountMatches(Svg({panel}), R"re(stroke-width[:=] ?"?1\.6)re"); };
  EXPECT_EQ(rings(), 0);
  panel.guessed.assign(17, false);
  panel.guessed[3] = panel.guessed[10] = true;
  EXPECT_EQ(rings(), 2 * (1 + 3) + 1);  // among the keypoints, in three views, and in the legend
  EXPECT_THAT(Svg({panel}), HasSubstr("<svg"));
  panel.guessed.pop_back();
  EXPECT_THROW(Svg({panel}), Error);
}

TEST_F(PoseFigure, PngHasTheSizeOfItsRows) {
  DrawPoses(Path("one.png"), {Whole()});
  DrawPoses(Path("two.PNG"), {Whole(), Whole()});
  const Size one = PngSize(ReadBytes(Path("one.png"))), two = PngSize(ReadBytes(Path("two.PNG")));
  EXPECT_GT(one.width, 2 * 4 * 140);
  EXPECT_GT(one.height, 2 * 190);
  EXPECT_EQ(two.width, one.width);
  EXPECT_GT(two.height, one.height + 2 * 190);
}

TEST_F(PoseFigure, PdfHasItsHeaderAndItsEnd) {
  DrawPoses(Path("x.pdf"), {Whole()});
  const std::string pdf = ReadBytes(Path("x.pdf"));
  EXPECT_THAT(pdf, AllOf(StartsWith("%PDF-"), HasSubstr("%%EOF")));
}

TEST_F(PoseFigure, PosesAreDrawnAroundTheHip) {
  PosePanel near{"", {}, Numbers(51), {}}, far = near;
  for (int i = 0; i < 51; ++i) {
    near.joints_3d[i] = std::round(near.joints_3d[i]);
    far.joints_3d[i] = near.joints_3d[i] + static_cast<float>(1000 * (i % 3));
  }
  const auto picture = [&](const PosePanel& panel) {
    DrawPoses(Path("x.png"), {panel});
    return ReadBytes(Path("x.png"));
  };
  EXPECT_TRUE(picture(near) == picture(far));
  PosePanel other = near;
  other.joints_3d[3 * 13] += 100;  // the left wrist to the right
  EXPECT_FALSE(picture(near) == picture(other));
}

// The left arm reaches towards the camera (-z): the side view has the camera at its left.
TEST_F(PoseFigure, TheSideViewHasTheCameraAtItsLeft) {
  std::vector<float> joints(51, 0.0f);
  joints[3 * 10 + 1] = -800;  // head top
  joints[3 * 3 + 1] = 800;    // an ankle
  joints[3 * 13 + 2] = -400;  // left wrist, whose elbow stays at the hip
  const std::string svg = Svg({{"", {}, joints, {}}});
  // Vermilion bones with an extent go from the hip to the wrist.
  const std::regex bone(R"re([ "]d="M ([\d.]+) ([\d.]+) L ([\d.]+) ([\d.]+) ?")re");
  double leftmost = 0, rightmost = 0;
  int horizontal = 0;
  for (std::sregex_iterator it(svg.begin(), svg.end(), bone), end; it != end; ++it) {
    const double across = std::stod((*it)[3]) - std::stod((*it)[1]);
    const double down = std::stod((*it)[4]) - std::stod((*it)[2]);
    if (std::abs(across) > 25 && std::abs(down) < 1e-3 && std::stod((*it)[2]) < 200 &&
        std::stod((*it)[1]) > 330) {
      ++horizontal;
      leftmost = std::min(leftmost, across);
      rightmost = std::max(rightmost, across);
    }
  }
  EXPECT_EQ(horizontal, 1);
  EXPECT_LT(leftmost, -25);
  EXPECT_EQ(rightmost, 0);
}

TEST_F(PoseFigure, APoseWithoutExtentIsDrawn) {
  const std::string svg = Svg({{"", std::vector<float>(34, 5), std::vector<float>(51, 5), {}}});
  EXPECT_TRUE(IsNested(svg));
  EXPECT_EQ(CountMatches(svg, "nan|inf"), 0);
}

TEST_F(PoseFigure, WrongInputIsNamedAndWritesNothing) {
  const auto message = [&](const PosePanel& panel) -> std::string {
    try {
      DrawPoses(Path("x.png"), {Whole(), panel});
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  PosePanel bad = Whole();
  bad.joints_3d[3 * 13 + 1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(message(bad), AllOf(HasSubstr("joints_3d of pose 1"), HasSubstr("LWrist"), HasSubstr("nan")));
  bad = Whole();
  bad.keypoints_2d[0] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(message(bad), AllOf(HasSubstr("keypoints_2d of pose 1"), HasSubstr("Hip")));
  bad = Whole();
  bad.truth_3d.pop_back();
  EXPECT_THAT(message(bad), AllOf(HasSubstr("17 x 3"), HasSubstr("truth_3d of pose 1"), HasSubstr("50")));
  EXPECT_THAT(message({}), HasSubstr("neither"));
  EXPECT_THROW(DrawPoses(Path("x.png"), {}), Error);
  EXPECT_THROW(DrawPoses(Path("x.png"), std::vector<PosePanel>(201, Whole())), UsageError);
  EXPECT_THROW(DrawPoses(Path("x.jpg"), {Whole()}), UsageError);
  EXPECT_THROW(DrawPoses(Path("png"), {Whole()}), UsageError);
  EXPECT_EQ(FileCount(), 0);
}

TEST_F(PoseFigure, AFailureLeavesTheEarlierPicture) {
  DrawPoses(Path("x.png"), {Whole()});
  const std::string before = ReadBytes(Path("x.png"));
  EXPECT_THROW(DrawPoses(Path("x.png"), {}), Error);
  EXPECT_THROW(DrawPoses(Path("absent/x.png"), {Whole()}), Error);
  EXPECT_EQ(ReadBytes(Path("x.png")), before);
  EXPECT_EQ(FileCount(), 1);  // and no temporary file
}

}  // namespace
}  // namespace links
