#pragma once

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "links/detection/detection.h"

// Detectors' output made by hand, after the formats' own documentation.
namespace links::test {

using nlohmann::json;

/// [x0, y0, c0, x1, ...] of a person drawn from the seed.
inline std::vector<double> Flat(int keypoints, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> pixels(1, 4000), percent(50, 100);
  std::vector<double> values;
  for (int i = 0; i < keypoints; ++i) {
    values.insert(values.end(), {pixels(random) / 4., pixels(random) / 4., percent(random) / 100.});
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
