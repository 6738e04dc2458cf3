#include "sleap.h"

#include "../data/hdf5_handle.h"
#include "links/core/error.h"

namespace links {

void RefuseSleap(const std::string& path) {
  const hdf5::Silence silence;
  const hdf5::Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access.get(), false, true);  // read-only media cannot be locked
  const hdf5::Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  if (!file) return;
  const auto has = [&](const char* name) { return H5Lexists(file.get(), name, H5P_DEFAULT) > 0; };
  if ((has("node_names") && has("tracks")) || (has("instances") && has("pred_points"))) {
    throw Error(path,
                ": expected a pose file, found SLEAP's HDF5; write its people as JSON lines with a keypoint "
                "map of your "
                "own (docs/lift.md) or as DeepLabCut's CSV, whose names of keypoints are understood");
  }
}

}  // namespace links
