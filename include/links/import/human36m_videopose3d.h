#pragma once

#include <string>

#include "links/import/clip_import.h"

namespace links {

// scripts/videopose3d_to_hdf5.py turns VideoPose3D's pickled archives into one HDF5 file:
//   /positions_3d/S9/Directions 1    (T, 32, 3) float   metres, world
//   /positions_2d/S9/Directions 1/0  (T', 17, 2 or 3) float, pixels and a score; 0 to 3 = the cameras
//   /keypoints/num_joints, /keypoints/keypoints_symmetry (2, n)   what the 2D joints are
//   /cameras/subject9/camera1/...    as in cameras.h5, optional

/// Reads that file. `cameras`: cameras.h5 or metadata.xml, "" = those in the file. Throws Error when the file
/// or the cameras cannot be read at all or the 2D layout is not the one of 17 joints; what else is wrong is
/// missed.
void ImportHuman36mVideoPose3d(const std::string& path, const std::string& cameras, ClipImport& clips);

}  // namespace links
