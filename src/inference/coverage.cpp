#include "links/inference/coverage.h"

#include <iomanip>
#include <sstream>
#include <vector>

#include "links/occlusion/pattern.h"

namespace links {

void Coverage::Add(const std::array<bool, kJoints>& seen) {
  std::vector<int> missing;
  for (int joint = 0; joint < kJoints; ++joint) {
    if (!seen[joint]) missing.push_back(joint);
  }
  ++people_;
  full_ += missing.empty();
  scenarios_ += missing.empty() || CoveringScenario(missing) != nullptr;
  completed_ += kJoints - static_cast<int>(missing.size()) >= kFewestSeen;
}

std::string Coverage::Text() const {
  std::ostringstream text;
  const auto line = [&](const char* what, int64_t count) {
    const double share = people_ > 0 ? 100.0 * static_cast<double>(count) / static_cast<double>(people_) : 0;
    text << what << ": " << count << " (" << std::fixed << std::setprecision(1) << share << " %)\n";
  };
  text << "people: " << people_ << "\n";
  line("full-pose lifting, all joints seen", full_);
  line("the paper's eight scenarios", scenarios_);
  line("completion, at least 4 joints seen", completed_);
  return text.str();
}

}  // namespace links
