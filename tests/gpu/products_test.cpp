#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "gpu/on_a_gpu.h"
#include "links/evaluation/lifting.h"
#include "links/flow/pca.h"
#include "links/geometry/rotation.h"
#include "links/network/float32_product.h"
#include "links/network/stacked_linear.h"
#include "support/difference.h"
#include "support/tiny_networks.h"

namespace links {
namespace {

using namespace test;
using ProductsOnAGpu = OnAGpu;

constexpr auto kDouble = torch::kFloat64;

torch::Tensor Rounded(const torch::Tensor& tensor) {
  return tensor.to(torch::kBFloat16).to(kDouble);
}

TEST_F(ProductsOnAGpu, Bf16RoundsOperandsAndNothingElse) {
  torch::manual_seed(1);
  StackedLinear layer(AllFeatures(3, 20), AllFeatures(3, 12));
  UseBfloat16(*layer);
  const torch::Tensor w = layer->weight.detach().clone(), b = layer->bias.detach().clone(),
                      x = torch::randn({3, 16, 20}), slope = torch::randn({3, 16, 12}),
                      residual = torch::randn({3, 16, 12});
  layer->to(gpu_);
  const torch::Tensor product = Rounded(x).matmul(Rounded(w).transpose(1, 2)) + b.to(kDouble);
  const auto lrelu = [](const torch::Tensor& y) { return torch::where(y > 0, y, 0.1 * y); };
  const torch::Tensor on_gpu = x.to(gpu_).requires_grad_();
  const torch::Tensor y = layer->forward(on_gpu);
  EXPECT_LT(Difference(y.cpu(), product), 1e-5);
  EXPECT_LT(Difference(layer->Activated(x.to(gpu_), 0.1).cpu(), lrelu(product)), 1e-5);
  EXPECT_LT(Difference(layer->Residual(x.to(gpu_), residual.to(gpu_), 0.1).cpu(),
                       lrelu(residual.to(kDouble) + lrelu(product))),
            1e-5);
  (y * slope.to(gpu_)).sum().backward();
  EXPECT_LT(Difference(on_gpu.grad().cpu(), Rounded(slope).matmul(Rounded(w))), 1e-5);
  EXPECT_LT(Difference(layer->weight.grad().cpu(), Rounded(slope).transpose(1, 2).matmul(Rounded(x))), 1e-5);
  EXPECT_LT(Difference(layer->bias.grad().cpu(), slope.to(kDouble).sum(1, true)), 1e-5);
}

TEST_F(ProductsOnAGpu, Float32ProductsAreNotRoundedToTf32) {
  SetPrecision(Precision::kTf32);
  torch::manual_seed(1);
  const torch::Tensor a = torch::randn({4, 64, 34}), b = torch::randn({4, 34, 34}),
                      added = torch::randn({4, 1, 34}), slope = torch::randn({4, 64, 34});
  std::vector<torch::Tensor> single, wide;
  for (const torch::Tensor& tensor : {a, b, added}) {
    single.push_back(tensor.to(gpu_).requires_grad_());
    wide.push_back(tensor.to(kDouble).requires_grad_());
  }
  const torch::Tensor found = Float32Product(single[0], single[1], single[2]),
                      expected = wide[0].matmul(wide[1]) + wide[2];
  EXPECT_LT(Difference(found.cpu(), expected), 1e-4);
  (found * slope.to(gpu_)).sum().backward();
  (expected * slope.to(kDouble)).sum().backward();
  for (size_t i = 0; i < single.size(); ++i)
    EXPECT_LT(Difference(single[i].grad().cpu(), wide[i].grad()), 1e-4) << i;
}

TEST_F(ProductsOnAGpu, PrincipalComponentsAreUndoneUnderTf32) {
  SetPrecision(Precision::kTf32);
  torch::manual_seed(1);
  const torch::Tensor samples = torch::randn({500, 34});
  Pca pca(34, 34);
  pca->Fit(samples);
  pca->to(gpu_);
  EXPECT_LT(Difference(pca->Inverse(pca(samples.to(gpu_))).cpu(), samples), 1e-4);
}

TEST_F(ProductsOnAGpu, RotationsAreNotRoundedToTf32) {
  SetPrecision(Precision::kTf32);
  torch::manual_seed(1);
  const torch::Tensor points = torch::randn({3, 5, 17, 3}),
                      rotation = Chain(RotationX(torch::rand({3, 5})), RotationY(torch::rand({3, 5})));
  for (const auto& turn : {Rotate, RotateBack})
    EXPECT_LT(Difference(turn(rotation.to(gpu_), points.to(gpu_)).cpu(), turn(rotation, points)), 1e-6);
}

TEST_F(ProductsOnAGpu, NetworksLiftAndScoreAsOnTheCpu) {
  const torch::Tensor keypoints = RandomKeypoints(300);
  PoseLifters lifters = TinyLifters({Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight});
  PoseFlows flows = TinyFlows();
  const torch::NoGradGuard no_grad;
  const std::vector<LiftedPoses> expected = LiftAll(lifters, keypoints);
  const torch::Tensor nats = flows->NegativeLogLikelihood(flows->segments(), keypoints);
  lifters->to(gpu_);
  flows->to(gpu_);
  const std::vector<LiftedPoses> found = LiftAll(lifters, keypoints.to(gpu_));
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i)
    EXPECT_LT(Difference(found[i].joints, expected[i].joints), 1e-4) << found[i].composition;
  EXPECT_LT(Difference(flows->NegativeLogLikelihood(flows->segments(), keypoints.to(gpu_)).cpu(), nats),
            1e-3);
}

}  // namespace
}  // namespace links
