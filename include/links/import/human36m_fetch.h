#pragma once

#include <string>

#include "links/import/clip_import.h"

namespace links {

/// Which of h36m-fetch's two sets of 3D joints is the ground truth.
enum class Human36mJoints3d {
  kMono,       ///< pose/3d: the subject's own skeleton, as LInKs' preprocessing takes it
  kUniversal,  ///< pose/3d-univ: one skeleton for all subjects
};

/// Reads the folder processed/ that anibali/h36m-fetch makes, or its parent: S9/Directions-1/annot.h5. The
/// frame of a pose is the file's less one. Throws Error when `path` is no such folder; what is wrong in it is
/// missed.
void ImportHuman36mFetch(const std::string& path, Human36mJoints3d joints, ClipImport& clips);

}  // namespace links
