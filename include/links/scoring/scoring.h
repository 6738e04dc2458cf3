#pragma once

#include <string>
#include <vector>

#include "links/data/pose_file.h"
#include "links/metrics/result.h"

namespace links {

/// What is scored, against what and how: `links evaluate`'s arguments.
struct ScoringRequest {
  std::string run;          ///< a run directory, or
  std::string predictions;  ///< a pose file whose 3D joints are predictions, in the order of the data
  std::vector<std::string> data;
  PoseSelection selection;
  std::string protocol = "none";
  std::string device = "auto";
  std::string normalisation = "training";  ///< the 2D scale: of the training set, or of the "evaluated" poses
  std::string occlusion = "paper";         ///< as ParseOcclusion takes it
  std::string lifted_file;                 ///< where the lifted poses of a run go; "": nowhere
  std::string composition = "legs_torso";  ///< of the lifted file, as ParseLiftingName takes it
};

/// Scores a run's lifters, fillers and completion, or predictions from elsewhere: one of the two must be
/// given.
Report Score(const ScoringRequest& request);

}  // namespace links
