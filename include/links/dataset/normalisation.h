#pragma once

#include <torch/types.h>

#include <array>

#include "links/data/pose_file.h"
#include "links/skeleton/skeleton.h"

namespace links {

/// Over which poses the head top-root distance is averaged that they are divided by: the whole data set (the
/// paper's), those of one file (its resolution), or those of one person, that is of one subject, action and
/// camera of a file (their distance from the camera).
enum class ScaleOf { kDataset, kSource, kPerson };

/// How pixels become the networks' units: root-centred, divided by c times the mean head top-root distance of
/// the training set, so that it is 1/c on average (docs/method.md sec. 1). The constants of the whole data
/// set are stored with the model.
struct Normalisation {
  double head_root_px = 0;  ///< mean distance of head top and root in the training set's images, pixels
  double mm_per_unit =
      0;  ///< the same in mm, parallel to the image, from the training set's 3D; 0 when it has none

  ScaleOf scale = ScaleOf::kDataset;  ///< by what Keypoints divides
  /// Mean length of each bone in the training set's images, in distances of head top and root; for the scales
  /// of files or people alone, and not stored.
  std::array<double, kBones> bones = {};

  JointDefinition joints = JointDefinition::kNotStated;  ///< of the training set

  /// The constants of a data set, whose poses have all joints. Throws Error when the poses have no extent.
  static Normalisation Of(const PoseData& poses, ScaleOf scale = ScaleOf::kDataset);

  /// (N, 17, 2) float32 normalised keypoints on the CPU, NaN where not seen; the root, which has to be seen,
  /// is (0, 0). A file or person of whom head top and root are never seen together is scaled by the bones
  /// that are seen, against their means in training. Throws Error when a source or a person has no extent.
  torch::Tensor Keypoints(const PoseData& poses) const;
};

/// (N, 17, 3) float32 root-centred joints in mm on the CPU. Throws Error when the poses have no 3D.
torch::Tensor RootCentredJoints(const PoseData& poses);

}  // namespace links
