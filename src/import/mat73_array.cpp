#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "../data/hdf5_file.h"
#include "links/core/error.h"
#include "mat_array.h"

namespace links {
namespace {

constexpr int64_t kMostAxes = 32;

bool IsNumeric(std::string_view class_name) {
  static constexpr std::array<std::string_view, 11> kNames = {"double", "single", "int8",   "uint8",
                                                              "int16",  "uint16", "int32",  "uint32",
                                                              "int64",  "uint64", "logical"};
  return std::ranges::count(kNames, class_name) > 0;
}

/// Version 7.3 is HDF5: an array is a data set with its axes the other way round, a cell array one of
/// references to others, and an empty array one that holds its shape.
struct Array : MatArray {
  Array(std::shared_ptr<const hdf5::File> of, hdf5::DataSet found)
      : file(std::move(of)), set(std::move(found)) {
    class_name = set.TextAttribute("MATLAB_class").value_or("none");
    const bool real = set.kind() == H5T_FLOAT || set.kind() == H5T_INTEGER;
    if (IsNumeric(class_name)) {
      if (real) kind = MatKind::kRealNumbers;
      if (set.kind() == H5T_COMPOUND) class_name = "complex " + class_name;
    }
    if (class_name == "cell") kind = MatKind::kCells;
    shape.assign(set.shape().rbegin(), set.shape().rend());
    if (shape.empty()) shape = {1};
    empty = set.IntegerAttribute("MATLAB_empty").value_or(0) != 0;
    if (empty) ReadEmptyShape();
  }

  void ReadEmptyShape() {
    set.ExpectKind(H5T_INTEGER).ExpectShape({hdf5::kAny});
    const int64_t axes = set.rows();
    std::vector<int64_t> lengths(static_cast<size_t>(std::clamp<int64_t>(axes, 0, kMostAxes)));
    set.Read(0, static_cast<int64_t>(lengths.size()), H5T_NATIVE_INT64, lengths.data());
    if (axes > kMostAxes || std::ranges::count(lengths, 0) == 0)
      throw Error(set.Where(), " to hold the shape of an empty array, found one that is not empty");
    shape = std::move(lengths);
  }

  std::vector<double> Numbers() const override {
    if (empty) return {};
    std::vector<double> numbers(static_cast<size_t>(set.rows() * set.width()));
    set.Read(0, set.rows(), H5T_NATIVE_DOUBLE, numbers.data());
    return numbers;
  }

  std::shared_ptr<const MatArray> Cell(int64_t index) const override {
    if (empty) return nullptr;
    return std::make_shared<Array>(file, set.OpenReferenced(index));
  }

  std::shared_ptr<const hdf5::File> file;
  hdf5::DataSet set;
  bool empty = false;
};

struct OpenFile : MatArrays {
  explicit OpenFile(const std::string& path)
      : file(std::make_shared<hdf5::File>(path, "a MAT file of version 7.3")) {}

  std::shared_ptr<const MatArray> Find(const std::string& name) const override {
    if (!file->Has(name)) return nullptr;
    return std::make_shared<Array>(file, file->Open(name));
  }

  std::shared_ptr<const hdf5::File> file;
};

}  // namespace

std::shared_ptr<const MatArrays> OpenMat73(const std::string& path) {
  return std::make_shared<OpenFile>(path);
}

}  // namespace links
