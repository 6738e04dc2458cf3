#pragma once

#include <string>
#include <vector>

namespace links {

/// The candidate with the smallest edit distance to `word`, or "" when none is close.
std::string Nearest(const std::string& word, const std::vector<std::string>& candidates);

/// " (did you mean 'x'?)", or "" when no candidate is close: to be appended to a sentence.
std::string DidYouMean(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace links
