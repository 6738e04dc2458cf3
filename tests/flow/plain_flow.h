#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <cmath>
#include <string>
#include <vector>

#include "flow/own_flow.h"

namespace links::test {

/// A second implementation of the flow, one pose and number at a time, straight from docs/method.md sec. 3.
/// It reads what belongs to flow `n` of a stack by name.
class PlainFlow {
 public:
  PlainFlow(const torch::nn::Module& stack, int64_t n, int64_t channels, const FlowOptions& options)
      : blocks_(static_cast<int>(options.blocks)),
        hidden_layers_(static_cast<int>(options.hidden_layers)),
        clamp_(options.clamp),
        clamp_quotient_(options.clamp_variant == ClampVariant::kTanhOfQuotient) {
    const OwnPart part(stack, n, channels);
    for (const auto& tensors : {stack.named_parameters(), stack.named_buffers()}) {
      for (const auto& item : tensors) {
        if (IsOfEachFlow(item.key())) values_.insert(item.key(), part.Of(item.key(), item.value().detach()));
      }
    }
  }

  double NegativeLogLikelihood(std::vector<double> x) const {
    const size_t columns = x.size();
    double log_det = 0;
    for (size_t i = 0; i < columns; ++i) {
      const double deviation = At("standardise.deviation", i);
      x[i] = (x[i] - At("standardise.mean", i)) / deviation;
      log_det -= std::log(deviation);
    }
    for (int block = 0; block < blocks_; ++block)
      x = Block("blocks." + std::to_string(block) + ".", x, log_det);
    double nll = -log_det;
    for (double z : x) nll += 0.5 * z * z + 0.5 * std::log(2 * 3.14159265358979323846);
    return nll;
  }

 private:
  double At(const std::string& name, size_t i) const {
    return values_[name][static_cast<int64_t>(i)].item<double>();
  }

  std::vector<double> Linear(const std::string& name, const std::vector<double>& x) const {
    const torch::Tensor& weight = values_[name + ".weight"];
    std::vector<double> y(static_cast<size_t>(weight.size(0)));
    for (size_t row = 0; row < y.size(); ++row) {
      y[row] = At(name + ".bias", row);
      for (size_t i = 0; i < x.size(); ++i) {
        y[row] += weight[static_cast<int64_t>(row)][static_cast<int64_t>(i)].item<double>() * x[i];
      }
    }
    return y;
  }

  std::vector<double> Block(const std::string& name, std::vector<double> x, double& log_det) const {
    const size_t active = x.size() / 2, passive = x.size() - active;
    std::vector<double> h(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(passive));
    for (int layer = 0; layer < hidden_layers_; ++layer) {
      h = Linear(name + "network." + std::to_string(layer), h);
      for (double& value : h) value = std::max(value, 0.0);
    }
    h = Linear(name + "network." + std::to_string(hidden_layers_), h);
    for (size_t i = 0; i < active; ++i) {
      const double a_s = 0.1 * h[i], a_t = 0.1 * h[active + i];
      const double s = clamp_ * std::tanh(clamp_quotient_ ? a_s / clamp_ : a_s);
      x[passive + i] = x[passive + i] * std::exp(s) + a_t;
      log_det += s;
    }
    for (size_t i = 0; i < x.size(); ++i) {
      const double scale =
          0.1 * 2 * std::log(1 + std::exp(At(name + "actnorm_scale", i) / 2));  // softplus with beta 1/2
      x[i] = scale * x[i] + At(name + "actnorm_offset", i);
      log_det += std::log(scale);
    }
    std::vector<double> turned(x.size());
    for (size_t row = 0; row < x.size(); ++row) {
      for (size_t i = 0; i < x.size(); ++i) {
        turned[row] +=
            values_[name + "permutation"][static_cast<int64_t>(row)][static_cast<int64_t>(i)].item<double>() *
            x[i];
      }
    }
    return turned;
  }

  torch::OrderedDict<std::string, torch::Tensor> values_;
  int blocks_, hidden_layers_;
  double clamp_;
  bool clamp_quotient_;
};

}  // namespace links::test
