#include "links/monitor/terminal_plot.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace links {
namespace {

constexpr size_t kLabel = 10;

std::string Label(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%9.5g ", value);
  return text;
}

// U+2800 and the dots of a character.
std::string Braille(uint8_t dots) {
  return {static_cast<char>(0xE2), static_cast<char>(0xA0 | dots >> 6),
          static_cast<char>(0x80 | (dots & 0x3F))};
}

}  // namespace

std::string TerminalPlot(const std::string& title, const std::vector<double>& x, const std::vector<double>& y,
                         size_t width, size_t rows) {
  std::string text = title.substr(0, width) + "\n";
  if (x.empty() || width < kLabel + 10 || rows == 0) return text;
  const size_t columns = width - kLabel, across = 2 * columns, down = 4 * rows;
  const auto range = std::ranges::minmax(y);
  const double low = range.min, high = range.max;
  const double x0 = x.front(), x1 = x.back();
  const auto column = [&](double value) {
    return x1 > x0 ? (value - x0) / (x1 - x0) * static_cast<double>(across - 1) : 0;
  };
  const auto row = [&](double value) {
    return high > low ? (high - value) / (high - low) * static_cast<double>(down - 1)
                      : static_cast<double>(down) / 2;
  };
  std::vector<uint8_t> cells(columns * rows);
  const auto set = [&](double at_x, double at_y) {
    const auto c = static_cast<size_t>(std::lround(at_x)), r = static_cast<size_t>(std::lround(at_y));
    constexpr uint8_t kDots[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    cells[r / 4 * columns + c / 2] |= kDots[r % 4][c % 2];
  };
  set(column(x[0]), row(y[0]));
  for (size_t i = 1; i < x.size(); ++i) {
    const double c0 = column(x[i - 1]), c1 = column(x[i]), r0 = row(y[i - 1]), r1 = row(y[i]);
    const double steps = std::max({std::abs(c1 - c0), std::abs(r1 - r0), 1.0});
    for (double k = 1; k <= std::ceil(steps); ++k) {
      const double share = k / std::ceil(steps);
      set(c0 + share * (c1 - c0), r0 + share * (r1 - r0));
    }
  }
  for (size_t r = 0; r < rows; ++r) {
    text += r == 0 ? Label(high) : r + 1 == rows ? Label(low) : std::string(kLabel, ' ');
    for (size_t c = 0; c < columns; ++c) text += Braille(cells[r * columns + c]);
    text += "\n";
  }
  char first[32], last[32];
  std::snprintf(first, sizeof first, "%.6g", x0);
  std::snprintf(last, sizeof last, "%.6g", x1);
  const std::string left = first, right = last;
  const size_t gap = columns > left.size() + right.size() ? columns - left.size() - right.size() : 1;
  return text + std::string(kLabel, ' ') + left + std::string(gap, ' ') + right + "\n";
}

}  // namespace links
