#pragma once

#include <cstdint>
#include <string>

namespace links {

/// The `width` lowest bytes of an integer, the lowest first; zeros beyond its 8.
inline std::string LittleEndian(uint64_t value, int width) {
  std::string bytes;
  for (int i = 0; i < width; ++i, value >>= 8) bytes += static_cast<char>(value & 0xff);
  return bytes;
}

}  // namespace links
