#include "links/network/weight_count.h"

#include <torch/types.h>

#include <numeric>

namespace links {

std::vector<double> WeightsOf(const torch::nn::Module& module, const std::string& part) {
  std::vector<double> counts;
  for (const auto& parameter : module.named_parameters()) {
    const std::string& name = parameter.key();
    if (!name.ends_with("weight") || name.find(part) == std::string::npos) continue;
    const torch::Tensor used = parameter->ne(0).flatten(1).sum(1);
    counts.resize(static_cast<size_t>(used.size(0)));
    for (size_t n = 0; n < counts.size(); ++n) counts[n] += used[static_cast<int64_t>(n)].item<double>();
  }
  return counts;
}

double Sum(const std::vector<double>& counts) {
  return std::accumulate(counts.begin(), counts.end(), 0.);
}

}  // namespace links
