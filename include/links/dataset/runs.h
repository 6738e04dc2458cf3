#pragma once

#include <torch/types.h>

namespace links {

// R runs that are trained side by side. Their batches of B poses lie one after the other: R B rows. Each has
// S networks (say, one a segment); network s of run r is number s R + r.

/// What the networks see or say, from run by run in the batch to network by network:
/// (S, R B, ...) -> (S R, B, ...).
torch::Tensor SplitRuns(const torch::Tensor& by_batch, int64_t runs);
/// The inverse: (S R, B, ...) -> (S, R B, ...).
torch::Tensor JoinRuns(const torch::Tensor& by_network, int64_t runs);

/// The networks of one run, a view: (S R, ...) -> (S, ...).
torch::Tensor PartOfRun(const torch::Tensor& by_network, int64_t run, int64_t runs);

/// Rows that follow the rows of the same run: R A and R B rows -> R (A + B). Rows are dimension `dim`.
torch::Tensor AppendByRun(const torch::Tensor& a, const torch::Tensor& b, int64_t runs, int64_t dim = 0);

}  // namespace links
