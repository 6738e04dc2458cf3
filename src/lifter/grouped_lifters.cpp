#include "links/lifter/grouped_lifters.h"

#include <torch/types.h>

#include <algorithm>
#include <utility>

#include "links/geometry/shapes.h"

namespace links {

GroupedLifters::GroupedLifters(std::vector<LifterGroup> of, const torch::Tensor& like)
    : groups(std::move(of)) {
  std::ranges::sort(groups, {}, [](const LifterGroup& group) { return group.segments.front(); });
  std::vector<int64_t> pose_group, segment_group, view;
  for (size_t g = 0; g < groups.size(); ++g) {
    for (const size_t own_view : groups[g].view_of_segment) {
      view.push_back(static_cast<int64_t>(poses.size() + own_view));
      segment_group.push_back(static_cast<int64_t>(g));
    }
    segments.insert(segments.end(), groups[g].segments.begin(), groups[g].segments.end());
    for (const Composition& pose : groups[g].poses) {
      poses.push_back(pose);
      pose_group.push_back(static_cast<int64_t>(g));
    }
  }
  const auto indices = [&](const std::vector<int64_t>& values) {
    return torch::tensor(values, torch::kInt64).to(like.device());
  };
  const auto members = [&](const torch::Tensor& group_of) {
    const auto count = static_cast<int64_t>(groups.size());
    return (torch::arange(count, group_of.options()).unsqueeze(1) == group_of).to(like.scalar_type());
  };
  group_of_pose = indices(pose_group);
  view_of_segment = indices(view);
  poses_in_group = members(group_of_pose);
  segments_in_group = members(indices(segment_group));
}

// Not as a product, which a GPU would round to TF32.
torch::Tensor SumOverMembers(const torch::Tensor& members, const torch::Tensor& values) {
  return (InsertAxes(members, 2, values.dim() + 1) * values).sum(1);
}

}  // namespace links
