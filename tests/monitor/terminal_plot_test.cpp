#include "links/monitor/terminal_plot.h"

#include <gtest/gtest.h>

#include <sstream>

#include "links/core/text.h"

namespace links {
namespace {

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(TerminalPlot, FitsItsWidthAndNamesItsRange) {
  const auto lines = Lines(TerminalPlot("loss", {1, 2, 3}, {10, 5, 2.5}, 60, 4));
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[0], "loss");
  for (const std::string& line : lines) EXPECT_LE(TextWidth(line), 60u);
  EXPECT_NE(lines[1].find("10"), std::string::npos);
  EXPECT_NE(lines[4].find("2.5"), std::string::npos);
  EXPECT_EQ(lines[5].find('1'), 10u);
  EXPECT_EQ(lines[5].back(), '3');
}

// A straight line that falls: the first character has its upper left dot, the last its lower right one.
TEST(TerminalPlot, DotsLieWhereThePointsAre) {
  const auto lines = Lines(TerminalPlot("", {0, 1}, {1, 0}, 40, 2));
  const auto dots = [](const std::string& line, size_t character) {
    const size_t at = 10 + 3 * character;
    return (static_cast<unsigned char>(line[at + 1]) & 3) << 6 |
           (static_cast<unsigned char>(line[at + 2]) & 0x3F);
  };
  EXPECT_TRUE(dots(lines[1], 0) & 0x01);
  EXPECT_TRUE(dots(lines[2], 29) & 0x80);
  EXPECT_EQ(dots(lines[2], 0), 0);
  EXPECT_EQ(dots(lines[1], 29), 0);
}

TEST(TerminalPlot, OddCurvesAreDrawn) {
  EXPECT_EQ(Lines(TerminalPlot("none", {}, {}, 60, 4)).size(), 1u);
  EXPECT_EQ(Lines(TerminalPlot("one", {3}, {7}, 60, 4)).size(), 6u);
  EXPECT_EQ(Lines(TerminalPlot("flat", {1, 2}, {7, 7}, 60, 4)).size(), 6u);
}

}  // namespace
}  // namespace links
