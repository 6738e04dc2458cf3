#include "layers.h"

#include <torch/types.h>

#include <algorithm>

#include "links/core/error.h"
#include "links/skeleton/skeleton.h"
#include "links/skeleton/units.h"

namespace links {
namespace {

constexpr double kSlope = 0.01;    // of network/residual_block.h
constexpr double kLeastDepth = 1;  // eq. 1

}  // namespace

torch::Tensor Weights::Shared(const std::string& name) const {
  if (!Has(name))
    throw Error("expected the tensor ", name, " of a network that can be exported, found none of that name");
  return parameters_.contains(name) ? parameters_[name] : buffers_[name];
}

std::string Weights::NameInGraph(const std::string& name) const {
  std::string text = graph_name_ + "_" + name;
  std::ranges::replace(text, '.', '_');
  return text;
}

Value Affine(Graph& graph, const std::string& name, const Value& x, const torch::Tensor& factors,
             const torch::Tensor& offsets) {
  return graph.Apply(kAdd, {graph.Apply(kMatMul, {x, graph.Constant(name + "_weight", factors)}),
                            graph.Constant(name + "_bias", offsets)});
}

Value Linear(Graph& graph, const Weights& weights, const std::string& layer, const Value& x) {
  return Affine(graph, weights.NameInGraph(layer), x, weights.Own(layer + ".weight").t(),
                weights.Own(layer + ".bias"));
}

Value ResidualBlockOf(Graph& graph, const Weights& weights, const std::string& block, const Value& x) {
  const Value first = graph.LeakyRelu(Linear(graph, weights, block + ".first", x), kSlope);
  const Value second = graph.LeakyRelu(Linear(graph, weights, block + ".second", first), kSlope);
  return graph.LeakyRelu(graph.Apply(kAdd, {second, x}), kSlope);
}

Value ResidualBranchOf(Graph& graph, const Weights& weights, const std::string& branch, const Value& x) {
  Value h = x;
  for (int number = 0;; ++number) {
    const std::string block = branch + ".blocks." + std::to_string(number);
    if (!weights.Has(block + ".first.weight")) break;
    h = ResidualBlockOf(graph, weights, block, h);
  }
  return Linear(graph, weights, branch + ".head", h);
}

Value ResidualNetworkOf(Graph& graph, const Weights& weights, const std::string& network, const Value& x) {
  return ResidualBranchOf(graph, weights, network + ".branch", Linear(graph, weights, network + ".entry", x));
}

// Eq. 1.
Value LiftTo(Graph& graph, const Value& keypoints, const Value& depths) {
  const Value from_camera =
      graph.Apply(kMax, {graph.Apply(kAdd, {depths, graph.Number(kRootDepth)}), graph.Number(kLeastDepth)});
  const Value z = graph.Reshape(from_camera, {kJoints, 1});
  return graph.Concat({graph.Apply(kMul, {keypoints, z}), graph.Apply(kSub, {z, graph.Number(kRootDepth)})},
                      2);
}

}  // namespace links
