#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <string>

#include "graph.h"

namespace links {

/// The tensors of one network of a stack (network/stacked_linear.h), by their names in a module, and how they
/// are named in a graph.
class Weights {
 public:
  /// network: its place in the stack.
  Weights(const torch::nn::Module& module, int64_t network, std::string graph_name)
      : parameters_(module.named_parameters()),
        buffers_(module.named_buffers()),
        network_(network),
        graph_name_(std::move(graph_name)) {}

  bool Has(const std::string& name) const { return parameters_.contains(name) || buffers_.contains(name); }
  /// The network's part of a stacked tensor: (S, ...) -> (...).
  torch::Tensor Own(const std::string& name) const { return Shared(name).select(0, network_); }
  /// A tensor that is not stacked. Throws Error where there is none.
  torch::Tensor Shared(const std::string& name) const;
  /// "legs.trunk.first" -> "legs_trunk_first".
  std::string NameInGraph(const std::string& name) const;

 private:
  torch::OrderedDict<std::string, torch::Tensor> parameters_, buffers_;
  int64_t network_;
  std::string graph_name_;
};

/// x A + b of constants: x (N, in), A (in, out), b (1, out) or (out).
Value Affine(Graph& graph, const std::string& name, const Value& x, const torch::Tensor& factors,
             const torch::Tensor& offsets);

/// A StackedLinear, ResidualBlock, ResidualBranch and ResidualNetwork of one network: x (N, in).
Value Linear(Graph& graph, const Weights& weights, const std::string& layer, const Value& x);
Value ResidualBlockOf(Graph& graph, const Weights& weights, const std::string& block, const Value& x);
Value ResidualBranchOf(Graph& graph, const Weights& weights, const std::string& branch, const Value& x);
Value ResidualNetworkOf(Graph& graph, const Weights& weights, const std::string& network, const Value& x);

/// The points of depth offsets (geometry/camera.h, Lift): keypoints (N, 17, 2), depths (N, 17) -> (N, 17, 3).
Value LiftTo(Graph& graph, const Value& keypoints, const Value& depths);

}  // namespace links
