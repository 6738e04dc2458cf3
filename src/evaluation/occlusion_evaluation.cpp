#include "links/evaluation/occlusion_evaluation.h"

#include <torch/types.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <numeric>

#include "links/core/error.h"
#include "links/core/random.h"

namespace links {
namespace {

bool ParseNumber(std::string_view text, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

// "3" or "0-3".
void ParseRandom(const std::string& text, OcclusionRequest& request) {
  const size_t dash = text.find('-');
  const bool good = dash == std::string::npos ? ParseNumber(text, request.most)
                                              : ParseNumber(text.substr(0, dash), request.fewest) &&
                                                    ParseNumber(text.substr(dash + 1), request.most);
  if (dash == std::string::npos) request.fewest = request.most;
  if (!good || request.fewest < 0 || request.most < request.fewest || request.most > kJoints - kFewestSeen) {
    throw UsageError("--occlusion: expected random:K or random:A-B with numbers from 0 to ",
                     kJoints - kFewestSeen, ", found 'random:", text, "'");
  }
}

std::vector<int> Others(const std::vector<int>& missing) {
  std::vector<int> others;
  for (int joint = 0; joint < kJoints; ++joint) {
    if (std::find(missing.begin(), missing.end(), joint) == missing.end()) others.push_back(joint);
  }
  return others;
}

}  // namespace

OcclusionRequest ParseOcclusion(const std::string& text) {
  OcclusionRequest request;
  if (text == "paper") {
    request.paper = true;
    request.most = 3;  // OCR-Pose's row of table 3
  } else if (text == "single-joint") {
    request.patterns = SingleJointPatterns();
  } else if (text == "pairs") {
    // The single ones stand on the matrix' diagonal.
    request.patterns = SingleJointPatterns();
    request.patterns.erase(request.patterns.begin());  // but the root
    for (OcclusionPattern& pair : PairPatterns()) request.patterns.push_back(std::move(pair));
  } else if (text.starts_with("random:")) {
    ParseRandom(text.substr(7), request);
  } else if (std::filesystem::is_regular_file(text)) {
    request.patterns = ReadPatterns(text);
  } else {
    throw UsageError(
        "--occlusion: expected paper, single-joint, pairs, random:K, random:A-B or a file of patterns, found "
        "'",
        text, "'");
  }
  return request;
}

std::vector<Result> EvaluatePatterns(PoseLifters& lifters, Fillers* fillers, Completion& completion,
                                     const std::vector<OcclusionPattern>& patterns,
                                     const torch::Tensor& keypoints, const GroundTruth& truth,
                                     double mm_per_unit) {
  std::vector<Result> results;
  for (const OcclusionPattern& pattern : patterns) {
    const std::vector<JointSubset> subsets = {
        AllJoints(), {"visible", Others(pattern.missing)}, {"occluded", pattern.missing}};
    const auto score = [&](const torch::Tensor& joints, const std::string& filler) {
      const auto more = truth.Score(joints * mm_per_unit, "legs_torso", pattern.name, filler, subsets);
      results.insert(results.end(), more.begin(), more.end());
    };
    score(LiftMasked(lifters, completion, keypoints, SeenWithout(pattern.missing)), "mask");
    const Scenario* scenario = fillers ? CoveringScenario(pattern.missing, (*fillers)->scenarios()) : nullptr;
    if (scenario) score(LiftOccluded3d(lifters, *fillers, *scenario, keypoints), "o3d");
  }
  return results;
}

torch::Tensor RandomlySeen(int64_t poses, int fewest, int most, uint64_t seed) {
  Random random(seed);
  torch::Tensor seen = torch::ones({poses, kJoints}, torch::kBool);
  bool* flags = seen.data_ptr<bool>();
  std::vector<int> joints(kJoints);
  for (int64_t pose = 0; pose < poses; ++pose) {
    std::iota(joints.begin(), joints.end(), 0);
    const int count = fewest + random.Index(most - fewest + 1);
    for (int i = 0; i < count; ++i) {
      std::swap(joints[i], joints[i + random.Index(kJoints - i)]);
      flags[pose * kJoints + joints[i]] = false;
    }
  }
  return seen;
}

std::vector<Result> EvaluateRandom(PoseLifters& lifters, Completion& completion, int fewest, int most,
                                   uint64_t seed, const torch::Tensor& keypoints, const GroundTruth& truth,
                                   double mm_per_unit) {
  const torch::Tensor seen = RandomlySeen(keypoints.size(0), fewest, most, seed);
  return truth.Score(LiftMasked(lifters, completion, keypoints, seen) * mm_per_unit, "legs_torso",
                     Concat("random_", fewest, "_", most), "mask", {AllJoints()});
}

}  // namespace links
