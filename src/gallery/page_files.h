#pragma once

#include <string_view>

namespace links {

// The files of src/gallery/page, which the build puts into the program.
extern const std::string_view kRunPageHtml;
extern const std::string_view kRunPageCss;
extern const std::string_view kRunPageJs;

}  // namespace links
