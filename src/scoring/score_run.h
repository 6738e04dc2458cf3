#pragma once

#include "links/evaluation/evaluation.h"
#include "links/scoring/scoring.h"

namespace links {

/// The scores of a run's networks, without what the protocol and the data have to say.
Report ScoreRun(const ScoringRequest& request, const PoseData& poses, const GroundTruth& truth);

}  // namespace links
