#include "sleap.h"

#include "../data/hdf5_file.h"
#include "links/core/error.h"

namespace links {

void RefuseSleap(const std::string& path) {
  const hdf5::File file(path, "a pose file");
  const auto has = [&](const char* name) { return file.Has(name); };
  if ((has("node_names") && has("tracks")) || (has("instances") && has("pred_points"))) {
    throw Error(
        path,
        ": expected a pose file, found SLEAP's HDF5; write its people as JSON lines with a keypoint "
        "map of your own (docs/lift.md) or as DeepLabCut's CSV, whose names of keypoints are understood");
  }
}

}  // namespace links
