#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "links/data/pose_file.h"
#include "links/figures/pose_figure.h"

namespace links {

/// The rows that a text like "0,5,10-20" names, in its order, each below `size`. Throws UsageError otherwise.
std::vector<int64_t> ParseFrames(const std::string& text, int64_t size);

/// At most `count` rows of 0..size-1, evenly spread, the first and the last among them.
std::vector<int64_t> SpreadFrames(int64_t size, int64_t count);

/// What to draw of a data set, of predictions, or of both (either may be null): rows in the order given,
/// titled by row, subject, action, camera and frame. With both, the truth is the data's joints, and each
/// prediction is scaled to it about the hip by least squares, which the title says. Throws Error on different
/// lengths and on predictions without joints.
std::vector<PosePanel> MakePosePanels(const PoseData* data, const PoseData* predictions,
                                      const std::vector<int64_t>& rows);

}  // namespace links
