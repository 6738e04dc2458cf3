#pragma once

#include <string_view>

namespace links {

/// The JavaScript that shows skeletons in 3D to turn, shared by the pages of `links lift --html` and `links
/// report --html`.
extern const std::string_view kViewerJs;

}  // namespace links
