#include <torch/torch.h>

#include <string>

#include "stages.h"

namespace links {

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

NamedModules FillerModules(Networks& networks) {
  NamedModules modules;
  for (const Scenario& scenario : Scenarios()) {
    modules.emplace_back("o3d_" + scenario.name, networks.fillers->o3d(scenario).ptr());
    modules.emplace_back("o2d_" + scenario.name, networks.fillers->o2d(scenario).ptr());
  }
  return modules;
}

}  // namespace links
