#pragma once

#include <string_view>

namespace links {

// The files of src/lifted/page, which the build puts into the program.
extern const std::string_view kPageHtml;
extern const std::string_view kPageCss;
extern const std::string_view kPageJs;

}  // namespace links
