#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "links/core/error.h"

namespace links::hdf5 {

/// The fields of one structure of an HDF5 file, in order and never beyond its end.
class Fields {
 public:
  explicit Fields(std::span<const unsigned char> bytes) : bytes_(bytes) {}

  size_t left() const { return bytes_.size(); }

  /// Throws Error when fewer are left.
  std::span<const unsigned char> Take(uint64_t count) {
    if (count > bytes_.size()) throw Error("a structure that ends too early");
    const auto taken = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return taken;
  }

  void Skip(uint64_t count) { Take(count); }

  /// A number of 1 to 8 bytes, the lowest first.
  uint64_t Number(size_t bytes) {
    uint64_t number = 0;
    const auto taken = Take(bytes);
    for (size_t i = bytes; i-- > 0;) number = number << 8 | taken[i];
    return number;
  }

  /// Up to its zero, which is taken too.
  std::string_view Text() {
    size_t length = 0;
    while (length < bytes_.size() && bytes_[length] != 0) ++length;
    const auto taken = Take(length + 1);
    return {reinterpret_cast<const char*>(taken.data()), length};
  }

  bool StartsWith(std::string_view signature) {
    const auto taken = Take(signature.size());
    return std::string_view(reinterpret_cast<const char*>(taken.data()), taken.size()) == signature;
  }

 private:
  std::span<const unsigned char> bytes_;
};

/// a x b, or the most that there are numbers for.
inline uint64_t Product(uint64_t a, uint64_t b) {
  return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

}  // namespace links::hdf5
