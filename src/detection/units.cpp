#include "units.h"

#include <algorithm>
#include <cmath>

#include "links/core/error.h"

namespace links {
namespace {

constexpr double kMostShare = 2;
constexpr double kManyNegative = .1;

}  // namespace

void PixelUnits::Learn(const Keypoints& keypoints) {
  if (unit_ == Unit::kPixels) return;
  double most = 0;
  int64_t points = 0, negative = 0, first = -1;
  bool different = false;
  for (int i = 0; i < keypoints.size(); ++i) {
    if (!keypoints.IsThere(i, 0)) continue;
    const double x = keypoints.px[2 * i], y = keypoints.px[2 * i + 1];
    if (first < 0) first = i;
    different = different || x != keypoints.px[2 * first] || y != keypoints.px[2 * first + 1];
    most = std::max({most, std::abs(x), std::abs(y)});
    points += 2;
    negative += (x < 0 ? 1 : 0) + (y < 0 ? 1 : 0);
  }
  if (!different) return;
  points_ += points;
  negative_ += negative;
  if (most > kMostShare) {
    unit_ = Unit::kPixels;
  } else {
    const bool centred = static_cast<double>(negative_) > kManyNegative * static_cast<double>(points_);
    unit_ = centred ? Unit::kCentred : Unit::kShare;
  }
}

void PixelUnits::Convert(RawFrame& frame) {
  for (RawPerson& person : frame.people) {
    if (person.keypoints.size() == 0) continue;
    if (unit_ == Unit::kUnknown) Learn(person.keypoints);
    if (unit_ == Unit::kUnknown || unit_ == Unit::kPixels) continue;
    const ImageSize size = frame.size.width > 0 && frame.size.height > 0 ? frame.size : size_;
    if (!(size.width > 0)) {
      throw Error(frame.where,
                  ": expected keypoints in pixels, found coordinates within 2 and no size of the image to "
                  "scale them by "
                  "(--image-size WIDTHxHEIGHT gives it)");
    }
    auto& px = person.keypoints.px;
    for (size_t i = 0; i < px.size(); i += 2) {
      if (px[i] == 0 && px[i + 1] == 0) continue;  // missing stays missing
      for (int k = 0; k < 2; ++k) {
        const double extent = k == 0 ? size.width : size.height;
        px[i + k] = unit_ == Unit::kShare ? px[i + k] * extent : (px[i + k] + 1) / 2 * extent;
      }
    }
  }
}

std::string PixelUnits::Text() const {
  if (unit_ == Unit::kShare) return "coordinates from 0 to 1, times the size of the image";
  if (unit_ == Unit::kCentred) return "coordinates from -1 to 1 about the middle of the image";
  return "";
}

}  // namespace links
