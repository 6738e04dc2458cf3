#include "links/flow/real_nvp.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "flow/own_flow.h"
#include "flow/plain_flow.h"
#include "flow/random_flow.h"
#include "links/core/error.h"
#include "support/difference.h"
#include "support/train.h"

namespace links {
namespace {

using test::Difference;
using test::OwnPart;
using test::RandomFlow;

struct Case {
  int64_t dimensions;
  FlowOptions options;
};

void PrintTo(const Case& test, std::ostream* out) {
  const FlowOptions& o = test.options;
  *out << test.dimensions << " dimensions, " << o.blocks << " blocks, " << o.hidden_layers
       << " hidden layers, " << (o.clamp_variant == ClampVariant::kTanh ? "tanh" : "tanh_of_quotient")
       << " at " << o.clamp << (o.standardise ? ", standardised" : "");
}

FlowOptions Options(int64_t blocks, int64_t hidden_layers, double clamp, ClampVariant variant,
                    bool standardise) {
  return {blocks, 16, hidden_layers, clamp, variant, standardise};
}

class RealNvpCase : public testing::TestWithParam<Case> {
 protected:
  RealNvpCase() {
    torch::manual_seed(1);
    flow_ = RandomFlow(GetParam().dimensions, GetParam().options);
    x_ = torch::randn({6, GetParam().dimensions}, torch::kFloat64);
  }

  RealNvp flow_{nullptr};
  torch::Tensor x_;
};

INSTANTIATE_TEST_SUITE_P(Options, RealNvpCase,
                         testing::Values(Case{12, Options(8, 1, 2.0, ClampVariant::kTanhOfQuotient, false)},
                                         Case{12, Options(3, 2, 2.0, ClampVariant::kTanh, true)},
                                         Case{5, Options(2, 1, 0.3, ClampVariant::kTanh, false)},
                                         Case{5, Options(1, 3, 0.3, ClampVariant::kTanhOfQuotient, true)},
                                         Case{32, Options(8, 1, 2.0, ClampVariant::kTanhOfQuotient, true)}));

TEST_P(RealNvpCase, LogDetIsThatOfTheJacobian) {
  const torch::Tensor x = x_.clone().requires_grad_();
  const auto [z, log_det] = flow_->forward(x);
  std::vector<torch::Tensor>
      rows;  // a pose's latent depends on that pose alone, so a sum over poses mixes nothing
  for (int64_t row = 0; row < z.size(1); ++row) {
    rows.push_back(torch::autograd::grad({z.select(1, row).sum()}, {x}, {}, /*retain_graph=*/true)[0]);
  }
  const torch::Tensor brute_force = std::get<1>(torch::linalg_slogdet(torch::stack(rows, 1)));
  EXPECT_GT(brute_force.abs().min().item<double>(), 1e-3);
  EXPECT_LT(Difference(log_det, brute_force), 1e-9);
}

TEST_P(RealNvpCase, InverseUndoesForwardAndForwardInverse) {
  EXPECT_LT(Difference(flow_->Inverse(flow_->forward(x_).z), x_), 1e-7);
  EXPECT_LT(Difference(flow_->forward(flow_->Inverse(x_)).z, x_), 1e-7);
}

TEST_P(RealNvpCase, LikelihoodAgreesWithPlainLoops) {
  const test::PlainFlow plain(*flow_, 0, GetParam().dimensions, GetParam().options);
  const torch::Tensor nll = flow_->NegativeLogLikelihood(x_);
  ASSERT_EQ(nll.sizes(), torch::IntArrayRef({6}));
  for (int64_t pose = 0; pose < 2; ++pose) {
    const torch::Tensor row = x_[pose].contiguous();
    const std::vector<double> x(row.data_ptr<double>(), row.data_ptr<double>() + row.numel());
    const double expected = plain.NegativeLogLikelihood(x);
    // Relative: of hundreds of thousands of nats double precision keeps ten decimals.
    EXPECT_NEAR(nll[pose].item<double>(), expected, 1e-9 * std::max(1.0, 1e-3 * std::abs(expected)));
  }
}

TEST_P(RealNvpCase, GradientsAgreeWithFiniteDifferences) {
  flow_->NegativeLogLikelihood(x_).mean().backward();
  const torch::NoGradGuard no_grad;
  const double step = 1e-6;
  for (const auto& parameter : flow_->named_parameters()) {
    const torch::Tensor entries = parameter.value().view({-1}),
                        gradient = parameter.value().grad().view({-1});
    const int64_t entry = gradient.abs().argmax().item<int64_t>();
    const double start = entries[entry].item<double>();
    const auto value = [&](double entry_value) {
      entries[entry] = entry_value;
      return flow_->NegativeLogLikelihood(x_).mean().item<double>();
    };
    const double expected = (value(start + step) - value(start - step)) / (2 * step);
    entries[entry] = start;
    EXPECT_NE(gradient[entry].item<double>(), 0) << parameter.key();
    EXPECT_NEAR(gradient[entry].item<double>(), expected, 1e-6 + 1e-5 * std::abs(expected))
        << parameter.key();
  }
}

// Flows of different sizes side by side, odd ones too.
class RealNvpStack : public testing::TestWithParam<FlowOptions> {
 protected:
  RealNvpStack() {
    torch::manual_seed(9);
    stack_ = RealNvp(sizes_, GetParam());
    test::Randomise(stack_);
    x_ = torch::zeros({4, 6, stack_->dimensions()}, torch::kFloat64);
    for (int64_t n = 0; n < 4; ++n) {
      own_x_.push_back(torch::randn({6, Size(n)}, torch::kFloat64));
      x_[n].index_copy_(1, Part(n).channels(), own_x_.back());
    }
  }

