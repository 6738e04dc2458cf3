#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "links/data/mocap_clip.h"

namespace links {

/// A skeleton in Acclaim's ASF format, in mm. Each bone is the joint that it starts at, under the bone's
/// name, and a bone that nothing follows ends in NAME_End. In the rest pose every joint has the axes of the
/// file.
struct AsfSkeleton {
  MocapClip clip;  ///< without frames
  /// Of each joint, where the numbers of its line in an AMC file go: columns of the motion table.
  std::vector<std::vector<int64_t>> columns;
  double unit_mm = 25.4;  ///< of lengths and of an AMC file's translations
  bool radians = false;   ///< of an AMC file that does not say
};

/// Parses a skeleton; `origin` stands for the file's name in messages. A unit of length is 1/length inches of
/// `:units`, as CMU's files have it. Rotations are about the axes that `axis` gives, in the order of `order`
/// and `dof`, the first one first. Throws Error with file:line for anything malformed, missing, inconsistent
/// or of another kind (bones that move or stretch).
AsfSkeleton ParseAsf(const std::string& text, const std::string& origin);

/// Parses the motion of a skeleton, `fps` frames a second, which the format does not say. Every frame has all
/// bones that can turn, each once. Throws Error with file:line.
MocapClip ParseAmc(const std::string& text, const std::string& origin, const AsfSkeleton& skeleton,
                   double fps);

/// The skeleton of an AMC file: an ASF file in its folder, of the same name, else of the name up to the first
/// '_' (CMU's 07_01.amc goes with 07.asf), else the only one. Throws Error where there is none or a choice.
std::string FindSkeleton(const std::string& amc_path);

/// Reads an AMC file with its skeleton, `asf_path` or, where that is empty, FindSkeleton's.
MocapClip ReadAsfAmc(const std::string& amc_path, const std::string& asf_path, double fps);

}  // namespace links
