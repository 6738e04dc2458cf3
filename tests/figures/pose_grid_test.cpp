#include "links/figures/pose_grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "links/core/error.h"
#include "links/skeleton/skeleton.h"
#include "picture.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class PoseGridFigure : public testing::Test {
 protected:
  std::string Draw(const std::string& name, const PoseGrid& grid) {
    const std::string path = directory_ / name;
    DrawPoseGrid(path, grid);
    return ReadBytes(path);
  }
  std::string Message(const PoseGrid& grid) {
    try {
      Draw("wrong.svg", grid);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
  TemporaryFolder directory_;
};

std::vector<float> Numbers(int count) {
  std::vector<float> numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(static_cast<float>((37 * i) % 101));
  return numbers;
}

PoseGrid TwoByTwo() {
  const GridPose flat = {Numbers(34)}, deep = {Numbers(51), {}, "12.3 / 45.6"};
  return {{"2D", "3D\nPA / N, mm"}, {{"first", {flat, deep}}, {"second", {flat, {}}}}};
}

TEST_F(PoseGridFigure, HasEveryBoneOfEveryCell) {
  const std::string svg = Draw("x.svg", TwoByTwo());
  EXPECT_TRUE(IsNested(svg));
  EXPECT_EQ(CountBones(svg), 3 * kBones);
  EXPECT_EQ(CountMatches(svg, "nan|inf"), 0);
}

TEST_F(PoseGridFigure, BonesToGuessedJointsAreDashed) {
  PoseGrid grid = TwoByTwo();
  const auto dashed = [&] { return CountMatches(Draw("x.svg", grid), "stroke-dasharray"); };
  EXPECT_EQ(dashed(), 0);
  grid.rows[0].cells[1].guessed.assign(kJoints, false);
  grid.rows[0].cells[1].guessed[kLElbow] = true;
  EXPECT_EQ(dashed(), 2);  // from the shoulder and to the wrist
}

TEST_F(PoseGridFigure, IsAsWideAsAskedForInPrint) {
  EXPECT_EQ(PngSize(Draw("x.png", TwoByTwo())).width, 993);  // 84 mm at 300 dpi
  EXPECT_THAT(Draw("x.svg", TwoByTwo()), HasSubstr("width=\"238.11"));
}

TEST_F(PoseGridFigure, APdfHasItsFontsWithin) {
  const std::string pdf = Draw("x.pdf", TwoByTwo());
  EXPECT_EQ(pdf.substr(0, 5), "%PDF-");
  EXPECT_TRUE(pdf.find("/FontFile") != std::string::npos);
}

TEST_F(PoseGridFigure, WrongInputIsNamedAndWritesNothing) {
  EXPECT_THAT(Message({}), HasSubstr("expected poses"));
  PoseGrid grid = TwoByTwo();
  grid.rows[1].cells.pop_back();
  EXPECT_THAT(Message(grid), AllOf(HasSubstr("2 cells"), HasSubstr("'second'"), HasSubstr("found 1")));
  grid = TwoByTwo();
  grid.rows[0].cells[1].joints[3 * kLWrist] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(Message(grid), AllOf(HasSubstr("LWrist"), HasSubstr("column 2"), HasSubstr("'first'")));
  grid = TwoByTwo();
  grid.rows[0].cells[0].joints.pop_back();
  EXPECT_THAT(Message(grid), HasSubstr("found 33 numbers"));
  grid = TwoByTwo();
  grid.rows[0].cells[0].guessed = {true};
  EXPECT_THAT(Message(grid), HasSubstr("17 entries"));
  EXPECT_TRUE(fs::is_empty(directory_.path()));
}

TEST_F(PoseGridFigure, KeypointsThatAreMissingAreLeftOut) {
  PoseGrid grid = TwoByTwo();
  grid.rows[0].cells[0].joints[2 * kLWrist] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(CountBones(Draw("x.svg", grid)), 3 * kBones - 1);
}

}  // namespace
}  // namespace links
