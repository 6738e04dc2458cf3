#pragma once

#include <string>
#include <vector>

namespace links {

/// The files of a folder with this extension (".json", also packed: ".json.gz"), in natural order: frame_2
/// before frame_10. Throws Error when there are none, unless `may_be_none`.
std::vector<std::string> ImageFiles(const std::string& folder, const std::string& extension,
                                    bool may_be_none = false);

}  // namespace links
