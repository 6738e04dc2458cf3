#pragma once

#include <string>
#include <vector>

#include "links/occlusion/scenario.h"

namespace links {

/// A pose that shows fewer joints than these is not completed.
inline constexpr int kFewestSeen = 4;

/// Joints that are missing from every pose, under a name for tables.
struct OcclusionPattern {
  std::string name;
  std::vector<int> missing;  ///< ascending
};

/// Each joint alone, the root too: "single/LWrist".
std::vector<OcclusionPattern> SingleJointPatterns();

/// Every two joints but the root, 120 of them: "pair/RAnkle+LWrist".
std::vector<OcclusionPattern> PairPatterns();

/// The joint of this name or number, -1 for none.
int JointNamed(const std::string& text);

/// A pattern a line: names or numbers of joints, separated by blanks or commas; '#' starts a comment. Throws
/// Error with file and line for an unknown joint, for one given twice, and for a pattern that leaves too few
/// joints.
std::vector<OcclusionPattern> ReadPatterns(const std::string& path);

/// The paper's way: of these scenarios the one with the fewest missing joints that covers these; null where
/// none does.
const Scenario* CoveringScenario(const std::vector<int>& missing,
                                 const std::vector<Scenario>& scenarios = Scenarios());

}  // namespace links
