#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "links/figures/pose_grid.h"
#include "links/gallery/shown_run.h"

namespace links {

/// Figure 2: poses drawn from the flow's prior, and beside them those around real poses (eq. 3) with the same
/// latent noise, `count` of each, `columns` of each in a row. given: the poses to start from; null = the
/// run's training poses.
PoseGrid SamplingFigure(ShownRun& run, int64_t count, int64_t columns, uint64_t seed,
                        const PoseData* given = nullptr);

/// Which poses a figure shows.
struct PoseChoice {
  std::string frames;         ///< rows of the data, like "0,5,10-20"; or
  std::vector<double> ranks;  ///< percentiles of the error, 0 = the least, 100 = the largest
};

/// Rows of `errors` at the percentiles; NaN ones are left out. Throws UsageError for a number outside 0 to
/// 100, Error where no error is known.
std::vector<int64_t> RowsAtRanks(const std::vector<double>& errors, const std::vector<double>& ranks);

/// Figure 3: for each chosen pose of the data (with all joints in 2D, and 3D) the picture where there is one,
/// the keypoints, the pose that each run lifts the way `name` says, with its PA-MPJPE and N-MPJPE, and the
/// truth. Ranks are those of the first run's PA-MPJPE without reflection. Poses lie at the scale of N-MPJPE.
PoseGrid LiftingFigure(const std::vector<ShownRun*>& runs, const PoseData& poses, const std::string& name,
                       const PoseChoice& choice, const Video* video = nullptr);

/// Figure 4: a row for each scenario of the paper: the keypoints with the hidden joints hollow, the poses of
/// O_2D, O_3D and the completion network, as far as the run has them, and the truth. The pose of a row is the
/// one whose PA-MPJPE by the last of these is the median; the last two rows are the two worst of all
/// scenarios, of different poses.
PoseGrid OcclusionFigure(ShownRun& run, const PoseData& poses);

/// A walk between two poses of the data: the straight line between their latents through the inverse flow,
/// and below it the straight line between the keypoints, in `steps` steps, with the negative log-likelihood
/// of each.
PoseGrid LatentFigure(ShownRun& run, const PoseData& poses, int64_t from, int64_t to, int64_t steps);

}  // namespace links
