#include "links/detection/keypoint_map.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "links/core/error.h"

namespace links {
namespace {

using Terms = std::vector<KeypointMap::Term>;

Terms Mean(const std::vector<int>& keypoints) {
  Terms terms;
  const double weight = 1.0 / static_cast<double>(keypoints.size());
  for (const int keypoint : keypoints) terms.push_back({keypoint, weight, weight});
  return terms;
}

/// Joints that are one keypoint each, in the order of `joints`.
void Take(KeypointMap& map, const std::vector<int>& joints, const std::vector<int>& keypoints) {
  for (size_t i = 0; i < joints.size(); ++i) map.joints[joints[i]] = Mean({keypoints[i]});
}

const std::vector<int> kLimbs = {kRHip,      kRKnee,  kRAnkle, kLHip,      kLKnee,  kLAnkle,
                                 kLShoulder, kLElbow, kLWrist, kRShoulder, kRElbow, kRWrist};

// COCO: 0 nose, 1 2 eyes, 3 4 ears, 5 6 shoulders, 7 8 elbows, 9 10 wrists, 11 12 hips, 13 14 knees, 15 16
// ankles; left first. Halpe-26 begins with the same and adds 17 head, 18 neck, 19 hip.
const std::vector<int> kCocoLimbs = {12, 14, 16, 11, 13, 15, 5, 7, 9, 6, 8, 10};

KeypointMap Coco17Simple() {
  KeypointMap map{"coco17-simple", {17, 26, 133, 136}, {}};
  Take(map, kLimbs, kCocoLimbs);
  map.joints[kHip] = Mean({11, 12});
  map.joints[kSpine] = Mean({5, 6, 11, 12});
  map.joints[kThorax] = Mean({5, 6});
  map.joints[kHead] = Mean({0});
  map.joints[kHeadTop] = Mean({1, 2});
  return map;
}

/// With m the middle of the shoulders, p that of the hips and e that of the eyes:
///   head top = (mean of eyes and ears, 2 e - nose)
///   thorax   = m + (nose - m) / 3, then y -= (e - nose) 2 / 3
///   spine    = (m + p) / 2, then x += 2 (x - mean of the x of p and thorax)
///   head     = nose - (nose - m) / 4
KeypointMap Coco17Adjusted() {
  KeypointMap map{"coco17-adjusted", {17, 26, 133, 136}, {}};
  Take(map, kLimbs, kCocoLimbs);
  map.joints[kHip] = Mean({11, 12});
  map.joints[kHeadTop] = {{0, 0, -1}, {1, .25, 1}, {2, .25, 1}, {3, .25, 0}, {4, .25, 0}};
  map.joints[kThorax] = {
      {0, 1. / 3, 1}, {1, 0, -1. / 3}, {2, 0, -1. / 3}, {5, 1. / 3, 1. / 3}, {6, 1. / 3, 1. / 3}};
  map.joints[kSpine] = {
      {0, -1. / 3, 0}, {5, 5. / 12, .25}, {6, 5. / 12, .25}, {11, .25, .25}, {12, .25, .25}};
  map.joints[kHead] = {{0, .75, .75}, {5, .125, .125}, {6, .125, .125}};
  return map;
}

KeypointMap Halpe26() {
  KeypointMap map{"halpe26", {26, 136}, {}};
  Take(map, kLimbs, kCocoLimbs);
  Take(map, {kHip, kThorax, kHead, kHeadTop}, {19, 18, 0, 17});
  map.joints[kSpine] = Mean({18, 19});
  return map;
}

KeypointMap Body25() {
  KeypointMap map{"body25", {25}, {}};
  Take(map, kLimbs, {9, 10, 11, 12, 13, 14, 5, 6, 7, 2, 3, 4});
  Take(map, {kHip, kThorax, kHead}, {8, 1, 0});
  map.joints[kSpine] = Mean({1, 8});
  map.joints[kHeadTop] = Mean({15, 16});
  return map;
}

KeypointMap OpenPose18() {
  KeypointMap map{"openpose18", {18}, {}};
  Take(map, kLimbs, {8, 9, 10, 11, 12, 13, 5, 6, 7, 2, 3, 4});
  Take(map, {kThorax, kHead}, {1, 0});
  map.joints[kHip] = Mean({8, 11});
  map.joints[kSpine] = {{1, .5, .5}, {8, .25, .25}, {11, .25, .25}};
  map.joints[kHeadTop] = Mean({14, 15});
  return map;
}

KeypointMap Identity() {
  KeypointMap map{"h36m17", {kJoints}, {}};
  for (int joint = 0; joint < kJoints; ++joint) map.joints[joint] = Mean({joint});
  return map;
}

bool Accepts(const KeypointMap& map, int keypoints) {
  return std::find(map.counts.begin(), map.counts.end(), keypoints) != map.counts.end();
}

bool IsThere(const Keypoints& keypoints, int i, double min_confidence) {
  const double x = keypoints.px[2 * i], y = keypoints.px[2 * i + 1], confidence = keypoints.confidence[i];
  return std::isfinite(x) && std::isfinite(y) && (x != 0 || y != 0) && confidence > 0 &&
         confidence >= min_confidence;
}

}  // namespace

const std::vector<KeypointMap>& KeypointMaps() {
  static const std::vector<KeypointMap> maps = {Coco17Simple(), Coco17Adjusted(), Halpe26(),
                                                Body25(),       OpenPose18(),     Identity()};
  return maps;
}

const KeypointMap& FindKeypointMap(const std::string& name) {
  std::string names;
  for (const KeypointMap& map : KeypointMaps()) {
    if (map.name == name) return map;
    names += Concat(names.empty() ? "" : ", ", map.name);
  }
  throw UsageError("expected one of ", names, " as the keypoint map, found '", name, "'");
}

const KeypointMap& DefaultKeypointMap(int keypoints, const std::string& where) {
  for (const char* name : {"coco17-simple", "halpe26", "body25", "openpose18"}) {
    const KeypointMap& map = FindKeypointMap(name);
    const bool halpe_as_coco = map.name == "coco17-simple" && (keypoints == 26 || keypoints == 136);
    if (Accepts(map, keypoints) && !halpe_as_coco) return map;
  }
  throw Error(where, ": expected 17 or 133 (COCO), 18 or 25 (OpenPose), 26 or 136 (Halpe) keypoints, found ",
              keypoints);
}

Joints2d MapKeypoints(const KeypointMap& map, const Keypoints& keypoints, double min_confidence) {
  if (!Accepts(map, keypoints.size())) {
    throw Error("the keypoint map ", map.name, " does not take ", keypoints.size(), " keypoints");
  }
  Joints2d joints;
  for (int joint = 0; joint < kJoints; ++joint) {
    double x = 0, y = 0, confidence = std::numeric_limits<double>::infinity();
    bool seen = true;
    for (const auto& [keypoint, x_weight, y_weight] : map.joints[joint]) {
      seen = seen && IsThere(keypoints, keypoint, min_confidence);
      x += x_weight * keypoints.px[2 * keypoint];
      y += y_weight * keypoints.px[2 * keypoint + 1];
      confidence = std::min(confidence, keypoints.confidence[keypoint]);
    }
    if (!seen) continue;
    joints.seen[joint] = true;
    joints.px[2 * joint] = static_cast<float>(x);
    joints.px[2 * joint + 1] = static_cast<float>(y);
    joints.confidence[joint] = static_cast<float>(confidence);
  }
  return joints;
}

}  // namespace links
