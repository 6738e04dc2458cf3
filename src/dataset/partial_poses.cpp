#include "links/dataset/partial_poses.h"

#include <torch/types.h>

#include <vector>

#include "links/core/error.h"

namespace links {

PartialPoses::PartialPoses(const torch::Tensor& keypoints) {
  const torch::Tensor is_seen = keypoints.isnan().any(-1).logical_not(), whole = is_seen.all(1);
  const torch::Tensor order =
      torch::cat({whole.nonzero().squeeze(1), whole.logical_not().nonzero().squeeze(1)});
  complete = whole.sum().item<int64_t>();
  seen = is_seen.index_select(0, order);
  poses = torch::nan_to_num(keypoints.index_select(0, order), 0.0) * seen.unsqueeze(-1);
}

torch::Tensor PartialPoses::Complete() const {
  return torch::arange(complete, torch::kInt64);
}

torch::Tensor PartialPoses::PartialWith(Segment segment) const {
  const std::vector<int> joints = NeededJoints(segment);
  const torch::Tensor needed =
      torch::tensor(std::vector<int64_t>(joints.begin(), joints.end()), torch::kInt64);
  const torch::Tensor shows = seen.index_select(1, needed).all(1);
  return shows.narrow(0, complete, shows.size(0) - complete).nonzero().squeeze(1) + complete;
}

torch::Tensor PartialPoses::With(Segment segment) const {
  return torch::cat({Complete(), PartialWith(segment)});
}

std::string PartialPoses::Text() const {
  std::string text = Concat("all 17 joints are seen of ", complete, " of ", seen.size(0), " poses");
  for (const Segment segment : kSegments) {
    if (segment == Segment::kFull) continue;
    text += Concat(", ", SegmentName(segment), " of ", complete + PartialWith(segment).size(0));
  }
  return text;
}

}  // namespace links
