#pragma once

#include <torch/torch.h>

#include <string>

namespace links::test {

/// A second implementation of a lifter in plain matrix products, straight from method sec. 4. It reads the
/// parameters of `lifter` by name.
class PlainLifter {
 public:
  PlainLifter(const torch::nn::Module& lifter, int blocks)
      : values_(lifter.named_parameters()), blocks_(blocks) {}

  /// columns: (B, 2 J) -> (B, J).
  torch::Tensor DepthOffset(const torch::Tensor& columns) const { return Path("depth.", Shared(columns)); }
  /// columns: (B, 2 J) -> (B).
  torch::Tensor Elevation(const torch::Tensor& columns) const {
    return Path("elevation.", Shared(columns)).select(1, 0);
  }

  static torch::Tensor LeakyRelu(const torch::Tensor& x) { return torch::where(x > 0, x, 0.01 * x); }

  torch::Tensor Linear(const std::string& name, const torch::Tensor& x) const {
    return x.mm(values_[name + ".weight"].t()) + values_[name + ".bias"];
  }

  torch::Tensor Residual(const std::string& name, const torch::Tensor& x) const {
    const torch::Tensor hidden = LeakyRelu(Linear(name + "first", x));
    return LeakyRelu(x + LeakyRelu(Linear(name + "second", hidden)));
  }

 private:
  torch::Tensor Shared(const torch::Tensor& columns) const {
    return Residual("shared.", Linear("entry", columns));
  }

  torch::Tensor Path(const std::string& name, torch::Tensor x) const {
    for (int block = 0; block < blocks_; ++block) x = Residual(name + std::to_string(block) + ".", x);
    return Linear(name + std::to_string(blocks_), x);
  }

  torch::OrderedDict<std::string, torch::Tensor> values_;
  int blocks_;
};

}  // namespace links::test
