#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

#include "links/core/error.h"
#include "links/inference/pose_estimator.h"
#include "links/synthetic/synthetic.h"

namespace links::test {

inline PoseData SyntheticPoses() {
  return Synthesize({.poses = 400, .seed = 5});
}

/// A run of tiny networks that were never trained; they know the scale of the synthetic poses.
inline TrainedRun TinyTrainedRun() {
  RunConfig config;
  config.flows.network = {.blocks = 2, .width = 8};
  config.lifters.network = {.width = 8, .blocks_per_branch = 1};
  config.occlusion.network = {.width = 8, .blocks = 1};
  config.completion.network = {.width = 16, .blocks = 1, .root_width = 8};
  TrainedRun run{config, {}, Networks(config, torch::kCPU)};
  const PoseData poses = SyntheticPoses();
  run.normalisation = Normalisation::Of(poses);
  run.networks.completion->Fit(RootCentredJoints(poses) / run.normalisation.mm_per_unit,
                               run.normalisation.Keypoints(poses));
  run.has_flows = run.has_lifters = run.has_fillers = run.has_completion = true;
  return run;
}

/// A row of the data with every joint seen but those named.
inline DetectedPerson Person(const PoseData& poses, int64_t row, const std::vector<int>& missing = {},
                             const std::string& track = "") {
  DetectedPerson person;
  person.track = track;
  person.seen.fill(true);
  person.confidence.fill(.5f);
  std::copy_n(poses.keypoints_2d.begin() + 2 * kJoints * row, 2 * kJoints, person.px.begin());
  for (int joint : missing) {
    person.seen[joint] = false;
    person.confidence[joint] = person.px[2 * joint] = person.px[2 * joint + 1] = 0;
  }
  return person;
}

inline DetectedFrame Frame(int64_t index, std::vector<DetectedPerson> people) {
  for (size_t i = 0; i < people.size(); ++i) people[i].person = static_cast<int>(i);
  return {Concat("image ", index), index, std::move(people)};
}

/// One person a frame, rows 0, 1, ... of the data with gaps of every kind.
inline std::vector<DetectedFrame> FramesWithGaps(const PoseData& poses, int64_t count,
                                                 const std::string& track = "") {
  const std::vector<std::vector<int>> gaps = {
      {},
      {kLWrist},
      {kHip},
      {kLWrist, kRAnkle},
      {kHip, kLHip, kRHip, kLKnee, kRKnee, kLAnkle, kRAnkle},
      {kSpine, kThorax, kHead, kHeadTop, kLShoulder, kRShoulder, kLElbow, kRElbow, kLWrist, kRWrist},
      {1, 3, 5, 7, 9, 11, 13, 15},
      {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
  std::vector<DetectedFrame> frames;
  for (int64_t i = 0; i < count; ++i) {
    frames.push_back(Frame(i, {Person(poses, i, gaps[static_cast<size_t>(i) % gaps.size()], track)}));
  }
  return frames;
}

/// Frames that were read.
class FrameReader : public DetectionReader {
 public:
  explicit FrameReader(std::vector<DetectedFrame> frames) : frames_(std::move(frames)) {}
  bool Next(DetectedFrame& frame) override {
    if (next_ == frames_.size()) return false;
    frame = frames_[next_++];
    return true;
  }
  std::string format() const override { return "frames"; }
  std::string map() const override { return "h36m17"; }
  JointDefinition joints() const override { return JointDefinition::kNotStated; }
  int64_t fixed_swaps() const override { return 0; }

 private:
  std::vector<DetectedFrame> frames_;
  size_t next_ = 0;
};

/// The largest difference of the joints of two lifted persons.
inline double Apart(const LiftedPerson& a, const LiftedPerson& b) {
  double most = 0;
  for (size_t i = 0; i < a.joints.size(); ++i) most = std::max(most, std::abs(a.joints[i] - b.joints[i]));
  return most;
}

/// Seen joints project onto their keypoints.
inline void ExpectOnRays(const LiftedPerson& person) {
  for (int i = 0; i < 2 * kJoints; ++i) {
    const int joint = i / 2, k = i % 2;
    if (person.states[joint] == JointState::kGuessed) continue;
    const double ray = (person.px[i] - person.root_px[k]) / (10 * person.scale_px);
    EXPECT_NEAR(person.joints[3 * joint + k] / (person.joints[3 * joint + 2] + 10), ray, 1e-4) << joint;
  }
}

}  // namespace links::test
