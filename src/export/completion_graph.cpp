#include <torch/types.h>

#include "layers.h"
#include "lifter_graph.h"
#include "links/dataset/features.h"
#include "links/occlusion/pattern.h"
#include "links/skeleton/units.h"

namespace links {
namespace {

// Coordinate-major statistics as (1, 17, K).
torch::Tensor ByJoint(const torch::Tensor& features, int64_t coordinates) {
  return Unflatten(features.reshape({1, -1}), coordinates).contiguous();
}

Value WithRoot(Graph& graph, const Value& root, const Value& joints) {
  return graph.Concat({root, graph.Narrow(joints, 1, 1, kJoints - 1)}, 1);
}

/// CompletionImpl::EstimateRoot: (N, 1, 2).
Value EstimateRoot(Graph& graph, const Weights& weights, const PoseInput& input) {
  const Value none = graph.Apply(kMul, {graph.Narrow(input.seen_as_1, 1, 0, 1), graph.Number(0)});
  const Value body = graph.Reshape(WithRoot(graph, none, input.seen_as_1), {kJoints, 1});
  const Value count = graph.Apply(kMax, {graph.Sum(body, 1), graph.Number(1)});
  const Value centre = graph.Apply(kDiv, {graph.Sum(graph.Apply(kMul, {input.keypoints, body}), 1), count});
  const Value depth = graph.Number(kRootDepth);
  const Value around =
      graph.Apply(kMul, {graph.Apply(kMul, {graph.Apply(kSub, {input.keypoints, centre}), depth}), body});
  const Value features = graph.Reshape(graph.Concat({around, body}, 2), {3 * kJoints});
  const Value offset = ResidualNetworkOf(graph, weights, "root", features);
  return graph.Apply(kAdd, {centre, graph.Apply(kDiv, {graph.Reshape(offset, {1, 2}), depth})});
}

/// CompletionImpl::forward: (N, 17, 3).
Value Complete(Graph& graph, const Weights& weights, const Value& keypoints, const Value& seen,
               const LiftedInGraph& by_lifters) {
  const auto statistics = [&](const std::string& name, const torch::Tensor& features, int64_t coordinates) {
    return graph.Constant(weights.NameInGraph(name), ByJoint(features, coordinates));
  };
  const Value joints_mean = statistics("joints.mean", weights.Own("joints.mean"), 3);
  const Value joints_deviation = statistics("joints.deviation", weights.Own("joints.deviation"), 3);
  const Value keypoints_mean = statistics("keypoints.mean", weights.Shared("keypoints.mean"), 2);
  const Value keypoints_deviation =
      statistics("keypoints.deviation", weights.Shared("keypoints.deviation"), 2);
  const auto standardised = [&](const Value& x, const Value& mean, const Value& deviation) {
    return graph.Apply(kDiv, {graph.Apply(kSub, {x, mean}), deviation});
  };

  const Value lifted = graph.Reshape(by_lifters.lifted, {kJoints, 1});
  const Value ray = graph.Apply(kAnd, {seen, graph.Apply(kNot, {lifted})});
  const Value lifted_as_1 = graph.Cast(lifted, ValueType::kFloat);
  const Value ray_as_1 = graph.Cast(ray, ValueType::kFloat);
  const Value joints =
      graph.Apply(kMul, {standardised(by_lifters.points, joints_mean, joints_deviation), lifted_as_1});
  const Value rays =
      graph.Apply(kMul, {standardised(keypoints, keypoints_mean, keypoints_deviation), ray_as_1});
  const Value input = graph.Reshape(graph.Concat({joints, rays, lifted_as_1, ray_as_1}, 2), {7 * kJoints});
  // Coordinate-major to (N, 17, 3): all x, all y, all z.
  const Value output = ResidualNetworkOf(graph, weights, "network", input);
  std::vector<Value> coordinates;
  for (int64_t k = 0; k < 3; ++k)
    coordinates.push_back(graph.Reshape(graph.Narrow(output, 1, k * kJoints, kJoints), {kJoints, 1}));
  const Value points =
      graph.Apply(kAdd, {graph.Apply(kMul, {graph.Concat(coordinates, 2), joints_deviation}), joints_mean});
  const Value on_ray = LiftTo(graph, keypoints, graph.Reshape(graph.Narrow(points, 2, 2, 1), {kJoints}));
  return graph.Apply(kWhere, {lifted, by_lifters.points, graph.Apply(kWhere, {ray, on_ray, points})});
}

}  // namespace

// CompletePoses, step by step.
void AddCompletion(Graph& graph, TrainedRun& run, const ExportOptions& options) {
  const PoseInput input = AddPoseInput(graph, run, options);
  const Weights weights(*run.networks.completion, 0, "completion");
  const Value zero = graph.Number(0);
  const Value root_seen = graph.Reshape(graph.Narrow(input.seen, 1, kRoot, 1), {1, 1});
  const Value root = graph.Apply(kWhere, {root_seen, zero, EstimateRoot(graph, weights, input)});
  const Value root_is_0 = graph.Apply(kMul, {root, zero});
  const Value known =
      graph.Apply(kOr, {input.seen, graph.Constant("root", JointMask({{kRoot}}))});  // (N, 17)
  const Value shown = graph.Reshape(known, {kJoints, 1});
  const Value centred = graph.Apply(
      kWhere, {shown, WithRoot(graph, root_is_0, graph.Apply(kSub, {input.keypoints, root})), zero});
  const LiftedInGraph by_lifters = AddLiftSeen(graph, run, centred, graph.Cast(known, ValueType::kFloat));
  const Value completed = Complete(graph, weights, centred, shown, by_lifters);

  const Value depth = graph.Apply(kAdd, {graph.Narrow(completed, 2, 2, 1), graph.Number(kRootDepth)});
  const Value projected = graph.Apply(kDiv, {graph.Narrow(completed, 2, 0, 2), depth});
  const Value again = AddLiftWhole(graph, run, graph.Apply(kWhere, {shown, centred, projected}));
  const Value mean = graph.Apply(kMul, {graph.Apply(kAdd, {completed, again}), graph.Number(.5)});

  PoseOutput output;
  const Value enough = graph.Apply(kGreater, {graph.Sum(input.seen_as_1, 1), graph.Number(kFewestSeen - .5)});
  output.usable = graph.Apply(kAnd, {enough, input.has_scale});
  output.known = graph.Constant("every", torch::ones({1, kJoints}, torch::kBool));
  output.joints = graph.Apply(kWhere, {shown, mean, completed});
  output.lifted = by_lifters.lifted;
  output.root = root;
  AddPoseOutput(graph, input, output);
}

}  // namespace links
