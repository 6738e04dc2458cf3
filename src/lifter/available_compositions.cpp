#include "links/lifter/available_compositions.h"

namespace links {

std::vector<Composition> AvailableCompositions(PoseLifters& lifters) {
  std::vector<Composition> available;
  for (const Composition& composition : {LegsTorso(), LeftCore(), RightCore(), FullPose()}) {
    if (lifters->Has(composition)) available.push_back(composition);
  }
  return available;
}

}  // namespace links
