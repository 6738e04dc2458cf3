#pragma once

#include <ATen/core/Generator.h>
#include <torch/types.h>

#include <functional>
#include <optional>
#include <vector>

namespace links {

/// The random streams of an ensemble (network/ensemble.h). Each run draws its part from a generator of its
/// own, so that it sees the numbers that it would see alone.
class RandomStreams {
 public:
  /// One run, which draws from the default generator of the device.
  RandomStreams() = default;
  /// So many runs with generators of their own on `device`; Seed comes first.
  RandomStreams(int64_t runs, torch::Device device);

  int64_t runs() const { return generators_.empty() ? 1 : static_cast<int64_t>(generators_.size()); }
  /// Reseeds a run's generator.
  void Seed(int64_t run, uint64_t seed);
  /// Empty where the default generator is used.
  const std::vector<at::Generator>& generators() const { return generators_; }

  /// Numbers in the shape of `like`, whose dimension `dim` counts an ensemble's runs: from N(0, 1),
  torch::Tensor Normal(const torch::Tensor& like, int64_t dim = 0) const;
  /// uniform in [0, 1),
  torch::Tensor Uniform(const torch::Tensor& like, int64_t dim = 0) const;
  /// from 0 to below `end`, int64.
  torch::Tensor Below(int64_t end, const torch::Tensor& like, int64_t dim = 0) const;
  /// A permutation of `count` for each run, (R, count) int64 on the CPU, whose generators these have to be.
  torch::Tensor Permutations(int64_t count) const;

 private:
  using Fill = std::function<void(torch::Tensor&, const std::optional<at::Generator>&)>;
  torch::Tensor Draw(const torch::Tensor& like, int64_t dim, torch::ScalarType type, const Fill& fill) const;
  std::optional<at::Generator> Of(int64_t run) const;

  std::vector<at::Generator> generators_;
};

}  // namespace links
