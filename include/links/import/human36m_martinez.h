#pragma once

#include <string>
#include <vector>

#include "links/import/clip_import.h"

namespace links {

struct Human36mMartinezOptions {
  std::string cameras;                    ///< cameras.h5 or metadata.xml; "" = the one in the folder
  std::vector<std::string> camera_names;  ///< of the cameras 1 to 4; empty = those of the file
};

/// Reads the folder h36m/ of Martinez et al.'s h36m.zip, or its parent:
/// S9/MyPoses/3D_positions/"Directions 1.h5" with the data set 3D_positions (96, N), mm in the world, which
/// the four cameras project. Throws Error when `path` is no such folder or the cameras cannot be read at all;
/// what else is wrong is missed.
void ImportHuman36mMartinez(const std::string& path, const Human36mMartinezOptions& options,
                            ClipImport& clips);

}  // namespace links
