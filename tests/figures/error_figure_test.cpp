#include "links/figures/error_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "links/core/error.h"
#include "picture.h"

namespace links {
namespace {

namespace fs = std::filesystem;

std::string Draw(const ErrorFigure& figure) {
  const fs::path path = fs::path(testing::TempDir()) / "error_figure_test.svg";
  DrawErrors(path.string(), figure);
  std::string svg = ReadBytes(path.string());
  fs::remove(path);
  return svg;
}

// The widths of the filled rectangles in order: of the bars.
std::vector<double> BarWidths(const std::string& svg) {
  const std::regex bar(
      R"re(d="M ([\d.]+) ([\d.]+) L ([\d.]+) ([\d.]+) L ([\d.]+) ([\d.]+) L ([\d.]+) ([\d.]+) Z)re");
  std::vector<double> widths;
  for (std::sregex_iterator it(svg.begin(), svg.end(), bar), end; it != end; ++it) {
    const double height = std::abs(std::stod((*it)[6]) - std::stod((*it)[2]));
    if (std::abs(height - 5.2) < 0.01) widths.push_back(std::abs(std::stod((*it)[3]) - std::stod((*it)[1])));
  }
  return widths;
}

TEST(ErrorFigure, BarsAreSortedAndAsLongAsTheirNumbers) {
  const std::vector<double> widths =
      BarWidths(Draw({"t", {}, {}, {{"Per action", {{"a", 20}, {"b", 80}, {"c", 40}}}}}));
  ASSERT_EQ(widths.size(), 3u);
  EXPECT_NEAR(widths[1] / widths[0], 0.5, 1e-3);
  EXPECT_NEAR(widths[2] / widths[0], 0.25, 1e-3);
}

TEST(ErrorFigure, OfManyGroupsTheLargestAndTheSmallest) {
  ErrorBars many{"Per action", {}};
  for (int i = 1; i <= 100; ++i) many.bars.emplace_back(std::to_string(i), i);
  const std::vector<double> widths = BarWidths(Draw({"t", {}, {}, {many}}));
  ASSERT_EQ(widths.size(), kMostBars);
  EXPECT_NEAR(widths[9] / widths[0], 0.91, 1e-3);
  EXPECT_NEAR(widths[10] / widths[0], 0.10, 1e-3);
}

TEST(ErrorFigure, HasABodyAndRefusesWrongNumbers) {
  std::vector<double> errors(kJoints, 25);
  const std::string svg = Draw({"t", errors, {}, {}});
  EXPECT_TRUE(IsNested(svg));
  EXPECT_EQ(CountBones(svg), kBones);
  errors.pop_back();
  EXPECT_THROW(Draw({"t", errors, {}, {}}), Error);
  EXPECT_THROW(Draw({"t", {}, {}, {}}), Error);
}

}  // namespace
}  // namespace links
