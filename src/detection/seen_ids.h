#pragma once

#include <charconv>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_set>

namespace links {

/// Which image ids have come: ranges of whole numbers, and a hash (about 40 bytes) of each other id.
class SeenIds {
 public:
  /// Remembers the id; whether it is new.
  bool Add(const std::string& id) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    const bool plain =
        error == std::errc() && end == id.data() + id.size() && number >= 0 && number < (int64_t{1} << 62);
    return plain ? AddNumber(number) : hashes_.insert(std::hash<std::string>()(id)).second;
  }

 private:
  bool AddNumber(int64_t number) {
    auto next = ranges_.upper_bound(number);  // first range behind it
    if (next != ranges_.begin()) {
      const auto range = std::prev(next);
      if (number <= range->second) return false;
      if (number == range->second + 1) {
        range->second = number;
        if (next != ranges_.end() && next->first == number + 1) {
          range->second = next->second;
          ranges_.erase(next);
        }
        return true;
      }
    }
    ranges_.emplace_hint(next, number, number);
    return true;
  }

  std::map<int64_t, int64_t> ranges_;  // first to last
  std::unordered_set<size_t> hashes_;
};

}  // namespace links
