#include "links/figures/curve_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "links/core/error.h"
#include "picture.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class CurveFigure : public testing::Test {
 protected:
  std::string Draw(const std::string& name, const std::vector<Curve>& curves) {
    const std::string path = directory_ / name;
    DrawCurves(path, {{"Title", "epoch", "loss", curves}});
    return ReadBytes(path);
  }
  TemporaryFolder directory_;
};

// Every drawn segment of the curve, in page units: the only path of more than two points.
std::vector<std::pair<double, double>> Polyline(const std::string& svg) {
  const std::regex path(R"re( d="(M [\d.]+ [\d.]+( L [\d.]+ [\d.]+){2,}) ?")re"),
      point(R"(([\d.]+) ([\d.]+))");
  std::vector<std::pair<double, double>> points;
  for (std::sregex_iterator it(svg.begin(), svg.end(), path), end; it != end; ++it) {
    const std::string steps = (*it)[1];
    if (steps.find('Z') != std::string::npos) continue;
    for (std::sregex_iterator p(steps.begin(), steps.end(), point); p != end; ++p) {
      points.emplace_back(std::stod((*p)[1]), std::stod((*p)[2]));
    }
  }
  return points;
}

TEST_F(CurveFigure, PointsLieInProportion) {
  const std::string svg = Draw("x.svg", {{"", {0, 1, 3, 4}, {10, 20, 20, 50}}});
  EXPECT_TRUE(IsNested(svg));
  const auto points = Polyline(svg);
  ASSERT_EQ(points.size(), 4u);
  const double per_x = (points[3].first - points[0].first) / 4,
               per_y = (points[3].second - points[0].second) / 40;
  EXPECT_GT(per_x, 40);
  EXPECT_LT(per_y, 0);  // larger values are higher
  EXPECT_NEAR(points[1].first, points[0].first + per_x, 1e-2);
  EXPECT_NEAR(points[2].first, points[0].first + 3 * per_x, 1e-2);
  EXPECT_NEAR(points[1].second, points[0].second + 10 * per_y, 1e-2);
  EXPECT_NEAR(points[2].second, points[1].second, 1e-2);
}

TEST_F(CurveFigure, DegenerateCurvesAreDrawn) {
  for (const Curve& curve : {Curve{"one point", {3}, {0}}, Curve{"constant", {1, 2}, {5, 5}},
                             Curve{"tiny", {0, 1}, {1e-30, 2e-30}}, Curve{"huge", {0, 1}, {-1e300, 1e300}},
                             Curve{"nearly constant", {0, 1}, {1, 1 + 1e-15}}}) {
    const std::string svg = Draw("x.svg", {curve, {"empty", {}, {}}});
    EXPECT_TRUE(IsNested(svg)) << curve.name;
    EXPECT_EQ(CountMatches(svg, "nan|inf"), 0) << curve.name;
  }
}

TEST_F(CurveFigure, PngAndPdf) {
  const std::vector<Curve> curves = {{"a", {0, 1}, {1, 2}}};
  EXPECT_EQ(PngSize(Draw("x.png", curves)).width, 993);  // 84 mm at 300 dpi
  const std::string pdf = Draw("x.pdf", curves);
  EXPECT_EQ(pdf.substr(0, 5), "%PDF-");
}

// The band's outline runs forth along y + deviation and back along y - deviation.
TEST_F(CurveFigure, ABandSurroundsItsCurve) {
  const std::string svg = Draw("x.svg", {{"", {0, 1, 2}, {10, 20, 30}, {1, 2, 4}}});
  const std::regex band(R"re(fill-opacity[:=] ?"?0?\.2[^>]* d="(M [^"]*Z))re");
  const std::regex other(R"re( d="(M [^"]*Z ?[^"]*)"[^>]*fill-opacity[:=] ?"?0?\.2)re");
  std::smatch found;
  ASSERT_TRUE(std::regex_search(svg, found, band) || std::regex_search(svg, found, other));
  std::vector<double> y;
  const std::string outline = found[1];
  const std::regex point(R"(([\d.]+) ([\d.]+))");
  for (std::sregex_iterator p(outline.begin(), outline.end(), point), end; p != end; ++p)
    y.push_back(std::stod((*p)[2]));
  ASSERT_GE(y.size(), 6u);
  const double unit = (y[5] - y[0]) / 2;  // from 10 - 1 to 10 + 1
  EXPECT_GT(unit, 0);
  EXPECT_NEAR((y[4] - y[1]) / unit, 4, 1e-2);
  EXPECT_NEAR((y[3] - y[2]) / unit, 8, 1e-2);
}

TEST_F(CurveFigure, WrongInputIsNamedAndWritesNothing) {
  const auto message = [&](const Curve& curve) -> std::string {
    try {
      Draw("x.svg", {curve});
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message({"loss", {1, 2}, {1}}), AllOf(HasSubstr("'loss'"), HasSubstr("2 and 1")));
  EXPECT_THAT(message({"loss", {1, 2}, {1, std::numeric_limits<double>::quiet_NaN()}}),
              AllOf(HasSubstr("'loss'"), HasSubstr("nan"), HasSubstr("point 1")));
  EXPECT_THAT(message({"loss", {}, {}}), HasSubstr("at least one point"));
  EXPECT_THAT(message({"loss", {1, 2}, {1, 2}, {1}}), HasSubstr("as many deviations"));
  EXPECT_THROW(Draw("x.gif", {{"a", {0}, {0}}}), UsageError);
  EXPECT_TRUE(fs::is_empty(directory_.path()));
}

}  // namespace
}  // namespace links
