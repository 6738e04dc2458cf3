#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace links {

using ValidationValues = std::vector<std::pair<std::string, double>>;

/// What a validation says in one line of at most `width` columns: stage and epoch, then as many of its values
/// as fit, errors and likelihoods first, each with its change since `before` (empty = none): "lifters 12/30
/// legs_torso PA 46.1 mm (-0.3)  ...".
std::string ValidationLine(const std::string& stage, int64_t epoch, int64_t epochs,
                           const ValidationValues& values, const ValidationValues& before,
                           size_t width = 100);

}  // namespace links
