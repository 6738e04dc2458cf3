#pragma once

#include <cstdint>
#include <string>

namespace links {

/// Splits the last number, of up to 18 digits, off a name; `rest` is the name with '\0' in its place. False
/// where there is none. An extension is no number: "1.mp4".
bool SplitNumber(const std::string& name, std::string& rest, int64_t& number);

/// Numbers of frames out of the names of their images: the last number in a name, while the rest of the name
/// stays and the number rises; another name begins another clip, which goes on behind the last. Names without
/// numbers, or whose numbers do not rise, are counted.
class FrameClock {
 public:
  /// The frame's number, above that of the frame before. image: "" = it has no name.
  int64_t Next(const std::string& image);

  /// Whether a frame had to be counted although it has a name.
  bool counted() const { return counted_; }

 private:
  std::string rest_;    // of the name of the frame before
  int64_t number_ = 0;  // in it
  int64_t shift_ = 0;   // from the number in the name to the frame's
  int64_t index_ = -1;  // of the frame before
  bool numbered_ = true, counted_ = false;
};

}  // namespace links
