#include <torch/types.h>

#include <cmath>
#include <numbers>

#include "layers.h"
#include "lifter_graph.h"
#include "links/core/error.h"
#include "links/flow/pose_flows.h"
#include "links/skeleton/segments.h"
#include "links/skeleton/units.h"

namespace links {
namespace {

constexpr double kNetworkGain = 0.1, kChannelGain = 0.1, kSoftplusBeta = 0.5;  // of flow/real_nvp.cpp

/// One flow of a stack with its own channels alone.
class OneFlow {
 public:
  OneFlow(TrainedRun& run, Segment segment)
      : joints_(SegmentJoints(segment, run.config.include_root)), options_(run.config.flows.network) {
    PoseFlows& flows = run.networks.flows;
    const bool full = segment == Segment::kFull;
    const auto& segments = flows->segments();
    const auto found = std::find(segments.begin(), segments.end(), segment);
    const int64_t place = full ? 0 : found - segments.begin();
    RealNvp& stack = full ? flows->full() : flows->stack();
    weights_ = std::make_unique<Weights>(*stack, place, "flow");
    channels_ = stack->layout().Indices(place);
    const int64_t count = channels_.size(0);
    passive_ = count - count / 2;
    active_ = count / 2;
    stack_passive_ = stack->layout().passive;
    stack_active_ = stack->layout().active;
  }

  const std::vector<int>& joints() const { return joints_; }
  int64_t latents() const { return channels_.size(0); }

  /// Features (N, D), coordinate-major, to latent and log-likelihood, nats (N, 1).
  std::pair<Value, Value> Forward(Graph& graph, const Value& features) {
    Value z = features;
    if (weights_->Has("pca.mean")) {
      z = graph.Apply(kSub, {z, graph.Constant("pca_mean", weights_->Shared("pca.mean"))});
      z = graph.Apply(kMatMul, {z, graph.Constant("pca_basis", weights_->Shared("pca.basis"))});
    }
    z = graph.Apply(kDiv, {graph.Apply(kSub, {z, Mean(graph)}), Deviation(graph)});
    double constant = -Row("standardise.deviation").log().sum().item<double>() -
                      .5 * static_cast<double>(latents()) * std::log(2 * std::numbers::pi);
    Value log_scales;
    for (int64_t block = 0; block < options_.blocks; ++block) {
      const auto [passive, active, log_scale, shift] = Coupling(graph, block, z);
      const Value coupled =
          graph.Apply(kAdd, {graph.Apply(kMul, {active, graph.Apply(kExp, {log_scale})}), shift});
      log_scales = log_scales.empty() ? log_scale : graph.Apply(kAdd, {log_scales, log_scale});
      const torch::Tensor scale = ChannelScale(block), permutation = Permutation(block);
      constant += scale.log().sum().item<double>();
      z = Affine(graph, Name(block, "affine"), graph.Concat({passive, coupled}, 1),
                 Single((permutation * scale).t()), Single(Offset(block).matmul(permutation.t())));
    }
    const Value squares = graph.Apply(kMul, {graph.Sum(graph.Apply(kMul, {z, z}), 1), graph.Number(-.5)});
    const Value varying = graph.Apply(kAdd, {squares, graph.Sum(log_scales, 1)});
    const Value nats = graph.Apply(
        kAdd, {varying, graph.Constant("log_constant", torch::tensor(constant, torch::kFloat32))});
    return {z, nats};
  }

  /// Latent (N, D of it) to features (N, D).
  Value Inverse(Graph& graph, const Value& latent) {
    Value x = latent;
    for (int64_t block = options_.blocks; block-- > 0;) {
      const torch::Tensor scale = ChannelScale(block), permutation = Permutation(block);
      x = Affine(graph, Name(block, "inverse_affine"), x, Single(permutation / scale),
                 Single(-Offset(block) / scale));
      const auto [passive, active, log_scale, shift] = Coupling(graph, block, x);
      const Value uncoupled =
          graph.Apply(kDiv, {graph.Apply(kSub, {active, shift}), graph.Apply(kExp, {log_scale})});
      x = graph.Concat({passive, uncoupled}, 1);
    }
    x = graph.Apply(kAdd, {graph.Apply(kMul, {x, Deviation(graph)}), Mean(graph)});
    if (!weights_->Has("pca.mean")) return x;
    const torch::Tensor basis = weights_->Shared("pca.basis");
    return Affine(graph, "pca_inverse", x, basis.t(), weights_->Shared("pca.mean"));
  }

 private:
  struct Coupled {
    Value passive, active, log_scale, shift;
  };

  Coupled Coupling(Graph& graph, int64_t block, const Value& x) {
    const Value passive = graph.Narrow(x, 1, 0, passive_);
    Value h = passive;
    for (int64_t layer = 0; layer <= options_.hidden_layers; ++layer) {
      const bool last = layer == options_.hidden_layers;
      const std::string name = "blocks." + std::to_string(block) + ".network." + std::to_string(layer);
      torch::Tensor weight = weights_->Own(name + ".weight"), bias = weights_->Own(name + ".bias");
      if (layer == 0) weight = weight.narrow(1, 0, passive_);
      if (last) {
        const torch::Tensor scales = torch::arange(active_);
        const torch::Tensor rows = torch::cat({scales, scales + stack_active_});
        weight = weight.index_select(0, rows);
        bias = bias.index_select(1, rows);
      }
      h = Affine(graph, weights_->NameInGraph(name), h, weight.t(), bias);
      h = last ? graph.Apply(kMul, {h, graph.Number(kNetworkGain)}) : graph.Apply(kRelu, {h});
    }
    const double inside = options_.clamp_variant == ClampVariant::kTanh ? 1 : options_.clamp;
    const Value bounded =
        graph.Apply(kTanh, {graph.Apply(kDiv, {graph.Narrow(h, 1, 0, active_), graph.Number(inside)})});
    return {passive, graph.Narrow(x, 1, passive_, active_),
            graph.Apply(kMul, {bounded, graph.Number(options_.clamp)}), graph.Narrow(h, 1, active_, active_)};
  }

