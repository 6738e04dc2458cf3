#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "links/completion/completion.h"
#include "links/data/pose_file.h"
#include "support/tiny_networks.h"

namespace links::test {

/// Tiny lifters, fillers and completion, and poses that the lifters are `noise_mm` off of.
class TinyScoredTest : public testing::Test {
 protected:
  explicit TinyScoredTest(int64_t poses, double noise_mm = 0) : keypoints_(RandomKeypoints(poses)) {
    const torch::NoGradGuard no_grad;
    const torch::Tensor joints = lifters_->LiftPose(LegsTorso(), keypoints_);
    completion_->Fit(joints, keypoints_);
    torch::Tensor mm = (600 * joints).contiguous();
    if (noise_mm > 0) mm += noise_mm * torch::randn_like(joints);
    data_.keypoints_2d.assign(34 * poses, 0);
    data_.joints_3d.assign(mm.data_ptr<float>(), mm.data_ptr<float>() + mm.numel());
  }

  PoseLifters lifters_ = TinyLifters({Segment::kLegs, Segment::kTorso, Segment::kLeft, Segment::kRight});
  Fillers fillers_ = TinyFillers();
  Completion completion_{CompletionOptions{.width = 8, .blocks = 1, .root_width = 8}};
  torch::Tensor keypoints_;
  PoseData data_;
};

}  // namespace links::test
