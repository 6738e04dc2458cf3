#include <torch/torch.h>

#include "stages.h"

namespace links {

NamedModules FullFlowModules(Networks& networks) {
  return {{"full", networks.flows->full().ptr()}};
}

NamedModules SegmentFlowModules(Networks& networks) {
  return {{"segments", networks.flows->stack().ptr()}};
}

NamedModules LifterModules(Networks& networks) {
  return {{"segments", networks.lifters->stack().ptr()}};
}

NamedModules FillerModules(Networks& networks) {
  return {{"o3d", networks.fillers->o3d().ptr()}, {"o2d", networks.fillers->o2d().ptr()}};
}

NamedModules CompletionModules(Networks& networks) {
  return {{"completion", networks.completion.ptr()}};
}

}  // namespace links
