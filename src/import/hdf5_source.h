#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../data/hdf5_file.h"

namespace links {

/// An HDF5 file that another program wrote. Every message is one sentence that names the file and, with a
/// leading '/', the data set.
class Hdf5Source {
 public:
  /// Throws Error when there is no HDF5 file of that name that can be opened.
  explicit Hdf5Source(const std::string& path);

  const std::string& path() const { return file_.path(); }

  bool Has(const std::string& name) const { return file_.Has(name); }
  /// The names in a group, sorted; none when there is no such group.
  std::vector<std::string> Children(const std::string& group) const { return file_.Children(group); }

  /// Throws Error when the data set is missing, or longer than any in these data sets.
  std::vector<int64_t> Shape(const std::string& name) const;
  /// Checks the shape; an extent of -1 may be anything. -> the shape found.
  std::vector<int64_t> CheckShape(const std::string& name, const std::vector<int64_t>& expected) const;
  /// Throws Error unless the data set holds floating-point numbers of 32 or 64 bits.
  void CheckFloats(const std::string& name) const;

  /// `count` rows of the first axis from `begin`. Floating-point numbers of either size.
  std::vector<float> ReadFloats(const std::string& name, int64_t begin, int64_t count) const;
  /// All of a data set of `count` numbers (-1: 1 to 1000), however they are arranged. Integers or
  /// floating-point numbers.
  std::vector<double> ReadNumbers(const std::string& name, int64_t count) const;
  /// All of a one-dimensional data set of integers.
  std::vector<int64_t> ReadIntegers(const std::string& name) const;

 private:
  const hdf5::DataSet& Open(const std::string& name) const;
  void CheckFloats(const hdf5::DataSet& set, const std::string& name) const;

  hdf5::File file_;
  mutable std::optional<std::pair<std::string, hdf5::DataSet>> open_;  // the last one, with its chunks
};

}  // namespace links
