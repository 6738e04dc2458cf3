#include <torch/types.h>

#include "links/dataset/normalisation.h"
#include "links/geometry/bones.h"
#include "links/training/train_run.h"

namespace links {

torch::Tensor BoneRatios(const DataOptions& options, const PoseData& training) {
  if (options.bone_ratios == BoneRatioSource::kHuman36m) {
    return torch::tensor(std::vector<double>(kHuman36mBoneRatios.begin(), kHuman36mBoneRatios.end()))
        .to(torch::kFloat32);
  }
  if (options.bone_ratios == BoneRatioSource::kValues)
    return torch::tensor(options.bone_ratio_values).to(torch::kFloat32);
  const PoseData from_file =
      options.bone_ratios == BoneRatioSource::kFile ? ReadPoseFile(options.bone_ratio_file) : PoseData();
  const PoseData& source = options.bone_ratios == BoneRatioSource::kFile ? from_file : training;
  return RelativeBoneLengths(RootCentredJoints(source)).to(torch::kFloat64).mean(0).to(torch::kFloat32);
}

}  // namespace links
