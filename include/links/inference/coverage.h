#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "links/skeleton/skeleton.h"

namespace links {

/// Of how many detected people each way of lifting gives a full 3D pose (Hardy & Kim, supplement: full poses
/// 45.1 %, the eight scenarios 88.6 % of Human3.6M's frames with OpenPose).
class Coverage {
 public:
  /// Counts one person. seen: the joints that the detector found.
  void Add(const std::array<bool, kJoints>& seen);

  int64_t people() const { return people_; }
  int64_t full() const { return full_; }  ///< every joint is seen: the full-pose lifter
  int64_t scenarios() const {
    return scenarios_;
  }  ///< the missing joints are part of one of the eight scenarios
  int64_t completed() const { return completed_; }  ///< at least kFewestSeen joints are seen: the completion

  /// A line each, with shares in percent.
  std::string Text() const;

 private:
  int64_t people_ = 0, full_ = 0, scenarios_ = 0, completed_ = 0;
};

}  // namespace links
