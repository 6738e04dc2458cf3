#include "links/benchmark/reference.h"

#include <torch/nn/module.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <nlohmann/json.hpp>

#include "bench_poses.h"
#include "links/config/config.h"
#include "links/core/error.h"
#include "links/loss/lifting_terms.h"
#include "links/run/checkpoint.h"
#include "links/training/stages.h"
#include "links/training/train_run.h"

namespace links {
namespace {

using nlohmann::json;

// The joint-major columns of some joints in coordinate-major order, as the plain networks take them.
torch::Tensor ColumnsOf(const std::vector<int>& joints, int64_t coordinates) {
  std::vector<int64_t> columns;
  for (int64_t k = 0; k < coordinates; ++k) {
    for (const int joint : joints) columns.push_back(joint * coordinates + k);
  }
  return torch::tensor(columns, torch::kInt64);
}

/// Takes the layers of one network out of a stack.
class NetworkWriter {
 public:
  NetworkWriter(const torch::nn::Module& stack, int64_t member, std::string name, NamedTensors& out)
      : values_(stack.named_parameters()),
        buffers_(stack.named_buffers()),
        member_(member),
        name_(std::move(name)),
        out_(out) {}

  // rows, columns: those that the network uses; undefined = all.
  void Linear(const std::string& from, const std::string& to, const torch::Tensor& rows = {},
              const torch::Tensor& columns = {}) {
    torch::Tensor weight = Get(from + ".weight"), bias = Get(from + ".bias")[0];
    if (rows.defined()) {
      weight = weight.index_select(0, rows);
      bias = bias.index_select(0, rows);
    }
    if (columns.defined()) weight = weight.index_select(1, columns);
    Add(to + ".weight", weight);
    Add(to + ".bias", bias);
  }

  void Block(const std::string& from, const std::string& to) {
    Linear(from + ".first", to + ".first");
    Linear(from + ".second", to + ".second");
  }

  // A residual path whose layers are numbered from `first` on.
  void Path(const std::string& from, const std::string& to, int64_t blocks, int64_t first,
            const torch::Tensor& rows) {
    for (int64_t block = 0; block < blocks; ++block)
      Block(from + ".blocks." + std::to_string(block), to + "." + std::to_string(first + block));
    Linear(from + ".head", to + "." + std::to_string(first + blocks), rows);
  }

  torch::Tensor Get(const std::string& name) const {
    const torch::Tensor* found = values_.find(name);
    return (found != nullptr ? *found : buffers_[name])[member_].detach().cpu();
  }
  void Add(const std::string& to, const torch::Tensor& value) {
    out_.emplace_back(name_ + "." + to, value.contiguous());
  }

