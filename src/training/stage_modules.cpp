#include <torch/torch.h>

#include "links/core/error.h"
#include "stages.h"

namespace links {

NamedModules StageModules(const std::string& name, Networks& networks) {
  if (name == "full_flow") return {{"full", networks.flows->full().ptr()}};
  if (name == "segment_flows") return {{"segments", networks.flows->stack().ptr()}};
  if (name == "lifters") return {{"segments", networks.lifters->stack().ptr()}};
  if (name == "occlusion")
    return {{"o3d", networks.fillers->o3d().ptr()}, {"o2d", networks.fillers->o2d().ptr()}};
  if (name == "completion") return {{"completion", networks.completion.ptr()}};
  throw Error("expected the name of a stage, found '", name, "'");
}

}  // namespace links
