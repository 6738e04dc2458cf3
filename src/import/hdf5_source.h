#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../data/hdf5_handle.h"

namespace links {

/// An HDF5 file that another program wrote. Every message is one sentence that names the file and, with a
/// leading '/', the data set.
class Hdf5Source {
 public:
  /// Throws Error when there is no HDF5 file of that name that can be opened.
  explicit Hdf5Source(const std::string& path);

  const std::string& path() const { return path_; }

  bool Has(const std::string& name) const;
  /// The names in a group, sorted; none when there is no such group.
  std::vector<std::string> Children(const std::string& group) const;

  /// Throws Error when the data set is missing, or longer than any in these data sets.
  std::vector<int64_t> Shape(const std::string& name) const;
  /// Checks the shape; an extent of -1 may be anything. -> the shape found.
  std::vector<int64_t> CheckShape(const std::string& name, const std::vector<int64_t>& expected) const;
  /// Throws Error unless the data set holds floating-point numbers of 32 or 64 bits.
  void CheckFloats(const std::string& name) const;

  /// `count` rows of the first axis from `begin`. Floating-point numbers of either size.
  std::vector<float> ReadFloats(const std::string& name, int64_t begin, int64_t count) const;
  /// All of a data set of `count` numbers (-1: any count), however they are arranged. Integers or
  /// floating-point numbers.
  std::vector<double> ReadNumbers(const std::string& name, int64_t count) const;
  /// All of a one-dimensional data set of integers.
  std::vector<int64_t> ReadIntegers(const std::string& name) const;

 private:
  hdf5::Handle Open(const std::string& name) const;
  H5T_class_t Kind(const std::string& name) const;
  void Read(const std::string& name, hid_t memory_type, int64_t begin, int64_t count, void* to) const;

  std::string path_;
  hdf5::Handle file_;
};

/// "(4, 17, 2)", with N for -1.
std::string ShapeText(const std::vector<int64_t>& shape);

}  // namespace links
