#include "links/core/text_difference.h"

#include <sstream>

#include "links/core/error.h"

namespace links {

std::string FirstDifference(const std::string& stored, const std::string& given) {
  std::istringstream a(stored), b(given);
  std::string line_a, line_b;
  while (true) {
    const bool more_a = static_cast<bool>(std::getline(a, line_a));
    const bool more_b = static_cast<bool>(std::getline(b, line_b));
    if (!more_a && !more_b) return "no difference";
    if (more_a != more_b || line_a != line_b) {
      return Concat("'", more_a ? line_a : "", "' stored, '", more_b ? line_b : "", "' given");
    }
  }
}

}  // namespace links
