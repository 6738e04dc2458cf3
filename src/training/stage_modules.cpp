#include <torch/torch.h>

#include <algorithm>
#include <string>

#include "stages.h"

namespace links {

std::vector<Segment> SegmentFlows(const RunConfig& config) {
  std::vector<Segment> segments;
  for (Segment segment : kSegments) {
    const auto& names = config.flows.segments;
    if (std::find(names.begin(), names.end(), SegmentName(segment)) != names.end())
      segments.push_back(segment);
  }
  return segments;
}

NamedModules FlowModules(Networks& networks, const std::vector<Segment>& segments) {
  NamedModules modules;
  for (Segment segment : segments) {
    modules.emplace_back(std::string(SegmentName(segment)), networks.flows->flow(segment).ptr());
  }
  return modules;
}

NamedModules LifterModules(Networks& networks) {
  NamedModules modules;
  for (Segment segment : networks.lifters->segments()) {
    modules.emplace_back(std::string(SegmentName(segment)), networks.lifters->lifter(segment).ptr());
  }
  return modules;
}

NamedModules CompletionModules(Networks& networks) {
  return {{"completion", networks.completion.ptr()}};
}

NamedModules FillerModules(Networks& networks) {
  NamedModules modules;
  for (const Scenario& scenario : Scenarios()) {
    modules.emplace_back("o3d_" + scenario.name, networks.fillers->o3d(scenario).ptr());
    modules.emplace_back("o2d_" + scenario.name, networks.fillers->o2d(scenario).ptr());
  }
  return modules;
}

}  // namespace links
