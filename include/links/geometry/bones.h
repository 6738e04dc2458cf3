#pragma once

#include <torch/types.h>

namespace links {

/// The lengths of a pose's 16 bones, each as a multiple of their mean: (..., 17, 3) -> (..., 16).
torch::Tensor RelativeBoneLengths(const torch::Tensor& pose);

}  // namespace links
