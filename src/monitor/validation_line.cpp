#include "links/monitor/validation_line.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "links/core/error.h"
#include "links/core/text_table.h"

namespace links {
namespace {

// What is said first, by the ends of names, and how it is called.
struct Kind {
  const char* ending;
  const char* name;
  const char* unit;
  int decimals;
};
constexpr std::array<Kind, 4> kKinds = {{{"/pa_mpjpe", " PA", " mm", 1},
                                         {"/nll_held_out", " -log p", "", 2},
                                         {"/n_mpjpe", " N", " mm", 1},
                                         {"/knees_forward", " knees", "", 2}}};

std::string Entry(const std::string& name, double value, const Kind& kind, const ValidationValues& before) {
  std::string shown = name.substr(0, name.size() - std::string_view(kind.ending).size());
  std::ranges::replace(shown, '/', ' ');
  std::string text = Concat("  ", shown, kind.name, " ", Fixed(value, kind.decimals), kind.unit);
  const auto found = std::ranges::find(before, name, [](const auto& entry) { return entry.first; });
  if (found == before.end() || !std::isfinite(value - found->second)) return text;
  const std::string change = Fixed(value - found->second, kind.decimals);
  return text + " (" + (value >= found->second && !change.starts_with('-') ? "+" : "") + change + ")";
}

}  // namespace

std::string ValidationLine(const std::string& stage, int64_t epoch, int64_t epochs,
                           const ValidationValues& values, const ValidationValues& before, size_t width) {
  std::string line = Concat(stage, " ", epoch, "/", epochs);
  for (const Kind& kind : kKinds) {
    for (const auto& [name, value] : values) {
      if (!name.ends_with(kind.ending)) continue;
      const std::string entry = Entry(name, value, kind, before);
      if (line.size() + entry.size() > width) return line;
      line += entry;
    }
  }
  return line;
}

}  // namespace links
