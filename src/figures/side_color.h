#pragma once

#include <string_view>

#include "canvas.h"
#include "links/skeleton/skeleton.h"

namespace links {

/// Of the bone that ends at the joint.
inline Color SideColor(int joint) {
  const std::string_view name = kJointNames[joint];
  if (name.starts_with("L")) return kVermilion;
  if (name.starts_with("R")) return kBlue;
  return kInk;
}

}  // namespace links
