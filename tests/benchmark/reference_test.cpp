#include "links/benchmark/reference.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <numbers>
#include <vector>

#include "benchmark/tiny_bench.h"
#include "links/core/error.h"
#include "links/loss/lifting_terms.h"
#include "links/occlusion/scenario.h"
#include "links/run/networks.h"
#include "support/difference.h"
#include "support/stored_tensors.h"
#include "support/temporary_folder.h"
#include "support/with_options.h"

namespace links {
namespace {

using test::Difference;

using Shape = std::vector<int64_t>;
using Tensors = std::map<std::string, torch::Tensor>;

constexpr int64_t kBatch = 256;  // the paper's

void AddLinear(const std::string& name, int64_t inputs, int64_t outputs, std::map<std::string, Shape>& out) {
  out[name + ".weight"] = {outputs, inputs};
  out[name + ".bias"] = {outputs};
}

void AddBlocks(const std::string& name, int64_t first, int64_t count, int64_t width,
               std::map<std::string, Shape>& out) {
  for (int64_t i = first; i < first + count; ++i) {
    for (const char* layer : {".first", ".second"})
      AddLinear(name + "." + std::to_string(i) + layer, width, width, out);
  }
}

// Every tensor of the file for TinyBench's sizes.
std::map<std::string, Shape> ExpectedShapes() {
  std::map<std::string, Shape> out = {{"batch", {kBatch, 17, 2}}, {"bone_ratios", {16}}};
  const std::map<std::string, int64_t> joints = {
      {"legs", 6}, {"torso", 10}, {"left", 10}, {"right", 10}, {"full", 16}};
  for (const auto& [segment, count] : joints) {
    for (const std::string block : {"0", "1"}) {
      const std::string name = Concat("flows.", segment, ".blocks.", block);
      AddLinear(name + ".network.0", count, 8, out);  // half of the two columns a joint
      AddLinear(name + ".network.2", 8, 8, out);
      AddLinear(name + ".network.4", 8, 2 * count, out);
      out[name + ".scale"] = out[name + ".offset"] = {2 * count};
      out[name + ".rotation"] = {2 * count, 2 * count};
    }
    if (segment == "full") continue;
    const std::string name = "lifters." + segment;
    AddLinear(name + ".entry", 2 * count, 6, out);
    for (const char* layer : {".shared.first", ".shared.second"}) AddLinear(name + layer, 6, 6, out);
    AddBlocks(name + ".depth", 0, 2, 6, out);
    AddLinear(name + ".depth.2", 6, count, out);
    AddBlocks(name + ".elevation", 0, 2, 6, out);
    AddLinear(name + ".elevation.2", 6, 1, out);
  }
  for (const Scenario& scenario : Scenarios()) {
    const auto missing = static_cast<int64_t>(scenario.missing.size());
    for (const int64_t k : {2, 3}) {
      const std::string name = "fillers.o" + std::to_string(k) + "d_" + scenario.name + ".network";
      AddLinear(name + ".0", k * (16 - missing), 5, out);
      AddBlocks(name, 1, 1, 5, out);
      AddLinear(name + ".2", 5, k * missing, out);
    }
  }
  return out;
}

// (B, 17, K) -> the joints' columns, all x, then all y, ...
torch::Tensor ColumnsOf(const torch::Tensor& poses, const std::vector<int>& joints) {
  const torch::Tensor index = torch::tensor(std::vector<int64_t>(joints.begin(), joints.end()));
  return poses.index_select(1, index).transpose(1, 2).flatten(1);
}

/// The written networks, in plain products.
class Plain {
 public:
  explicit Plain(const Tensors& tensors) : tensors_(tensors) {}

  const torch::Tensor& At(const std::string& name) const { return tensors_.at(name); }

  torch::Tensor Linear(const std::string& name, const torch::Tensor& x) const {
    return torch::linear(x, At(name + ".weight"), At(name + ".bias"));
  }

  torch::Tensor Block(const std::string& name, const torch::Tensor& x) const {
    const torch::Tensor hidden = torch::leaky_relu(Linear(name + ".first", x));
    return torch::leaky_relu(x + torch::leaky_relu(Linear(name + ".second", hidden)));
  }

  // (B, 17, 2) -> (B, J)
  torch::Tensor Depth(const std::string& name, const torch::Tensor& poses,
                      const std::vector<int>& joints) const {
    torch::Tensor h = Block(name + ".shared", Linear(name + ".entry", ColumnsOf(poses, joints)));
    for (const char* block : {".depth.0", ".depth.1"}) h = Block(name + block, h);
    return Linear(name + ".depth.2", h);
  }

  // Batch mean, nats.
  double NegativeLogLikelihood(const std::string& name, torch::Tensor x) const {
    const int64_t half = x.size(1) / 2;
    torch::Tensor log_det = torch::zeros({x.size(0)});
    for (const std::string number : {"0", "1"}) {
      const std::string block = Concat(name, ".blocks.", number);
      torch::Tensor h = x.narrow(1, 0, half);
      for (const char* layer : {".network.0", ".network.2"}) h = torch::relu(Linear(block + layer, h));
      h = 0.1 * Linear(block + ".network.4", h);
      const torch::Tensor log_scale = 2 * torch::tanh(h.narrow(1, 0, half) / 2);
      const torch::Tensor active = x.narrow(1, half, half) * log_scale.exp() + h.narrow(1, half, half);
      const torch::Tensor scale = 0.1 * torch::softplus(At(block + ".scale"), 0.5);
      x = torch::cat({x.narrow(1, 0, half), active}, 1) * scale + At(block + ".offset");
      x = x.mm(At(block + ".rotation").t());
      log_det = log_det + log_scale.sum(1) + scale.log().sum();
    }
    const torch::Tensor nll = 0.5 * x.square().sum(1) - log_det;
    return nll.mean().item<double>() + 0.5 * static_cast<double>(x.size(1)) * std::log(2 * std::numbers::pi);
  }

