#pragma once

#include "hdf5_file.h"
#include "links/core/error.h"

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

}  // namespace links::hdf5