  // (1, D) of its own channels.
  torch::Tensor Row(const std::string& name) const {
    return weights_->Own(name).index_select(-1, channels_).to(torch::kFloat64);
  }
  torch::Tensor OfBlock(int64_t block, const char* name) const {
    return Row("blocks." + std::to_string(block) + "." + name);
  }
  torch::Tensor ChannelScale(int64_t block) const {
    return kChannelGain * torch::softplus(OfBlock(block, "actnorm_scale"), kSoftplusBeta);
  }
  torch::Tensor Offset(int64_t block) const { return OfBlock(block, "actnorm_offset"); }
  torch::Tensor Permutation(int64_t block) const {
    return OfBlock(block, "permutation").index_select(0, channels_);
  }
  static torch::Tensor Single(const torch::Tensor& wide) { return wide.to(torch::kFloat32); }
  std::string Name(int64_t block, const char* what) const {
    return weights_->NameInGraph("blocks." + std::to_string(block) + "." + what);
  }
  Value Mean(Graph& graph) { return graph.Constant("flow_mean", Single(Row("standardise.mean"))); }
  Value Deviation(Graph& graph) {
    return graph.Constant("flow_deviation", Single(Row("standardise.deviation")));
  }

  std::vector<int> joints_;
  FlowOptions options_;
  std::unique_ptr<Weights> weights_;
  torch::Tensor channels_;  // its own among the stack's
  int64_t passive_ = 0, active_ = 0, stack_passive_ = 0, stack_active_ = 0;
};

}  // namespace

void AddFlow(Graph& graph, TrainedRun& run, const ExportOptions& options) {
  OneFlow flow(run, options.segment);
  const PoseInput input = AddPoseInput(graph, run, options);
  const std::vector<int>& joints = flow.joints();
  std::vector<Value> coordinates;
  for (int64_t k = 0; k < 2; ++k) {
    const Value own = graph.Select(graph.Narrow(input.keypoints, 2, k, 1), 1, {joints.begin(), joints.end()});
    coordinates.push_back(graph.Reshape(own, {static_cast<int64_t>(joints.size())}));
  }
  const auto [z, nats] = flow.Forward(graph, graph.Concat(coordinates, 1));
  const Value usable =
      graph.Apply(kAnd, {AllSeen(graph, input.seen_as_1, NeededJoints(options.segment)), input.has_scale});
  const Value nan = graph.Constant("nan", torch::tensor(std::nan(""), torch::kFloat32));
  const auto where_usable = [&](const Value& value) { return graph.Apply(kWhere, {usable, value, nan}); };
  graph.Output("log_likelihood", graph.Reshape(where_usable(nats), {}), ValueType::kFloat, {});
  graph.Output("latent", where_usable(z), ValueType::kFloat, {flow.latents()});
  graph.Output("root_px", where_usable(graph.Reshape(input.origin_px, {2})), ValueType::kFloat, {2});
  graph.Output("scale_px", graph.Reshape(where_usable(input.scale_px), {}), ValueType::kFloat, {});
}

void AddFlowInverse(Graph& graph, TrainedRun& run, const ExportOptions& options) {
  OneFlow flow(run, options.segment);
  const Value latent = graph.Input("latent", {flow.latents()});
  const Value root_px = graph.Input("root_px", {2}), scale_px = graph.Input("scale_px", {});
  const Value features = flow.Inverse(graph, latent);
  const std::vector<int>& joints = flow.joints();
  const auto count = static_cast<int64_t>(joints.size());
  // For each joint its column among the root, which is 0, those of the flow, and NaN for the others.
  std::vector<int64_t> columns(kJoints, count + 1);
  for (size_t i = 0; i < joints.size(); ++i) columns[joints[i]] = static_cast<int64_t>(i) + 1;
  columns[kRoot] = 0;
  const Value zero = graph.Apply(kMul, {graph.Narrow(features, 1, 0, 1), graph.Number(0)});
  const Value nan = graph.Constant("nan", torch::tensor(std::nan(""), torch::kFloat32));
  std::vector<Value> coordinates;
  for (int64_t k = 0; k < 2; ++k) {
    const Value own = graph.Narrow(features, 1, k * count, count);
    const Value all = graph.Select(graph.Concat({zero, own, graph.Apply(kAdd, {zero, nan})}, 1), 1, columns);
    coordinates.push_back(graph.Reshape(all, {kJoints, 1}));
  }
  const Value unit = graph.Reshape(UnitPx(graph, scale_px), {1, 1});
  const Value px = graph.Apply(
      kAdd, {graph.Apply(kMul, {graph.Concat(coordinates, 2), unit}), graph.Reshape(root_px, {1, 2})});
  graph.Output("keypoints", px, ValueType::kFloat, {kJoints, 2});
}

}  // namespace links
