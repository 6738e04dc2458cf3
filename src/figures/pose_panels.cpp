#include "links/figures/pose_panels.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "links/core/error.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

// Reads a number at `at` and moves `at` behind it; false where there is none.
bool TakeNumber(const std::string& text, size_t& at, int64_t& number) {
  const char* const end = text.data() + text.size();
  const auto [behind, failure] = std::from_chars(text.data() + at, end, number);
  at = static_cast<size_t>(behind - text.data());
  return failure == std::errc() && number >= 0;
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

// Mean distance of the joints about the hip, the pose scaled to the truth; NaN counts as none.
double ScaledError(const std::vector<float>& pose, const std::vector<float>& truth) {
  const double scale = ScaleToTruth(pose, truth);
  double sum = 0;
  for (int j = 0; j < kJoints; ++j) {
    double square = 0;
    for (int k = 0; k < 3; ++k) {
      const double p = static_cast<double>(pose[3 * j + k]) - pose[3 * kRoot + k];
      const double t = static_cast<double>(truth[3 * j + k]) - truth[3 * kRoot + k];
      square += (scale * p - t) * (scale * p - t);
    }
    sum += std::sqrt(square);
  }
  return std::isfinite(sum) ? sum / kJoints : 0;
}

// Which keypoints are missing.
std::vector<bool> NotSeen(const std::vector<float>& keypoints) {
  std::vector<bool> missing;
  for (size_t i = 0; i < keypoints.size(); i += 2)
    missing.push_back(std::isnan(keypoints[i]) || std::isnan(keypoints[i + 1]));
  return missing;
}

void CheckPair(const PoseData* data, const PoseData& predictions) {
  if (predictions.joints_3d.empty()) throw Error("expected /joints_3d in the predictions, found none");
  if (data && data->size() != predictions.size()) {
    throw Error("expected as many predictions as poses in the data, ", data->size(), ", found ",
                predictions.size());
  }
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

std::vector<std::pair<int64_t, int64_t>> ParseFrameRanges(const std::string& text) {
  std::vector<std::pair<int64_t, int64_t>> ranges;
  for (size_t at = 0;; ++at) {
    auto& [first, last] = ranges.emplace_back();
    bool right = TakeNumber(text, at, first);
    last = first;
    if (right && at < text.size() && text[at] == '-') right = TakeNumber(text, ++at, last) && last >= first;
    if (right && at == text.size()) return ranges;
    if (!right || text[at] != ',') throw UsageError("expected frames like 0,5,10-20, found '", text, "'");
  }
}

std::vector<int64_t> ParseFrames(const std::string& text, int64_t size) {
  std::vector<int64_t> rows;
  for (const auto& [first, last] : ParseFrameRanges(text)) {
    if (last >= size)
      throw UsageError("expected frames between 0 and ", size - 1, ", found ", last, " in '", text, "'");
    for (int64_t row = first; row <= last; ++row) rows.push_back(row);
  }
  return rows;
}

std::vector<int64_t> SpreadFrames(int64_t size, int64_t count) {
  std::vector<int64_t> rows(std::min(size, count));
  const auto gaps = std::max<int64_t>(static_cast<int64_t>(rows.size()) - 1, 1);
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int64_t>(i) * (size - 1) / gaps;
  return rows;
}

std::vector<PosePanel> MakePosePanels(const PoseData* data, const PoseData* predictions,
                                      const std::vector<int64_t>& rows) {
  if (predictions) CheckPair(data, *predictions);
  const PoseData& base = data ? *data : *predictions;
  std::vector<PosePanel> panels;
  for (const int64_t row : rows) {
    PosePanel panel{Title(base, row), Row(base.keypoints_2d, row, 2), Row(base.joints_3d, row, 3), {}};
    if (data && predictions) {
      panel.truth_3d = std::move(panel.joints_3d);
      panel.joints_3d = Row(predictions->joints_3d, row, 3);
    }
    if (!panel.joints_3d.empty())
      panel.guessed = NotSeen(Row((predictions ? *predictions : base).keypoints_2d, row, 2));
    if (!panel.truth_3d.empty()) {
      const double scale = ScaleToTruth(panel.joints_3d, panel.truth_3d);
      for (float& coordinate : panel.joints_3d) coordinate = static_cast<float>(scale * coordinate);
      panel.title += ScaleText(scale);
    }
    panels.push_back(std::move(panel));
  }
  return panels;
}

std::vector<int64_t> WorstFrames(const PoseData& data, const PoseData& predictions, int64_t count) {
  CheckPair(&data, predictions);
  if (data.joints_3d.empty()) throw Error("expected /joints_3d in the data, found none");
  std::vector<std::pair<double, int64_t>> errors;
  for (int64_t row = 0; row < data.size(); ++row)
    errors.emplace_back(-ScaledError(Row(predictions.joints_3d, row, 3), Row(data.joints_3d, row, 3)), row);
  std::sort(errors.begin(), errors.end());
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < std::min(count, data.size()); ++i) rows.push_back(errors[i].second);
  return rows;
}

}  // namespace links
