#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

namespace links::test {

/// Moves a module to double precision. Module::to would also convert numbers of joints and truth values.
inline void ToDouble(torch::nn::Module& module) {
  for (torch::Tensor& parameter : module.parameters()) parameter.set_data(parameter.to(torch::kFloat64));
  for (torch::Tensor& buffer : module.buffers()) {
    if (buffer.is_floating_point()) buffer.set_data(buffer.to(torch::kFloat64));
  }
}

}  // namespace links::test
