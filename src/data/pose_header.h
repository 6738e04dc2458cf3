#pragma once

#include "hdf5_file.h"
#include "links/core/error.h"
#include "links/skeleton/joint_definition.h"

namespace links::hdf5 {

/// Throws Error unless the attributes say that this is a pose file of our version and skeleton.
inline void CheckPoseHeader(const File& file) {
  const auto expect_text = [&](const char* name, const char* expected) {
    const auto found = file.TextAttribute(name);
    if (found == expected) return;
    throw Error(file.path(), ": expected the attribute ", name, " = '", expected, "', found ",
                found ? Concat("'", *found, "'") : "none");
  };
  expect_text("format", "links-pose");
  constexpr int64_t kVersion = 1;
  if (const auto version = file.IntegerAttribute("version"); version != kVersion) {
    throw Error(file.path(), ": expected the attribute version = ", kVersion, ", found ",
                version ? Concat(*version) : "none");
  }
  expect_text("skeleton", "h36m17");
}

/// What the attribute `joints` says, or by default that there are 3D joints.
inline JointDefinition JointsOf(const File& file) {
  const auto stated = file.TextAttribute("joints");
  if (!stated) return file.Has("joints_3d") ? JointDefinition::kMocap : JointDefinition::kNotStated;
  if (*stated != "mocap" && *stated != "detector") {
    throw Error(file.path(), ": expected the attribute joints = 'mocap' or 'detector', found '", *stated,
                "'");
  }
  return ParseJointDefinition(*stated);
}

}  // namespace links::hdf5
