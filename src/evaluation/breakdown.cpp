#include "links/evaluation/breakdown.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <span>

#include "links/geometry/shapes.h"
#include "links/metrics/result.h"
#include "links/skeleton/skeleton.h"

namespace links {
namespace {

constexpr int kSector = 30;  // degrees
constexpr int64_t kTenths = 10, kChunk = 8192;

}  // namespace

torch::Tensor Azimuths(const torch::Tensor& joints) {
  CheckLastSizes(joints, {-1, kJoints, 3}, "joints");
  const torch::Tensor p = joints.to(torch::kFloat64);
  const torch::Tensor across = p.select(1, kLHip) - p.select(1, kRHip);
  const torch::Tensor front = torch::cross(across, p.select(1, kThorax) - p.select(1, kRoot), -1);
  const torch::Tensor degrees =
      torch::atan2(front.select(1, 0), -front.select(1, 2)) * (180 / std::numbers::pi);
  return torch::remainder(degrees, 360);
}

Grouping ByAzimuth(const torch::Tensor& joints) {
  const torch::Tensor degrees = Azimuths(joints).contiguous();
  const std::span<const double> of_poses(degrees.const_data_ptr<double>(),
                                         static_cast<size_t>(degrees.numel()));
  Grouping grouping{kByAzimuth, {}};
  for (const double azimuth : of_poses) {
    const int sector = static_cast<int>(azimuth / kSector) % (360 / kSector);
    char name[16];
    std::snprintf(name, sizeof name, "%03d..%03d", kSector * sector, kSector * (sector + 1));
    grouping.group.emplace_back(name);
  }
  return grouping;
}

torch::Tensor LikelihoodsOf(PoseFlows& flows, const torch::Tensor& keypoints) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> parts;
  for (int64_t first = 0; first < keypoints.size(0); first += kChunk) {
    const torch::Tensor chunk = keypoints.narrow(0, first, std::min(kChunk, keypoints.size(0) - first));
    parts.push_back(flows->NegativeLogLikelihood({Segment::kFull}, chunk).reshape({-1}).cpu());
  }
  return torch::cat(parts);
}

Grouping ByLikelihood(const torch::Tensor& nats) {
  const torch::Tensor values = nats.to(torch::kFloat64).contiguous();
  const int64_t count = values.size(0);
  const torch::Tensor order = values.argsort(/*stable=*/true, 0, false);
  const auto* of_poses = values.const_data_ptr<double>();
  const auto* rows = order.const_data_ptr<int64_t>();
  Grouping grouping{kByLikelihood, std::vector<std::string>(static_cast<size_t>(count))};
  for (int64_t tenth = 0; tenth < kTenths; ++tenth) {
    const int64_t first = tenth * count / kTenths, end = (tenth + 1) * count / kTenths;
    if (first == end) continue;
    char name[64];
    std::snprintf(name, sizeof name, "%02d: %.2f..%.2f", static_cast<int>(tenth + 1), of_poses[rows[first]],
                  of_poses[rows[end - 1]]);
    for (int64_t i = first; i < end; ++i) grouping.group[static_cast<size_t>(rows[i])] = name;
  }
  return grouping;
}

}  // namespace links
