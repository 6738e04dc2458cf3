#include "lifter_graph.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "layers.h"
#include "links/core/error.h"
#include "links/dataset/features.h"
#include "links/lifted/lifted_pose.h"
#include "links/skeleton/segments.h"

namespace links {
namespace {

// Later segments win, as in completion/joint_states.cpp.
constexpr std::array<Segment, 4> kByRank = {Segment::kLeft, Segment::kRight, Segment::kTorso, Segment::kLegs};

/// The depth offsets of one segment's lifter, (N, 17), 0 for joints of others.
Value Depths(Graph& graph, PoseLifters& lifters, Segment segment, const Value& keypoints) {
  const Weights weights(*lifters->stack(), lifters->IndexOf(segment), std::string(SegmentName(segment)));
  const Value features = graph.Reshape(keypoints, {2 * kJoints});
  const Value standard = graph.Apply(
      kDiv,
      {graph.Apply(kSub, {features, graph.Constant("lifters_mean", weights.Shared("standardise.mean"))}),
       graph.Constant("lifters_deviation", weights.Shared("standardise.deviation"))});
  // Features of other segments have weights of 0.
  const Value entry = Linear(graph, weights, "entry", standard);
  const Value trunk = ResidualBlockOf(graph, weights, "trunk", entry);
  return ResidualBranchOf(graph, weights, "depth", trunk);
}

/// The lifters' shares in the depths of a whole pose, summed: (N, 17).
Value WholeDepths(Graph& graph, PoseLifters& lifters, const std::map<Segment, Value>& depths) {
  const torch::Tensor shares = lifters->MeanSelection(lifters->OfWholePose(), torch::kCPU)[0];
  Value sum;
  for (const Segment segment : SegmentsOf(lifters->OfWholePose())) {
    const Value own =
        graph.Apply(kMul, {depths.at(segment), graph.Constant("share_of_" + std::string(SegmentName(segment)),
                                                              shares[lifters->IndexOf(segment)])});
    sum = sum.empty() ? own : graph.Apply(kAdd, {sum, own});
  }
  return sum;
}

}  // namespace

Value AddLiftWhole(Graph& graph, TrainedRun& run, const Value& keypoints) {
  PoseLifters& lifters = run.networks.lifters;
  std::map<Segment, Value> depths;
  for (const Segment segment : SegmentsOf(lifters->OfWholePose()))
    depths[segment] = Depths(graph, lifters, segment, keypoints);
  return LiftTo(graph, keypoints, WholeDepths(graph, lifters, depths));
}

LiftedInGraph AddLiftSeen(Graph& graph, TrainedRun& run, const Value& keypoints, const Value& seen_as_1) {
  PoseLifters& lifters = run.networks.lifters;
  std::map<Segment, Value> depths;
  const auto ask = [&](Segment segment) {
    if (!depths.contains(segment)) depths[segment] = Depths(graph, lifters, segment, keypoints);
    return depths[segment];
  };
  std::vector<int> every(kJoints);
  for (int joint = 0; joint < kJoints; ++joint) every[joint] = joint;
  const Value all_seen = AllSeen(graph, seen_as_1, every);
  for (const Segment segment : SegmentsOf(lifters->OfWholePose())) ask(segment);
  const Value whole = WholeDepths(graph, lifters, depths);

  Value chosen = graph.Apply(kMul, {seen_as_1, graph.Number(0)});
  Value lifted = all_seen;
  for (const Segment segment : kByRank) {
    const auto& has = lifters->segments();
    if (std::ranges::find(has, segment) == has.end()) continue;
    const Value own =
        graph.Constant("joints_of_" + std::string(SegmentName(segment)), JointMask({SegmentJoints(segment)}));
    const Value gives = graph.Apply(kAnd, {AllSeen(graph, seen_as_1, SegmentJoints(segment)), own});
    chosen = graph.Apply(kWhere, {gives, ask(segment), chosen});
    lifted = graph.Apply(kOr, {lifted, gives});
  }
  chosen = graph.Apply(kWhere, {all_seen, whole, chosen});
  lifted = graph.Apply(kOr, {lifted, graph.Constant("root", JointMask({{kRoot}}))});
  return {LiftTo(graph, keypoints, chosen), lifted};
}

void AddPoseOutput(Graph& graph, const PoseInput& input, const PoseOutput& output) {
  const auto state = [&](JointState state) { return graph.Number(static_cast<int>(state)); };
  const Value nan = graph.Constant("nan", torch::tensor(std::nan(""), torch::kFloat32));
  const Value known = graph.Apply(kAnd, {output.known, output.usable});
  graph.Output("joints", graph.Apply(kWhere, {graph.Reshape(known, {kJoints, 1}), output.joints, nan}),
               ValueType::kFloat, {kJoints, 3});
  const Value of_seen =
      graph.Apply(kWhere, {output.lifted, state(JointState::kLifted), state(JointState::kRay)});
  const Value states = graph.Apply(kWhere, {input.seen, of_seen, state(JointState::kGuessed)});
  graph.Output(
      "states",
      graph.Cast(graph.Apply(kWhere, {output.usable, states, graph.Number(kNoPose)}), ValueType::kInt64),
      ValueType::kInt64, {kJoints});
  const Value unit = graph.Reshape(UnitPx(graph, input.scale_px), {1, 1});
  const Value root_px =
      graph.Reshape(graph.Apply(kAdd, {input.origin_px, graph.Apply(kMul, {output.root, unit})}), {2});
  graph.Output("root_px", graph.Apply(kWhere, {output.usable, root_px, nan}), ValueType::kFloat, {2});
  graph.Output("scale_px", graph.Reshape(graph.Apply(kWhere, {output.usable, input.scale_px, nan}), {}),
               ValueType::kFloat, {});
}

void AddLifter(Graph& graph, TrainedRun& run, const ExportOptions& options) {
  const PoseInput input = AddPoseInput(graph, run, options);
  const LiftedInGraph seen = AddLiftSeen(graph, run, input.keypoints, input.seen_as_1);
  const Value root_seen = graph.Narrow(input.seen, 1, kRoot, 1);
  // More than the root.
  const Value any =
      graph.Apply(kGreater, {graph.Sum(graph.Cast(seen.lifted, ValueType::kFloat), 1), graph.Number(1)});
  PoseOutput output;
  output.usable = graph.Apply(kAnd, {graph.Apply(kAnd, {root_seen, any}), input.has_scale});
  output.known = output.lifted = seen.lifted;
  output.joints = seen.points;
  output.root = graph.Apply(kMul, {input.origin_px, graph.Number(0)});
  AddPoseOutput(graph, input, output);
}

}  // namespace links
