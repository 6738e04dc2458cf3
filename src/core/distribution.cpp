#include "links/core/distribution.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "links/core/error.h"

namespace links {
namespace {

constexpr std::string_view kUniform = ":", kNormal = "+-";

std::optional<double> Number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

}  // namespace

Distribution Distribution::Parse(const std::string& text, const std::string& name, double least,
                                 double most) {
  const auto fail = [&](const auto&... expected) {
    throw UsageError(name, ": expected ", expected..., ", found '", text, "'");
  };
  const bool normal = text.find(kNormal) != std::string::npos;
  const std::string_view separator = normal ? kNormal : kUniform;
  const size_t at = text.find(separator);
  const std::string_view all = text;
  const std::optional<double> first = Number(all.substr(0, at));
  const std::optional<double> second =
      at == std::string::npos ? first : Number(all.substr(at + separator.size()));
  if (!first || !second) fail("a number, MIN:MAX or MEAN+-SD");
  const auto within = [&](double number) { return number >= least && number <= most; };
  if (!within(*first) || (!normal && !within(*second))) fail("numbers from ", least, " to ", most);
  if (normal && !(*second >= 0 && *second <= most - least))
    fail("a standard deviation from 0 to ", most - least);
  if (!normal && *first > *second) fail("MIN not above MAX");
  return {*first, *second, normal};
}

double Distribution::Draw(Random& random, double least, double most) const {
  if (!normal_) return first_ == second_ ? first_ : random.Uniform(first_, second_);
  for (;;) {
    const double number = random.Normal(first_, second_);
    if (number >= least && number <= most) return number;
  }
}

std::string Distribution::Text() const {
  if (normal_) return Concat(first_, kNormal, second_);
  return first_ == second_ ? Concat(first_) : Concat(first_, kUniform, second_);
}

}  // namespace links
