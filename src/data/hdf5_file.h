#pragma once

#include <hdf5.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hdf5_handle.h"
#include "links/core/atomic_file.h"

namespace links::hdf5 {

using Shape = std::vector<int64_t>;
constexpr int64_t kAny = -1;

/// "(4, 17, 2)", with N for kAny.
std::string ShapeText(const Shape& shape);

class File;

/// A data set of an open File, which outlives it. Its bytes are in the file (hdf5_stored.h).
class DataSet {
 public:
  const Shape& shape() const { return shape_; }
  int64_t rows() const { return shape_.empty() ? 1 : shape_[0]; }
  /// Numbers in a row.
  int64_t width() const;
  H5T_class_t kind() const { return kind_; }
  size_t type_bytes() const { return type_bytes_; }

  /// Throws Error unless the extents are these; kAny may be anything.
  const DataSet& ExpectShape(const Shape& expected) const;
  /// Throws Error unless the class is H5T_FLOAT, H5T_INTEGER or H5T_STRING, as asked.
  const DataSet& ExpectKind(H5T_class_t expected) const;

  /// Rows [begin, begin + count) of numbers, converted to `memory_type`; `to` has room for them. Throws
  /// Error.
  void Read(int64_t begin, int64_t count, hid_t memory_type, void* to) const;

  /// "FILE: expected /NAME", for messages.
  std::string Where() const;

  /// An attribute of this data set, as those of File.
  std::optional<std::string> TextAttribute(const char* name) const;
  std::optional<int64_t> IntegerAttribute(const char* name) const;

  /// The data set that the i-th of references to objects, in the order in which they are stored, names.
  /// Throws Error.
  DataSet OpenReferenced(int64_t i) const;

  /// Rows of a list of strings, each at most kMostNameBytes long. Throws Error.
  std::vector<std::string> ReadTexts(int64_t begin, int64_t count) const;
  static constexpr size_t kMostNameBytes = 256;

 private:
  friend class File;
  DataSet(const File& file, std::string name);
  DataSet(const File& file, std::string name, Handle set);
  void ReadProperties();

  const File* file_;
  std::string name_;
  Handle set_, type_;
  Shape shape_;
  H5T_class_t kind_ = H5T_NO_CLASS;
  size_t type_bytes_ = 0;
};

/// An HDF5 file open for reading, believed in nothing: HDF5 sees it only when its tables are whole
/// (hdf5_tables.h), it can name no bytes but its own, and what is read of it takes no more memory than what
/// is stored can fill. Every message is one sentence that names the file and what is read.
class File {
 public:
  /// `what` the file should be, for messages: "a pose file". Throws Error when there is no plain HDF5 file of
  /// that name that can be opened.
  File(const std::string& path, const std::string& what);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const { return path_; }

  /// Throws Error when the file is too damaged to say.
  bool Has(const std::string& name) const;
  /// The names in a group, sorted; none when there is no such group.
  std::vector<std::string> Children(const std::string& group) const;

  /// Throws Error when the data set is missing or CheckStored refuses it.
  DataSet Open(const std::string& name) const;

  /// An attribute of the root: one string, or nothing where it is absent. Throws Error.
  std::optional<std::string> TextAttribute(const char* name) const;
  /// The same for one integer.
  std::optional<int64_t> IntegerAttribute(const char* name) const;

 private:
  friend class DataSet;
  struct Parts;

  void CheckGroupsInHeaps() const;

  std::string path_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace links::hdf5
