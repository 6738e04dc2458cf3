#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>

#include "links/detection/detection.h"
#include "links/inference/pose_estimator.h"
#include "links/inference/stream_smoother.h"

namespace links {

using TakeLifted = std::function<void(const LiftedFrame&)>;

/// Answers every JSON line (but empty ones) by one, flushed before the next is waited for: the lifted frame,
/// or {"error": "..."}, which also goes to the log. Returns the number of errors. Throws Error when the
/// output fails. smoother: nullptr = none.
int64_t AnswerLines(std::istream& in, std::ostream& out, const DetectionOptions& options,
                    PoseEstimator& estimator, StreamSmoother* smoother, const TakeLifted& take);

}  // namespace links
