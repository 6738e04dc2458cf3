#pragma once

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "links/detection/detection.h"

// Detectors' output made by hand, after the formats' own documentation.
namespace links::test {

using nlohmann::json;

/// Where the keypoints of a person who stands and faces the camera are, COCO's first, then a neck and the
/// middle of the hips, pixels.
inline constexpr double kStanding[19][2] = {{500, 200}, {510, 190}, {490, 190}, {525, 195}, {475, 195},
                                            {560, 280}, {440, 280}, {580, 390}, {420, 390}, {590, 490},
                                            {410, 490}, {535, 500}, {465, 500}, {540, 650}, {460, 650},
                                            {545, 800}, {455, 800}, {500, 280}, {500, 500}};

/// Which of these the keypoints of a layout with so many are; those behind them are anywhere in the face.
inline std::vector<int> StandingOrder(int keypoints) {
  if (keypoints == 18) return {0, 17, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3};
  if (keypoints == 25)
    return {0, 17, 6, 8, 10, 5, 7, 9, 18, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3, 15, 15, 15, 16, 16, 16};
  if (keypoints == 26) return {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0, 17, 18};
  return {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
}

/// [x0, y0, c0, x1, ...] of a person drawn from the seed.
inline std::vector<double> Flat(int keypoints, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> pixels(-20, 20), percent(50, 100);
  const std::vector<int> order = StandingOrder(keypoints);
  std::vector<double> values;
  for (int i = 0; i < keypoints; ++i) {
    const auto& at = kStanding[i < static_cast<int>(order.size()) ? order[i] : 0];
    values.insert(values.end(), {at[0] + 2 * seed + pixels(random) / 4., at[1] + pixels(random) / 4.,
                                 percent(random) / 100.});
  }
  return values;
}

inline json OpenPosePerson(int keypoints, unsigned seed) {
  return {{"person_id", {-1}},
          {"pose_keypoints_2d", Flat(keypoints, seed)},
          {"face_keypoints_2d", json::array()}};
}

/// One --write_json file.
inline std::string OpenPoseFile(const std::vector<json>& people) {
  return json{{"version", 1.3}, {"people", people}}.dump();
}

inline json CocoResult(const json& image_id, int keypoints, unsigned seed) {
  return {{"image_id", image_id}, {"category_id", 1}, {"keypoints", Flat(keypoints, seed)}, {"score", .9}};
}

inline json MmposeInstance(int keypoints, unsigned seed) {
  const std::vector<double> flat = Flat(keypoints, seed);
  json points = json::array(), scores = json::array();
  for (size_t i = 0; i < flat.size(); i += 3) {
    points.push_back({flat[i], flat[i + 1]});
    scores.push_back(flat[i + 2]);
  }
  return {{"keypoints", points}, {"keypoint_scores", scores}, {"bbox", {{1, 2, 3, 4}}}, {"bbox_score", .9}};
}

inline std::vector<DetectedFrame> ReadAll(DetectionReader& reader) {
  std::vector<DetectedFrame> frames;
  DetectedFrame frame;
  while (reader.Next(frame)) frames.push_back(frame);
  return frames;
}

inline std::vector<DetectedFrame> ReadAll(const std::string& path, const DetectionOptions& options = {}) {
  return ReadAll(*OpenDetections(path, options));
}

}  // namespace links::test