 private:
  torch::OrderedDict<std::string, torch::Tensor> values_, buffers_;
  int64_t member_;
  std::string name_;
  NamedTensors& out_;
};

void AddFlow(RealNvp& stack, int64_t member, Segment segment, const FlowOptions& options, NamedTensors& out) {
  NetworkWriter writer(*stack, member, "flows." + std::string(SegmentName(segment)), out);
  const ChannelLayout& layout = stack->layout();
  const torch::Tensor channels = layout.Indices(member);
  const int64_t own = channels.size(0), own_passive = own - own / 2;
  const torch::Tensor passive = torch::arange(own_passive), active = torch::arange(own / 2);
  for (int64_t block = 0; block < options.blocks; ++block) {
    const std::string from = "blocks." + std::to_string(block) + ".";
    for (int64_t layer = 0; layer <= options.hidden_layers; ++layer) {
      writer.Linear(
          from + "network." + std::to_string(layer), from + "network." + std::to_string(2 * layer),
          layer == options.hidden_layers ? torch::cat({active, active + layout.active}) : torch::Tensor(),
          layer == 0 ? passive : torch::Tensor());
    }
    writer.Add(from + "scale", writer.Get(from + "actnorm_scale")[0].index_select(0, channels));
    writer.Add(from + "offset", writer.Get(from + "actnorm_offset")[0].index_select(0, channels));
    writer.Add(from + "rotation",
               writer.Get(from + "permutation").index_select(0, channels).index_select(1, channels));
  }
}

void AddLifters(PoseLifters& lifters, const LifterOptions& options, NamedTensors& out) {
  for (size_t n = 0; n < lifters->segments().size(); ++n) {
    const Segment segment = lifters->segments()[n];
    const std::vector<int> joints = SegmentJoints(segment);
    NetworkWriter writer(*lifters->stack(), static_cast<int64_t>(n),
                         "lifters." + std::string(SegmentName(segment)), out);
    writer.Linear("entry", "entry", {}, ColumnsOf(joints, 2));
    writer.Block("trunk", "shared");
    writer.Path("depth", "depth", options.blocks_per_branch, 0, ColumnsOf(joints, 1));
    writer.Path("elevation", "elevation", options.blocks_per_branch, 0, {});
  }
}

void AddFillers(ScenarioFillers& fillers, const std::string& kind, int64_t coordinates,
                const FillerOptions& options, NamedTensors& out) {
  for (size_t n = 0; n < options.scenarios.size(); ++n) {
    const Scenario& scenario = Scenarios()[IndexOfScenario(options.scenarios[n])];
    NetworkWriter writer(*fillers, static_cast<int64_t>(n), "fillers." + kind + "_" + scenario.name, out);
    writer.Linear("network.entry", "network.0", {}, ColumnsOf(scenario.Known(), coordinates));
    writer.Path("network.branch", "network", options.blocks, 1, ColumnsOf(scenario.missing, coordinates));
  }
}

NamedTensors PlainNetworks(const RunConfig& config, Networks& networks) {
  NamedTensors out;
  AddFlow(networks.flows->full(), 0, Segment::kFull, config.flows.network, out);
  for (size_t n = 0; n < networks.flows->segments().size(); ++n) {
    AddFlow(networks.flows->stack(), static_cast<int64_t>(n), networks.flows->segments()[n],
            config.flows.network, out);
  }
  AddLifters(networks.lifters, config.lifters.network, out);
  AddFillers(networks.fillers->o3d(), "o3d", 3, config.occlusion.network, out);
  AddFillers(networks.fillers->o2d(), "o2d", 2, config.occlusion.network, out);
  return out;
}

json Sizes(const RunConfig& config) {
  json scenarios;
  for (const std::string& name : config.occlusion.network.scenarios)
    scenarios[name] = Scenarios()[IndexOfScenario(name)].missing;
  const FlowOptions& flows = config.flows.network;
  const LiftingLossOptions& loss = *config.lifters.loss;
  return {
      {"seed", config.seed},
      {"batch", config.lifters.schedule.batch},
      {"sigma", config.sampler.sigma},
      {"flows",
       {{"width", flows.width},
        {"blocks", flows.blocks},
        {"hidden_layers", flows.hidden_layers},
        {"clamp", flows.clamp}}},
      {"lifters",
       {{"width", config.lifters.network.width},
        {"blocks_per_branch", config.lifters.network.blocks_per_branch}}},
      {"fillers", {{"width", config.occlusion.network.width}, {"blocks", config.occlusion.network.blocks}}},
      {"scenarios", scenarios},
      {"loss",
       {{"likelihood", loss.likelihood},
        {"reprojection_2d", loss.reprojection_2d},
        {"consistency_3d", loss.consistency_3d},
        {"deformation", loss.deformation},
        {"bone", loss.bone}}}};
}

json Losses(const StepLoss& loss) {
  json losses = {{"total", loss.total.item<double>()}};
  for (const auto& [name, value] : loss.terms) losses[name] = value.item<double>();
  return losses;
}

// The reference implementation knows the paper's method in the sizes of the configuration.
void CheckPlain(const RunConfig& config) {
  RunConfig plain;
  plain.seed = config.seed;
  plain.device = config.device;
  plain.threads = config.threads;
  if (config.precision != Precision::kBf16) plain.precision = config.precision;  // one to the CPU
  plain.flows.network.width = config.flows.network.width;
  plain.flows.network.blocks = config.flows.network.blocks;
  plain.flows.network.hidden_layers = config.flows.network.hidden_layers;
  plain.lifters.network.width = config.lifters.network.width;
  plain.lifters.network.blocks_per_branch = config.lifters.network.blocks_per_branch;
  plain.occlusion.network.width = config.occlusion.network.width;
  plain.occlusion.network.blocks = config.occlusion.network.blocks;
  plain.completion = config.completion;
  if (WriteConfig(plain) != WriteConfig(config)) {
    throw UsageError(
        "expected the paper's method for --reference, where only widths and numbers of blocks may differ, "
        "found other options in the configuration");
  }
}

}  // namespace

void WriteReference(const std::string& path, const RunConfig& config) {
  CheckPlain(config);
  const torch::Device device = torch::kCPU;
  const PoseData poses = MakeBenchPoses(config.lifters.schedule.batch);
  const Normalisation normalisation = Normalisation::Of(poses);
  Networks networks(config, device);
  const StageData data{{config}, normalisation, normalisation.Keypoints(poses).to(device), device};
  json description = Sizes(config);
  for (const std::string stage : {"full_flow", "segment_flows", "lifters", "occlusion"}) {
    torch::manual_seed(static_cast<uint64_t>(config.seed));
    const Stage made = MakeStage(StageNamed(stage), data, networks, {}, poses, {});
    description["losses"][stage] = Losses(made.loss(data.poses, RandomStreams()));
  }
  NamedTensors tensors = PlainNetworks(config, networks);
  tensors.emplace_back("batch", data.poses);
  tensors.emplace_back("bone_ratios", BoneRatios(config.data, poses));
  WriteTensorFile(path, {{"config", description.dump()}}, tensors);
}

}  // namespace links
