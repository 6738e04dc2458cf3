#include "links/run/networks.h"

#include <torch/nn/module.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <set>

#include "links/core/error.h"
#include "links/network/ensemble.h"
#include "links/network/stacked_linear.h"

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
  for (const std::string& name : config.lifters.groups) groups.push_back(FindLifterGroup(name));
  return groups;
}

std::vector<LifterGroup> JudgedGroups(const RunConfig& config) {
  std::vector<LifterGroup> groups = LifterGroups(config);
  if (config.lifters.sides_teacher != SidesTeacher::kNone)
    std::erase_if(groups, [](const LifterGroup& group) { return group.name == kSidesGroup; });
  return groups;
}

std::vector<Segment> SegmentFlows(const RunConfig& config) {
  std::vector<Segment> segments;
  for (Segment segment : kSegments) {
    if (std::ranges::count(config.flows.segments, segment) > 0) segments.push_back(segment);
  }
  return segments;
}

std::set<std::string> NetworkNames() {
  return {kFullFlow, kSegmentFlows, kLifters, kFiller3d, kFiller2d, kCompletion};
}

Networks::Networks(const RunConfig& config, torch::Device device, const std::set<std::string>& wanted,
                   int64_t runs) {
  std::set<Segment> lifted;
  for (const LifterGroup& group : LifterGroups(config))
    lifted.insert(group.segments.begin(), group.segments.end());
  // Each from a seed of its own, whatever others there are.
  if (wanted.contains(kFullFlow) || wanted.contains(kSegmentFlows)) {
    const std::vector<Segment> segments =
        wanted.contains(kSegmentFlows) ? SegmentFlows(config) : std::vector<Segment>();
    torch::manual_seed(DeriveSeed(config.seed, "flows"));
    flows = PoseFlows(config.flows.network, config.include_root, segments, config.flows.full_pca, runs);
  }
  if (wanted.contains(kLifters)) {
    torch::manual_seed(DeriveSeed(config.seed, "lifters"));
    lifters = PoseLifters(std::vector<Segment>(lifted.begin(), lifted.end()), config.lifters.network,
                          config.include_root, runs);
    lifters->SetWholePose(config.lifters.whole_pose);
  }
  if (wanted.contains(kFiller3d) || wanted.contains(kFiller2d)) {
    torch::manual_seed(DeriveSeed(config.seed, "fillers"));
    fillers = Fillers(config.occlusion.network, runs);
  }
  if (wanted.contains(kCompletion)) {
    torch::manual_seed(DeriveSeed(config.seed, "completion"));
    completion = Completion(config.completion.network, runs);
  }
  if (config.precision == Precision::kBf16) {
    if (lifters) UseBfloat16(*lifters);
    if (fillers) UseBfloat16(*fillers);
    if (completion) UseBfloat16(*completion);
  }
  const auto freeze = [&](torch::nn::Module& module) {
    module.to(device);
    for (torch::Tensor& parameter : module.parameters()) parameter.requires_grad_(false);
  };
  if (flows) freeze(*flows);
  if (lifters) freeze(*lifters);
  if (fillers) freeze(*fillers);
  if (completion) freeze(*completion);
}

NamedModules Networks::All() {
  NamedModules all;
  if (flows) all.emplace_back(kFullFlow, flows->full().ptr());
  if (flows && flows->stack()) all.emplace_back(kSegmentFlows, flows->stack().ptr());
  if (lifters) all.emplace_back(kLifters, lifters->stack().ptr());
  if (fillers) all.emplace_back(kFiller3d, fillers->o3d().ptr());
  if (fillers) all.emplace_back(kFiller2d, fillers->o2d().ptr());
  if (completion) all.emplace_back(kCompletion, completion.ptr());
  return all;
}

NamedModules Networks::Select(const std::vector<std::string>& names) {
  const NamedModules all = All();
  NamedModules selected;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(all, name, &NamedModules::value_type::first);
    if (found == all.end()) throw Error("expected the name of a network of the run, found '", name, "'");
    selected.push_back(*found);
  }
  return selected;
}

NamedTensors StateOf(const NamedModules& modules) {
  NamedTensors all;
  for (const auto& [prefix, module] : modules) {
    const auto add = [&, prefix = prefix](const auto& items) {
      for (const auto& item : items) all.emplace_back("networks." + prefix + "." + item.key(), item.value());
    };
    add(module->named_parameters());
    add(module->named_buffers());
  }
  return all;
}

Networks Networks::Ensemble(const RunConfig& config, torch::Device device,
                            const std::vector<Networks>& of_runs, const std::set<std::string>& wanted) {
  const auto runs = static_cast<int64_t>(of_runs.size());
  Networks all(config, device, wanted, runs);
  for (const auto& [name, module] : all.All()) {
    for (int64_t run = 0; run < runs; ++run) {
      Networks own = of_runs[static_cast<size_t>(run)];
      ForEachShared(*own.Select({name}).front().second, *module, run,
                    [](const torch::Tensor& of_run, const torch::Tensor& part) { part.copy_(of_run); });
    }
  }
  return all;
}

void ForEachShared(const torch::nn::Module& of_run, const torch::nn::Module& ensemble, int64_t run,
                   const std::function<void(torch::Tensor own, torch::Tensor part)>& visit) {
  const torch::NoGradGuard no_grad;
  const auto visit_all = [&](const auto& own, const auto& all) {
    for (const auto& item : own) {
      const torch::Tensor& stacked = all[item.key()];
      // What runs share, statistics of the training poses or tables, has no part of a run.
      const bool shared = stacked.sizes() == item.value().sizes();
      visit(item.value(), shared ? stacked : OfRun(stacked, run));
    }
  };
  visit_all(of_run.named_parameters(), ensemble.named_parameters());
  visit_all(of_run.named_buffers(), ensemble.named_buffers());
}

}  // namespace links
