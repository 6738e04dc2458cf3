#pragma once

#include <torch/nn/module.h>

#include <string>
#include <vector>

namespace links {

/// Weights of the layers of a module whose name contains `part`, of each network of the stack; padding, which
/// is 0, is not counted. A row of the input costs a multiplication each. Reads the weights: not for a hot
/// step.
std::vector<double> WeightsOf(const torch::nn::Module& module, const std::string& part = "");

double Sum(const std::vector<double>& counts);

}  // namespace links
