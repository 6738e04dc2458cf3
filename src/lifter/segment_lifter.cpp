#include "links/lifter/segment_lifter.h"

#include <torch/torch.h>

#include "links/geometry/shapes.h"

namespace links {
namespace {

torch::nn::Sequential MakePath(int64_t outputs, const LifterOptions& options) {
  torch::nn::Sequential path;
  for (int64_t block = 0; block < options.blocks_per_path; ++block)
    path->push_back(ResidualBlock(options.width));
  torch::nn::Linear head(options.width, outputs);
  if (options.head_gain != 1) {
    const torch::NoGradGuard no_grad;
    head->weight.mul_(options.head_gain);
    head->bias.zero_();
  }
  path->push_back(head);
  return path;
}

}  // namespace

SegmentLifterImpl::SegmentLifterImpl(int64_t joints, const LifterOptions& options)
    : fits_standardisation_(options.standardise),
      standardise_(register_module("standardise", Standardise(2 * joints))),
      entry_(register_module("entry", torch::nn::Linear(2 * joints, options.width))),
      shared_(register_module("shared", ResidualBlock(options.width))),
      depth_path_(register_module("depth", MakePath(joints, options))),
      elevation_path_(register_module("elevation", MakePath(1, options))) {}

torch::Tensor SegmentLifterImpl::Shared(const torch::Tensor& columns) {
  CheckShape(columns, {-1, entry_->options.in_features()}, "lifter input");
  return shared_(entry_(standardise_(columns)));
}

void SegmentLifterImpl::FitStandardisation(const torch::Tensor& samples) {
  if (fits_standardisation_) standardise_->Fit(samples);
}

}  // namespace links
