#pragma once

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "links/core/error.h"
#include "links/data/bounds.h"

namespace links {

inline constexpr int kMaxJoints = 10'000;  ///< of a skeleton read from a file

inline bool StartsWithIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (size_t i = 0; i < lower.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(text[i])) != lower[i]) return false;
  }
  return true;
}

/// Words of a text with the line they stand on.
class Words {
 public:
  Words(std::string_view text, const std::string& origin) : rest_(text), origin_(origin) {}

  /// Reads the next word, of this line or a later one.
  std::string_view Next(const std::string& expected) {
    do {
      const std::string_view word = NextOnLine();
      if (!word.empty()) return word;
    } while (NextLine());
    Fail(expected, "the end of the file");
  }

  /// The next word of this line, or "" at its end.
  std::string_view NextOnLine() {
    const size_t start = rest_.find_first_not_of(kSpace);
    if (start == std::string_view::npos || rest_[start] == '\n') {
      rest_.remove_prefix(start == std::string_view::npos ? rest_.size() : start);
      return {};
    }
    const size_t end = std::min(rest_.find_first_of(" \t\r\f\v\n", start), rest_.size());
    const std::string_view word = rest_.substr(start, end - start);
    rest_.remove_prefix(end);
    return word;
  }

  /// The rest of this line up to `stop`, without space around it.
  std::string_view RestOfLine(char stop) {
    const std::string_view rest = rest_.substr(0, std::min(rest_.find('\n'), rest_.find(stop)));
    rest_.remove_prefix(rest.size());
    const size_t first = rest.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return rest.substr(first, rest.find_last_not_of(kSpace) + 1 - first);
  }

  /// Goes to the next line that holds a word; false at the end of the text.
  bool NextLine() {
    const size_t end = rest_.find_first_not_of(" \t\r\f\v\n");
    const std::string_view skipped = rest_.substr(0, end);
    line_ += std::count(skipped.begin(), skipped.end(), '\n');
    rest_.remove_prefix(skipped.size());
    return !rest_.empty();
  }

  void Expect(std::string_view keyword) {
    const std::string_view word = Next(std::string(keyword));
    if (!StartsWithIgnoringCase(word, Lower(keyword)) || word.size() != keyword.size())
      Fail(keyword, Quote(word));
  }

  double Number(const std::string& expected, double most = kMostMillimetres) {
    return ToNumber(Next(expected), expected, most);
  }

  double ToNumber(std::string_view word, const std::string& expected, double most = kMostMillimetres) const {
    std::string_view digits = word;
    if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || !Within(value, most)) {
      Fail(expected, Quote(word));
    }
    return value;
  }

  int64_t Count(const std::string& expected, double high) {
    const double value = Number(expected, std::numeric_limits<double>::max());
    if (value != std::floor(value) || value < 0 || value > high) Fail(expected, Concat(value));
    return static_cast<int64_t>(value);
  }

  template <class Expected>
  [[noreturn]] void Fail(const Expected& expected, const std::string& found) const {
    throw Error(origin_, ":", line_, ": expected ", expected, ", found ", found);
  }

  static std::string Quote(std::string_view word) {
    return Concat("'", word.substr(0, 40), word.size() > 40 ? "...'" : "'");
  }

 private:
  static constexpr std::string_view kSpace = " \t\r\f\v";

  static std::string Lower(std::string_view text) {
    std::string lower(text);
    for (char& letter : lower) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    return lower;
  }

  std::string_view rest_;
  const std::string& origin_;
  int64_t line_ = 1;
};

}  // namespace links
