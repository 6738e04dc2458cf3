#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>

#include "links/data/pose_file.h"

namespace links {

/// Poses that a run's full-pose flow draws from the prior of its latents, with the depths that its lifters
/// give them: they stand for those the run was trained on where these are gone, so that training it further
/// forgets less (generative replay; Shin et al., NeurIPS 2017). Pixels of the training set's scale, mm; at
/// most `count`, those that do not lie in front of the camera are left out. The same for the same seed on a
/// device. Throws Error when the run lacks the full-pose flow or the lifters, or most poses are left out.
PoseData ReplayPoses(const std::string& run, int64_t count, uint64_t seed, torch::Device device);

}  // namespace links