  // The squared error of a 2D filler, batch mean.
  double FillerError(const Scenario& scenario, const torch::Tensor& poses) const {
    const std::string name = "fillers.o2d_" + scenario.name + ".network";
    const torch::Tensor h = Block(name + ".1", Linear(name + ".0", ColumnsOf(poses, scenario.Known())));
    const torch::Tensor error = Linear(name + ".2", h) - ColumnsOf(poses, scenario.missing);
    return error.square().sum(1).mean().item<double>();
  }

 private:
  const Tensors& tensors_;
};

class ReferenceTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  const std::string path_ = folder_ / "reference.safetensors";
};

TEST_F(ReferenceTest, HoldsEveryNetworkWithoutPadding) {
  WriteReference(path_, test::TinyBench());
  std::map<std::string, Shape> shapes;
  for (const auto& [name, tensor] : test::StoredTensors(path_)) {
    shapes[name] = tensor.sizes().vec();
    EXPECT_EQ(tensor.scalar_type(), torch::kFloat32) << name;
    if (name.ends_with("weight")) {
      EXPECT_TRUE(tensor.ne(0).all().item<bool>()) << name;
    }
  }
  EXPECT_EQ(shapes, ExpectedShapes());
}

TEST_F(ReferenceTest, PlainNetworksGiveTheSame) {
  const RunConfig config = test::TinyBench();
  WriteReference(path_, config);
  const Tensors tensors = test::StoredTensors(path_);
  const auto description = nlohmann::json::parse(TensorFile(path_).Text("config"));
  const nlohmann::json& losses = description["losses"];
  const Plain plain(tensors);
  const torch::Tensor& batch = tensors.at("batch");
  Networks networks(config, torch::kCPU);

  const torch::Tensor depths = networks.lifters->Depths(batch);
  for (size_t n = 0; n < networks.lifters->segments().size(); ++n) {
    const Segment segment = networks.lifters->segments()[n];
    const std::vector<int> joints = SegmentJoints(segment);
    const std::string name(SegmentName(segment));
    const torch::Tensor own = ColumnsOf(depths[static_cast<int64_t>(n)].unsqueeze(2), joints);
    EXPECT_LT(Difference(own, plain.Depth("lifters." + name, batch, joints)), 1e-6) << name;
  }
  for (const Segment segment : kSegments) {
    const std::string name(SegmentName(segment));
    const nlohmann::json& of_stage = losses[segment == Segment::kFull ? "full_flow" : "segment_flows"];
    EXPECT_NEAR(of_stage[name + "/nll_real"].get<double>(),
                plain.NegativeLogLikelihood("flows." + name, ColumnsOf(batch, SegmentJoints(segment))), 1e-4)
        << name;
  }
  for (const Scenario& scenario : Scenarios()) {
    EXPECT_NEAR(losses["occlusion"]["o2d/" + scenario.name].get<double>(), plain.FillerError(scenario, batch),
                1e-5)
        << scenario.name;
  }
}

TEST_F(ReferenceTest, DescribesSizesAndFiniteLosses) {
  WriteReference(path_, test::TinyBench());
  const auto description = nlohmann::json::parse(TensorFile(path_).Text("config"));
  EXPECT_EQ(description["batch"], kBatch);
  EXPECT_EQ(description["flows"]["width"], 8);
  EXPECT_EQ(description["flows"]["hidden_layers"], 2);
  EXPECT_EQ(description["lifters"]["blocks_per_branch"], 2);
  EXPECT_EQ(description["fillers"]["width"], 5);
  EXPECT_EQ(description["scenarios"].size(), Scenarios().size());
  const std::map<std::string, size_t> terms = {{"full_flow", 2},
                                               {"segment_flows", 8},
                                               {"lifters", 2 * LiftingTerms().size()},
                                               {"occlusion", 2 * Scenarios().size()}};
  ASSERT_EQ(description["losses"].size(), terms.size());
  for (const auto& [stage, count] : terms) {
    const nlohmann::json& losses = description["losses"][stage];
    EXPECT_EQ(losses.size(), count + 1) << stage;  // and the total
    EXPECT_TRUE(losses.contains("total")) << stage;
    for (const auto& [term, value] : losses.items())
      EXPECT_TRUE(value.is_number() && std::isfinite(value.get<double>())) << stage << " " << term;
  }
}

TEST_F(ReferenceTest, RefusesWhatThePlainMethodDoesNotKnow) {
  for (const std::string change :
       {"lifters.network.standardise=true", "flows.network.standardise=true",
        "flows.network.clamp_variant=tanh", "flows.full_pca=26", "lifters.loss.elevation=fixed",
        "lifters.groups=[legs_torso]", "occlusion.loss.input=rearranged", "include_root=true"}) {
    const RunConfig config = test::With(test::TinyBench(), {change});
    EXPECT_THROW(WriteReference(path_, config), UsageError) << change;
    EXPECT_FALSE(std::filesystem::exists(path_)) << change;
  }
}

}  // namespace
}  // namespace links
