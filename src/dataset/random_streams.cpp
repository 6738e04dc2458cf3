#include "links/dataset/random_streams.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/types.h>
#ifdef LINKS_CUDA
#include <ATen/cuda/CUDAGeneratorImpl.h>
#endif

#include <mutex>

#include "links/core/error.h"

namespace links {
namespace {

at::Generator MakeGenerator(torch::Device device) {
#ifdef LINKS_CUDA
  if (device.is_cuda()) return at::cuda::detail::createCUDAGenerator(device.index());
#else
  static_cast<void>(device);
#endif
  return at::detail::createCPUGenerator();
}

}  // namespace

RandomStreams::RandomStreams(int64_t runs, torch::Device device) {
  for (int64_t run = 0; run < runs; ++run) generators_.push_back(MakeGenerator(device));
}

void RandomStreams::Seed(int64_t run, uint64_t seed) {
  at::Generator generator = generators_.at(static_cast<size_t>(run));
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_current_seed(seed);
}

std::optional<at::Generator> RandomStreams::Of(int64_t run) const {
  if (generators_.empty()) return std::nullopt;
  return generators_[static_cast<size_t>(run)];
}

torch::Tensor RandomStreams::Draw(const torch::Tensor& like, int64_t dim, torch::ScalarType type,
                                  const Fill& fill) const {
  torch::Tensor all = torch::empty(like.sizes(), like.options().dtype(type));
  if (runs() == 1) {
    fill(all, Of(0));
    return all;
  }
  if (like.size(dim) != runs())
    throw Error("expected numbers for ", runs(), " runs, found a shape for ", like.size(dim));
  for (int64_t run = 0; run < runs(); ++run) {
    torch::Tensor own = torch::empty_like(all.select(dim, run), torch::MemoryFormat::Contiguous);
    fill(own, Of(run));
    all.select(dim, run).copy_(own);
  }
  return all;
}

torch::Tensor RandomStreams::Normal(const torch::Tensor& like, int64_t dim) const {
  return Draw(like, dim, like.scalar_type(),
              [](torch::Tensor& out, const auto& generator) { out.normal_(0, 1, generator); });
}

torch::Tensor RandomStreams::Uniform(const torch::Tensor& like, int64_t dim) const {
  return Draw(like, dim, like.scalar_type(),
              [](torch::Tensor& out, const auto& generator) { out.uniform_(0, 1, generator); });
}

torch::Tensor RandomStreams::Below(int64_t end, const torch::Tensor& like, int64_t dim) const {
  return Draw(like, dim, torch::kInt64,
              [end](torch::Tensor& out, const auto& generator) { out.random_(0, end, generator); });
}

torch::Tensor RandomStreams::Permutations(int64_t count) const {
  std::vector<torch::Tensor> orders;
  for (int64_t run = 0; run < runs(); ++run) {
    orders.push_back(torch::randperm(count, Of(run), torch::TensorOptions(torch::kInt64)));
  }
  return torch::stack(orders);
}

}  // namespace links
