#pragma once

#include <torch/types.h>

namespace links {

// An ensemble is R runs that are trained side by side as one network. Its batches are (R, B, ...), and its
// networks' parameters have R as their second dimension, behind the stack's: (S, R, ...). A single run has no
// such dimension. Shapes below and in the modules write "..." for R or nothing.

/// Which features each of S networks uses, for every run: (S, C) -> (S, ..., C).
torch::Tensor ForEachRun(const torch::Tensor& mask, int64_t runs);

/// What the networks of a single run have of an ensemble's parameter, a view: (S, R, C) -> (S, C).
torch::Tensor OfRun(const torch::Tensor& of_ensemble, int64_t run);

/// One copy of a batch for every run, a view: (B, ...) -> (R, B, ...), of a single run (B, ...).
torch::Tensor RepeatForRuns(const torch::Tensor& batch, int64_t runs);

}  // namespace links
