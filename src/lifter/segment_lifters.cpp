#include "links/lifter/segment_lifters.h"

#include <torch/types.h>

#include "links/dataset/features.h"
#include "links/network/weight_count.h"
#include "links/skeleton/skeleton.h"

namespace links {

SegmentLiftersImpl::SegmentLiftersImpl(const torch::Tensor& joints, const LifterOptions& options)
    : fits_standardisation_(options.standardise),
      inputs_(register_buffer("inputs", FeatureMask(joints, 2).unsqueeze(-2))),
      standardise_(register_module("standardise", Standardise(2 * kJoints))),
      entry_(register_module("entry",
                             StackedLinear(FeatureMask(joints, 2), AllFeatures(joints, options.width)))),
      trunk_(register_module("trunk", ResidualBlock(AllFeatures(joints, options.width)))),
      depth_(register_module(
          "depth", ResidualBranch(options.width, options.blocks_per_branch, joints, options.head_gain))),
      elevation_(register_module("elevation", ResidualBranch(options.width, options.blocks_per_branch,
                                                             AllFeatures(joints, 1), options.head_gain))) {}

torch::Tensor SegmentLiftersImpl::Trunk(const torch::Tensor& pose, int64_t first, int64_t count) {
  const torch::Tensor features = standardise_(pose.flatten(-2));
  const torch::Tensor seen =
      torch::where(inputs_.narrow(0, first, count), features, torch::zeros({}, features.options()));
  return trunk_->forward(entry_->forward(seen, first), first);
}

LifterMultiplications SegmentLiftersImpl::Multiplications() const {
  LifterMultiplications counts{WeightsOf(*this), WeightsOf(*this, "elevation"), WeightsOf(*this, "entry")};
  for (size_t n = 0; n < counts.depths.size(); ++n) counts.depths[n] -= counts.elevation[n];
  return counts;
}

void SegmentLiftersImpl::FitStandardisation(const torch::Tensor& poses) {
  if (fits_standardisation_) standardise_->Fit(poses.flatten(1));
}

}  // namespace links
