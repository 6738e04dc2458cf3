#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <string>
#include <vector>

namespace links::test {

using Columns = std::vector<int64_t>;

/// The columns of joints that lie joint after joint: (x, y) of the first, (x, y) of the second, ...
inline Columns ColumnsOf(const std::vector<int>& joints, int64_t coordinates) {
  Columns columns;
  for (const int64_t joint : joints)
    for (int64_t k = 0; k < coordinates; ++k) columns.push_back(joint * coordinates + k);
  return columns;
}

/// `x` at the columns, which are counted along `dim`.
inline torch::Tensor Take(const torch::Tensor& x, int64_t dim, const Columns& columns) {
  return x.index_select(dim, torch::tensor(columns, torch::kInt64));
}

/// One network of a stack again, in plain matrix products. It reads its parameters by name: number `member`
/// of the stack's.
class PlainNetwork {
 public:
  PlainNetwork(const torch::nn::Module& stack, int64_t member)
      : values_(stack.named_parameters()), member_(member) {}

  static torch::Tensor LeakyRelu(const torch::Tensor& x) { return torch::where(x > 0, x, 0.01 * x); }

  /// inputs: the stack's columns that x (B, in) has, outputs: those that are wanted; empty = all.
  torch::Tensor Linear(const std::string& name, const torch::Tensor& x, const Columns& inputs = {},
                       const Columns& outputs = {}) const {
    torch::Tensor weight = values_[name + ".weight"][member_], bias = values_[name + ".bias"][member_][0];
    if (!inputs.empty()) weight = Take(weight, 1, inputs);
    if (!outputs.empty()) weight = Take(weight, 0, outputs), bias = Take(bias, 0, outputs);
    return x.mm(weight.t()) + bias;
  }

  torch::Tensor Residual(const std::string& name, const torch::Tensor& x) const {
    const torch::Tensor hidden = LeakyRelu(Linear(name + "first", x));
    return LeakyRelu(x + LeakyRelu(Linear(name + "second", hidden)));
  }

  torch::Tensor Path(const std::string& name, torch::Tensor x, int blocks,
                     const Columns& outputs = {}) const {
    for (int block = 0; block < blocks; ++block)
      x = Residual(name + "blocks." + std::to_string(block) + ".", x);
    return Linear(name + "head", x, {}, outputs);
  }

  /// A linear layer, then a path.
  torch::Tensor Network(const torch::Tensor& x, int blocks, const Columns& inputs = {},
                        const Columns& outputs = {}) const {
    return Path("branch.", Linear("entry", x, inputs), blocks, outputs);
  }

 private:
  torch::OrderedDict<std::string, torch::Tensor> values_;
  int64_t member_;
};

}  // namespace links::test
