#pragma once

#include <string>

#include "links/core/random.h"

namespace links {

/// How a number is drawn: "5" is always 5, "4:6" uniform from 4 to 6, "8+-10" normal with mean 8 and standard
/// deviation 10.
class Distribution {
 public:
  static Distribution Always(double value) { return {value, value, false}; }
  static Distribution Uniform(double low, double high) { return {low, high, false}; }
  static Distribution Normal(double mean, double deviation) { return {mean, deviation, true}; }

  /// Throws UsageError, beginning with `name`, for other text and for numbers outside [least, most], a
  /// standard deviation above their difference included.
  static Distribution Parse(const std::string& text, const std::string& name, double least, double most);

  /// In [least, most]: a normal number outside is drawn again. A constant takes nothing from `random`.
  double Draw(Random& random, double least, double most) const;

  /// As Parse takes it.
  std::string Text() const;

 private:
  Distribution(double first, double second, bool normal) : first_(first), second_(second), normal_(normal) {}

  double first_, second_;  // bounds, or mean and standard deviation
  bool normal_;
};

}  // namespace links
