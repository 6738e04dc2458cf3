#include "frame_clock.h"

#include <cctype>
#include <charconv>

namespace links {
namespace {

bool IsDigit(char letter) {
  return std::isdigit(static_cast<unsigned char>(letter)) != 0;
}

}  // namespace

bool SplitNumber(const std::string& name, std::string& rest, int64_t& number) {
  size_t end = name.size();
  // The extension is no number: "1.mp4".
  if (const size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0 && name.size() - dot <= 5 &&
                                          !IsDigit(name[dot + 1 < name.size() ? dot + 1 : dot]))
    end = dot;
  while (end > 0 && !IsDigit(name[end - 1])) --end;
  size_t begin = end;
  while (begin > 0 && IsDigit(name[begin - 1])) --begin;
  if (begin == end || end - begin > 18) return false;
  std::from_chars(name.data() + begin, name.data() + end, number);
  rest = name.substr(0, begin) + '\0' + name.substr(end);
  return true;
}

int64_t FrameClock::Next(const std::string& image) {
  std::string rest;
  int64_t number = 0;
  if (image.empty()) return ++index_;
  if (!numbered_ || !SplitNumber(image, rest, number)) {
    counted_ = counted_ || index_ >= 0;  // one frame alone needs no number
    numbered_ = false;
    return ++index_;
  }
  if (index_ < 0) {
    shift_ = 0;
  } else if (rest != rest_) {
    shift_ = index_ + 1 - number;
  } else if (number <= number_) {
    counted_ = true;
    numbered_ = false;
    return ++index_;
  }
  rest_ = rest;
  number_ = number;
  index_ = number + shift_;
  return index_;
}

}  // namespace links
