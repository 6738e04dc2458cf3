#include "links/inference/pose_estimator.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "links/core/error.h"
#include "links/core/text.h"
#include "links/dataset/features.h"
#include "links/geometry/camera.h"
#include "links/occlusion/pattern.h"
#include "links/skeleton/segments.h"
#include "links/skeleton/units.h"

namespace links {
namespace {

bool Seen(const LiftedPerson& person, int joint) {
  return person.states[joint] != JointState::kGuessed;
}

/// The pixel that normalised keypoints count from: the root, or where that is unseen the middle of the rest.
std::array<double, 2> Origin(const LiftedPerson& person) {
  if (Seen(person, kRoot)) return {person.px[2 * kRoot], person.px[2 * kRoot + 1]};
  std::array<double, 2> sum{};
  int count = 0;
  for (int joint = 0; joint < kJoints; ++joint) {
    if (!Seen(person, joint)) continue;
    for (int k = 0; k < 2; ++k) sum[k] += person.px[2 * joint + k];
    ++count;
  }
  return {sum[0] / count, sum[1] / count};
}

/// "legs+torso"
std::string NamesOf(const std::vector<Segment>& segments) {
  std::vector<std::string> names;
  for (const Segment segment : segments) names.emplace_back(SegmentName(segment));
  return Join(names, "+");
}

/// The lifters whose joints are in the pose: those of a whole pose, else legs and torso, and where one of
/// them lacks a joint the left or the right one.
std::string LiftersUsed(const LiftedPerson& person, WholePose whole_pose) {
  const auto body = person.states.begin() + 1;  // the root, where unseen, is estimated
  if (std::count(body, person.states.end(), JointState::kGuessed) == 0)
    return NamesOf(SegmentsOf(CompositionsOf(whole_pose)));
  std::vector<Segment> whole;
  const auto add = [&](Segment segment) {
    const std::vector<int> joints = SegmentJoints(segment);
    if (!std::all_of(joints.begin(), joints.end(), [&](int j) { return Seen(person, j); })) return false;
    whole.push_back(segment);
    return true;
  };
  const bool legs = add(Segment::kLegs), torso = add(Segment::kTorso);
  if (!legs || !torso) {
    add(Segment::kLeft);
    add(Segment::kRight);
  }
  return NamesOf(whole);
}

/// Values of an input of the full-pose flow.
int64_t FlowDimensions(const RunConfig& config) {
  if (config.flows.full_pca > 0) return config.flows.full_pca;
  return 2 * static_cast<int64_t>(SegmentJoints(Segment::kFull, config.include_root).size());
}

/// Why nothing can be lifted of a person, whatever its scale; "" = it can.
std::string WhyUnusable(const DetectedPerson& person) {
  if (!person.unusable.empty()) return person.unusable;
  const auto seen = std::count(person.seen.begin(), person.seen.end(), true);
  return seen < kFewestSeen ? Concat("expected at least ", kFewestSeen, " joints seen, found ", seen) : "";
}

LiftedPerson Prepare(const DetectedPerson& person, const BodyScale& scale, WholePose whole_pose) {
  LiftedPerson prepared;
  prepared.track = person.track;
  prepared.person = person.person;
  prepared.px = person.px;
  prepared.confidence = person.confidence;
  for (int joint = 0; joint < kJoints; ++joint) {
    prepared.states[joint] = person.seen[joint] ? JointState::kRay : JointState::kGuessed;
  }
  prepared.unusable = WhyUnusable(person);
  if (!prepared.unusable.empty()) return prepared;
  if (!(scale.head_root_px > 0)) {
    prepared.unusable = "expected a body whose scale can be told, found that " + scale.from;
    return prepared;
  }
  prepared.scale_px = scale.head_root_px;
  prepared.scale_from = scale.from;
  prepared.root_estimated = !person.seen[kRoot];
  prepared.root_px = Origin(prepared);
  prepared.lifters = LiftersUsed(prepared, whole_pose);
  return prepared;
}

}  // namespace

BodyScales ScalesOf(const Completion& completion) {
  const torch::Tensor lengths = completion->bone_lengths.cpu();
  std::array<double, kBones> bones;
  for (int bone = 0; bone < kBones; ++bone) bones[bone] = lengths[bone].item<double>();
  // Two joints that move independently about their means, x and y.
  const auto buffers = completion->named_buffers();
  const torch::Tensor mean = Unflatten(buffers["keypoints.mean"].unsqueeze(0), 2)[0];
  const torch::Tensor spread = Unflatten(buffers["keypoints.deviation"].unsqueeze(0), 2)[0].square();
  const torch::Tensor squared =
      (mean.unsqueeze(0) - mean.unsqueeze(1)).square() + spread.unsqueeze(0) + spread.unsqueeze(1);
  const torch::Tensor distance = squared.sum(-1).sqrt().cpu().contiguous();
  BodyScales::JointDistances distances;
  for (int i = 0; i < kJoints * kJoints; ++i) distances[i] = distance.data_ptr<float>()[i];
  return BodyScales(bones, distances);
}

PoseEstimator::PoseEstimator(TrainedRun run, const EstimatorOptions& options)
    : run_(std::move(run)), options_(options), heights_(options.height_mm) {
  CheckCompletion(run_);
  if (options_.spread) {
    perturbations_ = DrawPerturbations(std::max(options_.hypotheses, kFewestHypotheses),
                                       run_.networks.completion->bone_lengths.device());
  }
  if (!options_.training_scale) scales_ = ScalesOf(run_.networks.completion);
}

std::vector<LiftedFrame> PoseEstimator::Estimate(const std::vector<DetectedFrame>& frames) {
  std::vector<std::vector<BodyScale>> scales;
  for (const DetectedFrame& frame : frames) {
    std::vector<BodyScale>& known = scales.emplace_back();
    for (const DetectedPerson& person : frame.people) {
      const bool usable = WhyUnusable(person).empty();
      known.push_back(!usable ? BodyScale{} : scales_ ? scales_->Of(person, frame.index) : TrainingScale());
    }
  }
  std::vector<LiftedFrame> lifted = Estimate(frames, scales);
  if (!(options_.height_mm > 0)) return lifted;
  for (LiftedFrame& frame : lifted) {
    for (LiftedPerson& person : frame.people) {
      if (!person.unusable.empty()) continue;
      person.mm_per_unit = heights_.MmPerUnit(person.track, frame.index, person.joints);
    }
  }
  return lifted;
}

std::vector<LiftedFrame> PoseEstimator::Estimate(const std::vector<DetectedFrame>& frames,
                                                 const std::vector<std::vector<BodyScale>>& scales) {
  std::vector<LiftedFrame> lifted;
  for (size_t i = 0; i < frames.size(); ++i) {
    const DetectedFrame& frame = frames[i];
    LiftedFrame& made = lifted.emplace_back(LiftedFrame{frame.image, frame.index, {}});
    for (size_t p = 0; p < frame.people.size(); ++p)
      made.people.push_back(Prepare(frame.people[p], scales[i][p], run_.config.lifters.whole_pose));
  }
  std::vector<LiftedPerson*> usable;
  for (LiftedFrame& frame : lifted) {
    for (LiftedPerson& person : frame.people) {
      if (person.unusable.empty()) usable.push_back(&person);
    }
  }
  if (!usable.empty()) Lift(usable);
  return lifted;
}

torch::Tensor PoseEstimator::Plausibility(const torch::Tensor& joints) {
  if (!run_.has_flows) return torch::full({joints.size(0)}, std::nan(""));
  const torch::Tensor nats =
      run_.networks.flows->NegativeLogLikelihood({Segment::kFull}, Project(joints)).squeeze(0);
  return nats / -static_cast<double>(FlowDimensions(run_.config));
}

void PoseEstimator::Lift(const std::vector<LiftedPerson*>& people) {
  const torch::NoGradGuard no_grad;
  const auto count = static_cast<int64_t>(people.size());
  torch::Tensor keypoints = torch::zeros({count, kJoints, 2});
  torch::Tensor seen = torch::zeros({count, kJoints}, torch::kBool);
  auto xy = keypoints.accessor<float, 3>();
  auto is_seen = seen.accessor<bool, 2>();
  for (int64_t i = 0; i < count; ++i) {
    const LiftedPerson& person = *people[i];
    for (int joint = 0; joint < kJoints; ++joint) {
      if (!Seen(person, joint)) continue;
      is_seen[i][joint] = true;
      for (int k = 0; k < 2; ++k) {
        const double px = person.px[2 * joint + k] - person.root_px[k];
        xy[i][joint][k] = static_cast<float>(ToUnits(px, person.scale_px));
      }
    }
  }
  const torch::Device device = run_.networks.completion->bone_lengths.device();
  const torch::Tensor keypoints_there = keypoints.to(device), seen_there = seen.to(device);
  const CompletedPoses poses =
      CompletePoses(run_.networks.lifters, run_.networks.completion, keypoints_there, seen_there);
  const auto fetch = [](const torch::Tensor& tensor) {
    return tensor.to(torch::kCPU, torch::kFloat64).contiguous();
  };
  const torch::Tensor joints = fetch(poses.joints), root = fetch(poses.root);
  const torch::Tensor plausibility = fetch(Plausibility(poses.joints)), lifted = poses.lifted.cpu();
  const auto is_lifted = lifted.accessor<bool, 2>();
  const auto root_at = root.accessor<double, 2>();
  for (int64_t i = 0; i < count; ++i) {
    LiftedPerson& person = *people[i];
    std::copy_n(joints.data_ptr<double>() + 3 * kJoints * i, 3 * kJoints, person.joints.begin());
    if (!std::all_of(person.joints.begin(), person.joints.end(), [](double x) { return std::isfinite(x); })) {
      person.unusable = "expected the networks to give a finite pose, found one that is not";
      continue;
    }
    for (int joint = 0; joint < kJoints; ++joint) {
      if (Seen(person, joint) && is_lifted[i][joint]) person.states[joint] = JointState::kLifted;
    }
    for (int k = 0; k < 2; ++k) person.root_px[k] += ToPixels(root_at[i][k], person.scale_px);
    person.plausibility = plausibility.data_ptr<double>()[i];
  }
  if (options_.spread) AddOtherAnswers(people, keypoints_there, seen_there, poses);
}

void PoseEstimator::AddOtherAnswers(const std::vector<LiftedPerson*>& people, const torch::Tensor& keypoints,
                                    const torch::Tensor& seen, const CompletedPoses& answer) {
  const Hypotheses others = OtherAnswers(run_.networks.lifters, run_.networks.completion, keypoints, seen,
                                         answer, *perturbations_, run_.spread);
  const torch::Tensor joints = others.joints.to(torch::kCPU, torch::kFloat64).contiguous();
  const torch::Tensor deviation = others.deviation.cpu().contiguous();
  const auto count = static_cast<int64_t>(people.size());
  for (int64_t i = 0; i < count; ++i) {
    LiftedPerson& person = *people[static_cast<size_t>(i)];
    if (!person.unusable.empty()) continue;
    const float* radii = deviation.data_ptr<float>() + kJoints * i;
    person.spread.assign(radii, radii + kJoints);
    for (int64_t h = 0; h < options_.hypotheses; ++h) {
      const double* at = joints.data_ptr<double>() + 3 * kJoints * (h * count + i);
      std::copy_n(at, 3 * kJoints, person.hypotheses.emplace_back().begin());
    }
  }
}

}  // namespace links
