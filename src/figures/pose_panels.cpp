#include "links/figures/pose_panels.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "links/core/error.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

[[noreturn]] void WrongFrames(const std::string& text, int64_t size) {
  throw UsageError("expected frames like 0,5,10-20 between 0 and ", size - 1, ", found '", text, "'");
}

// Reads a row number at `at` and moves `at` behind it.
int64_t TakeRow(const std::string& text, size_t& at, int64_t size) {
  int64_t row = -1;
  const char* const end = text.data() + text.size();
  const auto [behind, failure] = std::from_chars(text.data() + at, end, row);
  if (failure != std::errc() || row < 0 || row >= size) WrongFrames(text, size);
  at = static_cast<size_t>(behind - text.data());
  return row;
}

std::vector<float> Row(const std::vector<float>& all, int64_t row, int64_t columns) {
  if (all.empty()) return {};
  const auto first = all.begin() + row * kJoints * columns;
  return {first, first + kJoints * columns};
}

// The s that brings s * (pose - hip) nearest to truth - hip in the sum of squares; 1 where none is positive.
double ScaleToTruth(const std::vector<float>& pose, const std::vector<float>& truth) {
  double cross = 0, square = 0;
  for (size_t i = 0; i < pose.size(); ++i) {
    const double p = static_cast<double>(pose[i]) - pose[3 * kRoot + i % 3];
    const double t = static_cast<double>(truth[i]) - truth[3 * kRoot + i % 3];
    cross += p * t;
    square += p * p;
  }
  return square > 0 && cross > 0 ? cross / square : 1;
}

std::string Title(const PoseData& poses, int64_t row) {
  std::string title = Concat("pose ", row);
  const char* separator = ": ";
  const auto add = [&](const std::string& part) {
    if (part.empty()) return;
    title += separator + part;
    separator = ", ";
  };
  if (!poses.subject.empty()) add(poses.subject[row]);
  if (!poses.action.empty()) add(poses.action[row]);
  if (!poses.camera.empty() && !poses.camera[row].empty()) add("camera " + poses.camera[row]);
  if (!poses.frame.empty()) add(Concat("frame ", poses.frame[row]));
  return title;
}

std::string ScaleText(double scale) {
  char text[48];
  std::snprintf(text, sizeof text, " (prediction scaled by %.3g)", scale);
  return text;
}

}  // namespace

std::vector<int64_t> ParseFrames(const std::string& text, int64_t size) {
  std::vector<int64_t> rows;
  for (size_t at = 0;; ++at) {
    const int64_t first = TakeRow(text, at, size);
    int64_t last = first;
    if (at < text.size() && text[at] == '-') last = TakeRow(text, ++at, size);
    if (last < first) WrongFrames(text, size);
    for (int64_t row = first; row <= last; ++row) rows.push_back(row);
    if (at == text.size()) return rows;
    if (text[at] != ',') WrongFrames(text, size);
  }
}

std::vector<int64_t> SpreadFrames(int64_t size, int64_t count) {
  std::vector<int64_t> rows(std::min(size, count));
  const auto gaps = std::max<int64_t>(static_cast<int64_t>(rows.size()) - 1, 1);
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int64_t>(i) * (size - 1) / gaps;
  return rows;
}

std::vector<PosePanel> MakePosePanels(const PoseData* data, const PoseData* predictions,
                                      const std::vector<int64_t>& rows) {
  if (predictions && predictions->joints_3d.empty())
    throw Error("expected /joints_3d in the predictions, found none");
  if (data && predictions && data->size() != predictions->size()) {
    throw Error("expected as many predictions as poses in the data, ", data->size(), ", found ",
                predictions->size());
  }
  const PoseData& base = data ? *data : *predictions;
  std::vector<PosePanel> panels;
  for (const int64_t row : rows) {
    PosePanel panel{Title(base, row), Row(base.keypoints_2d, row, 2), Row(base.joints_3d, row, 3), {}};
    if (data && predictions) {
      panel.truth_3d = std::move(panel.joints_3d);
      panel.joints_3d = Row(predictions->joints_3d, row, 3);
    }
    if (!panel.truth_3d.empty()) {
      const double scale = ScaleToTruth(panel.joints_3d, panel.truth_3d);
      for (float& coordinate : panel.joints_3d) coordinate = static_cast<float>(scale * coordinate);
      panel.title += ScaleText(scale);
    }
    panels.push_back(std::move(panel));
  }
  return panels;
}

}  // namespace links
