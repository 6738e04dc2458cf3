#include "pose_input.h"

#include <torch/types.h>

#include "links/core/error.h"
#include "links/data/bounds.h"
#include "links/inference/pose_estimator.h"
#include "links/skeleton/skeleton.h"
#include "links/skeleton/units.h"

namespace links {
namespace {

/// Sums over what is seen of a person, pixels in the image and the same in units: (N, 1).
struct Measured {
  Value pixels, units;
};

/// The distances of pairs of joints that are both seen. lengths: in units of the body.
Measured Measure(Graph& graph, const Value& px, const Value& seen_as_1, const std::string& name,
                 const std::vector<std::pair<int, int>>& pairs, const std::vector<double>& lengths) {
  std::vector<int64_t> from, to;
  for (const auto& [a, b] : pairs) {
    from.push_back(a);
    to.push_back(b);
  }
  const Value along = graph.Apply(kSub, {graph.Select(px, 1, to), graph.Select(px, 1, from)});
  const Value length = graph.Reshape(graph.Apply(kSqrt, {graph.Sum(graph.Apply(kMul, {along, along}), 2)}),
                                     {static_cast<int64_t>(pairs.size())});
  const Value both = graph.Apply(kMul, {graph.Select(seen_as_1, 1, from), graph.Select(seen_as_1, 1, to)});
  const Value known = graph.Constant(name, torch::tensor(lengths, torch::kFloat32));
  return {graph.Sum(graph.Apply(kMul, {length, both}), 1), graph.Sum(graph.Apply(kMul, {known, both}), 1)};
}

/// BodyScales::OfFrame: by the bones that are seen, where there is none by any two joints.
void AddPersonScale(Graph& graph, const BodyScales& scales, const Value& px, PoseInput& input) {
  std::vector<std::pair<int, int>> bones, pairs;
  std::vector<double> lengths, distances;
  for (int bone = 0; bone < kBones; ++bone) {
    bones.emplace_back(kBoneList[bone].parent, kBoneList[bone].child);
    lengths.push_back(kRootDepth * scales.bone_lengths()[bone]);
  }
  for (int a = 0; a < kJoints; ++a) {
    for (int b = a + 1; b < kJoints; ++b) {
      pairs.emplace_back(a, b);
      distances.push_back(kRootDepth * scales.joint_distances()[a * kJoints + b]);
    }
  }
  const Measured by_bones = Measure(graph, px, input.seen_as_1, "bone_lengths", bones, lengths);
  const Measured by_pairs = Measure(graph, px, input.seen_as_1, "joint_distances", pairs, distances);
  const Value zero = graph.Number(0), has_bones = graph.Apply(kGreater, {by_bones.units, zero});
  const Value pixels = graph.Apply(kWhere, {has_bones, by_bones.pixels, by_pairs.pixels});
  const Value units = graph.Apply(kWhere, {has_bones, by_bones.units, by_pairs.units});
  input.has_scale =
      graph.Apply(kAnd, {graph.Apply(kGreater, {pixels, zero}), graph.Apply(kGreater, {units, zero})});
  const Value one = graph.Number(1);
  input.scale_px = graph.Apply(kDiv, {graph.Apply(kWhere, {input.has_scale, pixels, one}),
                                      graph.Apply(kWhere, {input.has_scale, units, one})});
}

/// Keypoints::IsThere: (N, 17).
Value Seen(Graph& graph, const Value& px, const Value& confidence, double min_confidence) {
  const Value zero = graph.Number(0), all = graph.Number(2);
  const Value within = graph.Apply(kLess, {graph.Apply(kAbs, {px}), graph.Number(kMostPixels)});
  const Value not_zero = graph.Apply(kNot, {graph.Apply(kEqual, {px, zero})});
  const auto count = [&](const Value& of_both) {
    return graph.Reshape(graph.Sum(graph.Cast(of_both, ValueType::kFloat), 2), {kJoints});
  };
  const Value there = graph.Apply(
      kAnd, {graph.Apply(kEqual, {count(within), all}), graph.Apply(kGreater, {count(not_zero), zero})});
  const Value sure = graph.Apply(kGreater, {confidence, zero});
  const Value enough = graph.Apply(kNot, {graph.Apply(kLess, {confidence, graph.Number(min_confidence)})});
  return graph.Apply(kAnd, {there, graph.Apply(kAnd, {sure, enough})});
}

}  // namespace

Value AllSeen(Graph& graph, const Value& seen_as_1, const std::vector<int>& joints) {
  const Value own = graph.Select(seen_as_1, 1, {joints.begin(), joints.end()});
  return graph.Apply(kEqual, {graph.Sum(own, 1), graph.Number(static_cast<double>(joints.size()))});
}

Value UnitPx(Graph& graph, const Value& scale_px) {
  return graph.Apply(kMul, {scale_px, graph.Number(kRootDepth)});
}

PoseInput AddPoseInput(Graph& graph, const TrainedRun& run, const ExportOptions& options) {
  const Value given = graph.Input("keypoints", {kJoints, 2});
  const Value confidence = graph.Input("confidence", {kJoints});
  PoseInput input;
  input.seen = Seen(graph, given, confidence, options.min_confidence);
  input.seen_as_1 = graph.Cast(input.seen, ValueType::kFloat);
  const Value seen_xy = graph.Reshape(input.seen, {kJoints, 1}), zero = graph.Number(0);
  const Value px = graph.Apply(kWhere, {seen_xy, given, zero});  // whatever stood where nothing is seen

  if (options.training_scale) {
    input.scale_px = graph.Apply(
        kAdd,
        {graph.Apply(kMul, {graph.Narrow(input.seen_as_1, 1, 0, 1), zero}),
         graph.Constant("head_root_px", torch::tensor(run.normalisation.head_root_px, torch::kFloat32))});
    input.has_scale = graph.Apply(kGreater, {input.scale_px, zero});
  } else if (run.has_completion) {
    AddPersonScale(graph, ScalesOf(run.networks.completion), px, input);
  } else {
    throw Error(
        "expected a run whose stage completion is trained, by whose bones a person's scale is told, found "
        "none: links train --stage completion, or --scale training");
  }

  const Value count = graph.Apply(kMax, {graph.Sum(input.seen_as_1, 1), graph.Number(1)});
  const Value middle =
      graph.Apply(kDiv, {graph.Sum(px, 1), graph.Reshape(count, {1, 1})});  // unseen ones add 0
  input.origin_px =
      graph.Apply(kWhere, {graph.Narrow(seen_xy, 1, kRoot, 1), graph.Narrow(px, 1, kRoot, 1), middle});
  const Value around = graph.Apply(
      kDiv, {graph.Apply(kSub, {px, input.origin_px}), graph.Reshape(UnitPx(graph, input.scale_px), {1, 1})});
  input.keypoints = graph.Apply(kWhere, {seen_xy, around, zero});
  return input;
}

}  // namespace links
