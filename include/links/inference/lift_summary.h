#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "links/lifted/lifted_pose.h"

namespace links {

/// What became of the frames and people of an input, in memory that does not grow with them.
class LiftSummary {
 public:
  void Add(const LiftedFrame& frame);

  /// "120 frames, 2 people ..." so far, with people a second since the summary was made.
  std::string Rate() const;

  /// One line each: the counts, where the scales came from, why people have no pose.
  std::string Text() const;

  int64_t frames() const { return frames_; }
  int64_t people() const { return people_; }
  int64_t whole() const { return whole_; }                    ///< every joint by the lifters
  int64_t completed() const { return completed_; }            ///< the others that have a pose
  int64_t root_estimated() const { return root_estimated_; }  ///< of those
  int64_t unusable() const { return people_ - whole_ - completed_; }

 private:
  struct Scale {
    int64_t people = 0;
    double sum_px = 0;
  };

  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  int64_t frames_ = 0, people_ = 0, whole_ = 0, completed_ = 0, root_estimated_ = 0;
  std::map<std::string, Scale> scales_;
  std::map<std::string, int64_t> reasons_;
};

}  // namespace links
