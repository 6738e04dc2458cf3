#pragma once

#include <string>

#include "frame_source.h"

namespace links {

/// Turns coordinates that are shares of the image into pixels. What lies within [-2, 2] is no pixels: 0 to 1
/// from the corner, or -1 to 1 from the middle where many are negative. The first person who shows two
/// different points decides for the whole input.
class PixelUnits {
 public:
  /// size: of the images, where the file does not state it; 0 = not known.
  explicit PixelUnits(ImageSize size) : size_(size) {}

  /// Learns from a person of the beginning.
  void Learn(const Keypoints& keypoints);

  /// Puts the frame's keypoints into pixels. Throws Error where the size of the image is not known.
  void Convert(RawFrame& frame);

  /// What was found, for people; "" = pixels.
  std::string Text() const;

 private:
  enum class Unit { kUnknown, kPixels, kShare, kCentred };

  ImageSize size_;
  Unit unit_ = Unit::kUnknown;
  int64_t points_ = 0, negative_ = 0;
};

}  // namespace links
