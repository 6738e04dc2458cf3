#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>

#include "links/detection/detection.h"
#include "links/inference/pose_estimator.h"

namespace links {

using TakeLifted = std::function<void(const LiftedFrame&)>;

/// Lifts all that the reader gives, `batch` frames at a time, and hands the frames on in their order.
void LiftFrames(DetectionReader& reader, PoseEstimator& estimator, int64_t batch, const TakeLifted& take);

/// Answers every JSON line (but empty ones) by one, flushed before the next is waited for: the lifted frame,
/// or {"error": "..."}, which also goes to the log. Returns the number of errors. Throws Error when the
/// output fails.
int64_t AnswerLines(std::istream& in, std::ostream& out, const DetectionOptions& options,
                    PoseEstimator& estimator, const TakeLifted& take);

}  // namespace links
