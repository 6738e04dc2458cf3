#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace links {

/// JSON for a script element of a page: nothing in it ends the element or begins another.
std::string JsonForHtml(std::string_view json);

std::string Base64(std::string_view bytes);

/// The text of a page with each {{name}} replaced by its part, in pieces that point to both. Throws
/// std::out_of_range for a name without a part.
std::vector<std::string_view> FillPage(std::string_view page,
                                       const std::map<std::string_view, std::string>& parts);

}  // namespace links