  int64_t Size(int64_t n) const { return sizes_[static_cast<size_t>(n)]; }
  OwnPart Part(int64_t n) const { return {*stack_, n, Size(n)}; }
  // All is 0 but for what the flows use.
  void ExpectNoPadding(const std::string& name, const torch::Tensor& of_stack) const {
    int64_t own = 0;
    for (int64_t n = 0; n < 4; ++n) own += Part(n).Of(name, of_stack).ne(0).sum().item<int64_t>();
    EXPECT_EQ(of_stack.ne(0).sum().item<int64_t>(), own) << name;
  }

  std::vector<int64_t> sizes_ = {12, 7, 20, 5};
  RealNvp stack_{nullptr};
  torch::Tensor x_;  // (4, 6, D)
  std::vector<torch::Tensor> own_x_;
};

INSTANTIATE_TEST_SUITE_P(Options, RealNvpStack,
                         testing::Values(Options(3, 1, 2.0, ClampVariant::kTanhOfQuotient, false),
                                         Options(2, 2, 0.7, ClampVariant::kTanh, true)));

TEST_P(RealNvpStack, LayoutHasRoomForTheLargestOfEachHalf) {
  const ChannelLayout& layout = stack_->layout();
  EXPECT_EQ(layout.passive, 10);
  EXPECT_EQ(layout.active, 10);
  EXPECT_EQ(stack_->dimensions(), 20);
  for (int64_t n = 0; n < 4; ++n) {
    EXPECT_EQ(layout.channels[static_cast<size_t>(n)], Size(n));
    EXPECT_TRUE(layout.Indices(n).equal(Part(n).channels())) << n;
    EXPECT_TRUE(layout.used[n].nonzero().squeeze(1).equal(Part(n).channels())) << n;
  }
}

TEST_P(RealNvpStack, EachFlowIsThatFlowByItself) {
  const FlowOutput output = stack_->forward(x_);
  const torch::Tensor nll = stack_->NegativeLogLikelihood(x_);
  for (int64_t n = 0; n < 4; ++n) {
    RealNvp own = test::OwnFlow(stack_, n, GetParam());
    const FlowOutput expected = own->forward(own_x_[static_cast<size_t>(n)]);
    EXPECT_LT(Difference(output.z[n].index_select(1, Part(n).channels()), expected.z), 1e-10) << n;
    EXPECT_LT(Difference(output.log_det[n], expected.log_det), 1e-10) << n;
    EXPECT_LT(Difference(nll[n], own->NegativeLogLikelihood(own_x_[static_cast<size_t>(n)])), 1e-10) << n;
    EXPECT_EQ(output.z[n].ne(0).sum().item<int64_t>(), 6 * Size(n)) << "the padding stays 0";
    for (int64_t count = 1; n + count <= 4; ++count) {
      const torch::Tensor some = stack_->NegativeLogLikelihood(x_.narrow(0, n, count), n);
      EXPECT_LT(Difference(some, nll.narrow(0, n, count)), 1e-10) << n << ", " << count;
    }
  }
}

TEST_P(RealNvpStack, LikelihoodAgreesWithPlainLoops) {
  const torch::Tensor nll = stack_->NegativeLogLikelihood(x_);
  for (int64_t n = 0; n < 4; ++n) {
    const test::PlainFlow plain(*stack_, n, Size(n), GetParam());
    const torch::Tensor row = own_x_[static_cast<size_t>(n)][1].contiguous();
    const std::vector<double> x(row.data_ptr<double>(), row.data_ptr<double>() + row.numel());
    EXPECT_NEAR(nll[n][1].item<double>(), plain.NegativeLogLikelihood(x), 1e-9) << n;
  }
}

TEST_P(RealNvpStack, GradientsAreThoseOfEachFlowByItself) {
  stack_->NegativeLogLikelihood(x_).mean(1).sum().backward();
  for (const auto& parameter : stack_->named_parameters())
    ExpectNoPadding(parameter.key(), parameter.value().grad());
  for (int64_t n = 0; n < 4; ++n) {
    RealNvp own = test::OwnFlow(stack_, n, GetParam());
    own->NegativeLogLikelihood(own_x_[static_cast<size_t>(n)]).mean().backward();
    for (const auto& parameter : own->named_parameters()) {
      const torch::Tensor expected = parameter.value().grad();
      const torch::Tensor gradient =
          Part(n).Of(parameter.key(), stack_->named_parameters()[parameter.key()].grad());
      EXPECT_LT(Difference(gradient, expected.view_as(gradient)), 1e-9) << n << " " << parameter.key();
    }
  }
}

TEST_P(RealNvpStack, TrainedSideBySideIsTrainedApartAndThePaddingStays0) {
  std::vector<RealNvp> apart;
  for (int64_t n = 0; n < 4; ++n) apart.push_back(test::OwnFlow(stack_, n, GetParam()));
  test::Train(*stack_, 5, [&] { return stack_->NegativeLogLikelihood(x_).mean(1).sum(); });
  for (const auto& parameter : stack_->named_parameters()) {
    // The scale of a channel that is not there multiplies 0.
    if (!parameter.key().ends_with("scale")) ExpectNoPadding(parameter.key(), parameter.value());
  }
  const torch::Tensor z = stack_->forward(x_).z;
  for (int64_t n = 0; n < 4; ++n) {
    RealNvp& own = apart[static_cast<size_t>(n)];
    const torch::Tensor& own_x = own_x_[static_cast<size_t>(n)];
    test::Train(*own, 5, [&] { return own->NegativeLogLikelihood(own_x).mean(); });
    for (const auto& parameter : own->named_parameters()) {
      const torch::Tensor values = Part(n).Of(parameter.key(), stack_->named_parameters()[parameter.key()]);
      EXPECT_LT(Difference(values, parameter.value().view_as(values)), 1e-7) << n << " " << parameter.key();
    }
    EXPECT_EQ(z[n].ne(0).sum().item<int64_t>(), 6 * Size(n)) << "the padding stays 0";
  }
}

TEST_P(RealNvpStack, RefusesOtherColumns) {
  EXPECT_THROW(stack_->forward(x_.narrow(2, 0, 19)), Error);
}

TEST(RealNvp, SinglePrecisionIsEnoughForItsInverse) {
  torch::manual_seed(8);
  RealNvp flow(32, FlowOptions{8, 64});
  const torch::Tensor x = torch::randn({20, 32});
  EXPECT_LT(Difference(flow->Inverse(flow->forward(x).z), x), 1e-5);
}

TEST(RealNvp, ChannelScaleStartsAtOne) {
  RealNvp flow(6, Options(2, 1, 2.0, ClampVariant::kTanh, false));
  for (const char* name : {"blocks.0.", "blocks.1."}) {
    const torch::Tensor g = flow->named_parameters()[std::string(name) + "actnorm_scale"];
    EXPECT_LT(Difference(0.1 * 2 * (1 + (g / 2).exp()).log(), torch::ones({1, 1, 6})), 1e-6);
    EXPECT_EQ(flow->named_parameters()[std::string(name) + "actnorm_offset"].abs().max().item<float>(), 0);
  }
}

TEST(RealNvp, LogScaleOfABlockIsBounded) {
  torch::manual_seed(2);
  RealNvp flow = RandomFlow(6, Options(1, 1, 0.5, ClampVariant::kTanhOfQuotient, false));
  const auto parameters = flow->named_parameters();
  const double channels =
      (0.2 * (1 + (parameters["blocks.0.actnorm_scale"] / 2).exp()).log()).log().sum().item<double>();
  const torch::Tensor coupling =
      flow->forward(1e4 * torch::randn({200, 6}, torch::kFloat64)).log_det - channels;
  EXPECT_LE(coupling.abs().max().item<double>(), 3 * 0.5 + 1e-9);  // three active channels
  EXPECT_GT(coupling.abs().max().item<double>(), 0.5);
}

TEST(RealNvp, RotationsAreFixedProperAndDiffer) {
  torch::manual_seed(3);
  RealNvp flow(20, Options(8, 1, 2.0, ClampVariant::kTanh, false));
  for (const auto& parameter : flow->named_parameters()) {
    EXPECT_EQ(parameter.key().find("permutation"), std::string::npos) << parameter.key();
  }
  const torch::Tensor first = flow->named_buffers()["blocks.0.permutation"];
  for (int block = 0; block < 8; ++block) {
    const torch::Tensor rotation = flow->named_buffers()["blocks." + std::to_string(block) + ".permutation"];
    EXPECT_FALSE(rotation.requires_grad());
    ASSERT_EQ(rotation.sizes(), torch::IntArrayRef({1, 20, 20}));
    EXPECT_LT(Difference(rotation[0].mm(rotation[0].t()), torch::eye(20)), 1e-6);
    EXPECT_NEAR(torch::linalg_det(rotation[0].to(torch::kFloat64)).item<double>(), 1, 1e-5);
    EXPECT_TRUE(block == 0 || Difference(rotation, first) > 0.1);
  }
}

// The entries of a uniformly drawn rotation have mean 0 and mean square 1/D; Q of a QR alone has not.
TEST(RealNvp, RotationsAreDrawnUniformly) {
  torch::manual_seed(4);
  const FlowOptions options{3000, 1, 1, 2.0, ClampVariant::kTanh, false};
  std::vector<torch::Tensor> rotations;
  for (const auto& buffer : RealNvp(3, options)->named_buffers()) {
    if (buffer.key().ends_with("permutation")) rotations.push_back(buffer.value());
  }
  const torch::Tensor all = torch::cat(rotations);
  ASSERT_EQ(all.sizes(), torch::IntArrayRef({3000, 3, 3}));
  EXPECT_LT(Difference(all.mean(0), torch::zeros({3, 3})), 5 * std::sqrt(1.0 / 3 / 3000));
  EXPECT_LT(Difference(all.square().mean(0), torch::full({3, 3}, 1.0 / 3)), 0.03);
}

// The density of a flow over a plane is one in all: a truth that knows nothing of Jacobians.
TEST(RealNvp, DensityIntegratesToOne) {
  torch::manual_seed(5);
  const torch::NoGradGuard no_grad;
  RealNvp flow = RandomFlow(2, Options(4, 1, 2.0, ClampVariant::kTanhOfQuotient, true));
  const torch::Tensor drawn = flow->Inverse(torch::randn({20000, 2}, torch::kFloat64));
  const torch::Tensor low = std::get<0>(drawn.min(0)), extent = std::get<0>(drawn.max(0)) - low;
  const int64_t steps = 800;
  const torch::Tensor axis =
      torch::linspace(-0.2, 1.2, steps, torch::kFloat64);  // shares of the draws' extent
  const torch::Tensor points = low + extent * torch::cartesian_prod({axis, axis});
  const double cell = extent.prod().item<double>() * std::pow(1.4 / (steps - 1), 2);
  EXPECT_NEAR(flow->NegativeLogLikelihood(points).neg().exp().sum().item<double>() * cell, 1, 1e-3);
}

TEST(RealNvp, StandardisesOnlyWhenAskedTo) {
  torch::manual_seed(6);
  const torch::Tensor samples = 5 + 0.01 * torch::randn({100, 4});
  for (bool standardise : {false, true}) {
    RealNvp flow(4, Options(1, 1, 2.0, ClampVariant::kTanh, standardise));
    flow->Fit(samples);
    EXPECT_EQ(flow->named_buffers()["standardise.mean"].abs().max().item<float>() > 0, standardise);
  }
}

TEST(RealNvp, TheSeedFixesTheFlow) {
  const auto make = [] {
    torch::manual_seed(7);
    return RealNvp(8, FlowOptions{4, 8});
  };
  const torch::Tensor x = torch::ones({1, 8});
  EXPECT_TRUE(torch::equal(make()->NegativeLogLikelihood(x), make()->NegativeLogLikelihood(x)));
}

TEST(RealNvp, RefusesOtherDimensions) {
  RealNvp flow(6, FlowOptions{2, 8});
  EXPECT_THROW(flow->forward(torch::zeros({3, 7})), Error);
  EXPECT_THROW(flow->Inverse(torch::zeros({3, 5})), Error);
}

}  // namespace
}  // namespace links
