#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace links {

struct MatArray;
struct MatArrays;

/// A variable of a MAT file, or a cell of one. Its numbers are read when they are asked for.
class MatVariable {
 public:
  static constexpr int64_t kAny = -1;

  /// Throws Error unless this is a cell array with so many cells.
  void ExpectCells(int64_t cells) const;

  /// Whether the first length is 1.
  bool IsRow() const;

  /// A cell, from 0; messages call it name{index + 1}, as MATLAB does.
  MatVariable Cell(int64_t index) const;

  /// All numbers, column-major as MATLAB stores them. Throws Error unless the variable is a full, real,
  /// numeric or logical array of this shape (kAny: any length but 0; lengths of 1 at the end do not matter).
  std::vector<double> Numbers(const std::vector<int64_t>& shape) const;

 private:
  friend class MatFile;
  MatVariable(std::string where, std::shared_ptr<const MatArray> array)
      : where_(std::move(where)), array_(std::move(array)) {}

  std::string where_;
  std::shared_ptr<const MatArray> array_;
};

/// Reads MATLAB files of version 5 (compressed or not) and 7.3 (HDF5).
class MatFile {
 public:
  /// Checks that the file is one, and a version 5 file to its last byte, checksums of compressed variables
  /// included: matio, which reads it then, takes numbers that are not there out of one that was cut off.
  /// Version 7.3 is HDF5 and read as such. Throws Error.
  explicit MatFile(const std::string& path);

  /// Throws Error when there is no such variable.
  MatVariable Find(const std::string& name) const;

 private:
  std::shared_ptr<const MatArrays> arrays_;
  std::string path_;
};

}  // namespace links
