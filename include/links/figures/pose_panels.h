#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "links/data/pose_file.h"
#include "links/figures/pose_figure.h"

namespace links {

/// The first and last of each range that a text like "0,5,10-20" names, in its order. Throws UsageError
/// otherwise.
std::vector<std::pair<int64_t, int64_t>> ParseFrameRanges(const std::string& text);

/// The rows that a text like "0,5,10-20" names, in its order, each below `size`. Throws UsageError otherwise.
std::vector<int64_t> ParseFrames(const std::string& text, int64_t size);

/// At most `count` rows of 0..size-1, evenly spread, the first and the last among them.
std::vector<int64_t> SpreadFrames(int64_t size, int64_t count);

/// What to draw of a data set, of predictions, or of both (either may be null): rows in the order given,
/// titled by row, subject, action, camera and frame. With both, the truth is the data's joints, and each
/// prediction is scaled to it about the hip by least squares, which the title says. Throws Error on different
/// lengths and on predictions without joints. Joints whose keypoint the predictions lack are guessed; without
/// predictions those whose keypoint the data lack.
std::vector<PosePanel> MakePosePanels(const PoseData* data, const PoseData* predictions,
                                      const std::vector<int64_t>& rows);

/// The `count` rows whose prediction is farthest from the data, the farthest first: mean distance of the
/// joints once each prediction is scaled to the data about the hip by least squares (N-MPJPE). Throws Error
/// as MakePosePanels does, and on data without joints.
std::vector<int64_t> WorstFrames(const PoseData& data, const PoseData& predictions, int64_t count);

}  // namespace links
