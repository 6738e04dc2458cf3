#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <unordered_map>

#include "frame_clock.h"

namespace links {

/// Ids of images and a value for each, in memory that does not grow with them where they are numbered one by
/// one, "17" or "clip_000017.jpg", and neighbours have the same value; else about 60 bytes an id (a hash of
/// it).
template <class Value>
class IdMap {
 public:
  /// Remembers the id and its value; whether it is new. A known one keeps its value.
  bool Add(const std::string& id, const Value& value) {
    std::string family;
    int64_t number = 0;
    if (!Numbered(id, family, number)) return others_.emplace(std::hash<std::string>()(id), value).second;
    auto found = families_.find(family);
    if (found == families_.end()) {
      if (families_.size() == kMostFamilies)
        return others_.emplace(std::hash<std::string>()(id), value).second;
      found = families_.emplace(family, Ranges()).first;
    }
    return AddNumber(found->second, number, value);
  }

  /// nullptr = unknown.
  const Value* Find(const std::string& id) const {
    std::string family;
    int64_t number = 0;
    const auto found = Numbered(id, family, number) ? families_.find(family) : families_.end();
    if (found == families_.end()) {
      const auto other = others_.find(std::hash<std::string>()(id));
      return other == others_.end() ? nullptr : &other->second;
    }
    const auto next = found->second.upper_bound(number);
    if (next == found->second.begin() || number > std::prev(next)->second.last) return nullptr;
    return &std::prev(next)->second.value;
  }

 private:
  struct Range {
    int64_t last;
    Value value;
  };
  using Ranges = std::map<int64_t, Range>;  // by the first number

  static constexpr size_t kMostFamilies = 1000;

  /// `family`: the id without its number, and how many digits that has where it begins with zeros.
  static bool Numbered(const std::string& id, std::string& family, int64_t& number) {
    if (!SplitNumber(id, family, number)) return false;
    const size_t digits = id.size() + 1 - family.size();
    if (digits != std::to_string(number).size()) family += '\0' + std::to_string(digits);
    return true;
  }

  static bool AddNumber(Ranges& ranges, int64_t number, const Value& value) {
    const auto next = ranges.upper_bound(number);
    if (next != ranges.begin()) {
      const auto range = std::prev(next);
      if (number <= range->second.last) return false;
      if (number == range->second.last + 1 && range->second.value == value) {
        range->second.last = number;
        if (next != ranges.end() && next->first == number + 1 && next->second.value == value) {
          range->second.last = next->second.last;
          ranges.erase(next);
        }
        return true;
      }
    }
    ranges.emplace_hint(next, number, Range{number, value});
    return true;
  }

  std::map<std::string, Ranges> families_;
  std::unordered_map<size_t, Value> others_;
};

/// Which ids have come.
class SeenIds {
 public:
  /// Remembers the id; whether it is new.
  bool Add(const std::string& id) { return ids_.Add(id, {}); }

 private:
  struct Nothing {
    bool operator==(const Nothing&) const { return true; }
  };
  IdMap<Nothing> ids_;
};

}  // namespace links
