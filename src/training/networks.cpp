#include "links/training/networks.h"

#include <torch/torch.h>

#include "links/network/stacked_linear.h"

#include <algorithm>
#include <set>

namespace links {

uint64_t DeriveSeed(int64_t seed, const std::string& use, int64_t number) {
  // FNV-1a over the three, then the finaliser of splitmix64.
  uint64_t hash = 0xcbf29ce484222325u;
  const auto mix = [&](uint64_t byte) { hash = (hash ^ byte) * 0x100000001b3u; };
  for (int shift = 0; shift < 64; shift += 8) mix((static_cast<uint64_t>(seed) >> shift) & 0xff);
  for (unsigned char letter : use) mix(letter);
  for (int shift = 0; shift < 64; shift += 8) mix((static_cast<uint64_t>(number) >> shift) & 0xff);
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
  return hash ^ (hash >> 31);
}

std::vector<LifterGroup> LifterGroups(const RunConfig& config) {
  std::vector<LifterGroup> groups;
  for (const std::string& name : config.lifters.groups) groups.push_back(MakeLifterGroup(name));
  return groups;
}

std::vector<Segment> SegmentFlows(const RunConfig& config) {
  std::vector<Segment> segments;
  for (Segment segment : kSegments) {
    const auto& names = config.flows.segments;
    if (std::ranges::find(names, SegmentName(segment)) != names.end()) segments.push_back(segment);
  }
  return segments;
}

Networks::Networks(const RunConfig& config, torch::Device device) {
  std::set<Segment> lifted;
  for (const LifterGroup& group : LifterGroups(config))
    lifted.insert(group.segments.begin(), group.segments.end());
  torch::manual_seed(DeriveSeed(config.seed, "flows"));
  flows = PoseFlows(config.flows.network, config.include_root, SegmentFlows(config), config.flows.full_pca);
  torch::manual_seed(DeriveSeed(config.seed, "lifters"));
  lifters = PoseLifters(std::vector<Segment>(lifted.begin(), lifted.end()), config.lifters.network,
                        config.include_root);
  torch::manual_seed(DeriveSeed(config.seed, "fillers"));
  fillers = Fillers(config.occlusion.network);
  torch::manual_seed(DeriveSeed(config.seed, "completion"));
  completion = Completion(config.completion.network);
  if (config.precision == "bf16") {
    UseBfloat16(*lifters);
    UseBfloat16(*fillers);
    UseBfloat16(*completion);
  }
  const std::vector<std::shared_ptr<torch::nn::Module>> all = {flows.ptr(), lifters.ptr(), fillers.ptr(),
                                                               completion.ptr()};
  for (const auto& module : all) {
    module->to(device);
    for (torch::Tensor& parameter : module->parameters()) parameter.requires_grad_(false);
  }
}

}  // namespace links
