#include <matio.h>

#include <algorithm>
#include <array>
#include <utility>

#include "links/core/error.h"
#include "mat5_check.h"
#include "mat_array.h"

namespace links {
namespace {

const char* ClassName(matio_classes kind) {
  static constexpr std::array kNames = {"empty",  "cell",   "struct", "object", "char",     "sparse",
                                        "double", "single", "int8",   "uint8",  "int16",    "uint16",
                                        "int32",  "uint32", "int64",  "uint64", "function", "opaque"};
  return kind >= 0 && static_cast<size_t>(kind) < kNames.size() ? kNames[kind] : "unknown";
}

template <class Number>
std::vector<double> ToDouble(const void* data, size_t count) {
  const auto* first = static_cast<const Number*>(data);
  return std::vector<double>(first, first + count);
}

/// Empty when the class is not numeric.
std::vector<double> ToDouble(matio_classes kind, const void* data, size_t count) {
  switch (kind) {
    case MAT_C_DOUBLE:
      return ToDouble<double>(data, count);
    case MAT_C_SINGLE:
      return ToDouble<float>(data, count);
    case MAT_C_INT8:
      return ToDouble<int8_t>(data, count);
    case MAT_C_UINT8:
      return ToDouble<uint8_t>(data, count);
    case MAT_C_INT16:
      return ToDouble<int16_t>(data, count);
    case MAT_C_UINT16:
      return ToDouble<uint16_t>(data, count);
    case MAT_C_INT32:
      return ToDouble<int32_t>(data, count);
    case MAT_C_UINT32:
      return ToDouble<uint32_t>(data, count);
    case MAT_C_INT64:
      return ToDouble<int64_t>(data, count);
    case MAT_C_UINT64:
      return ToDouble<uint64_t>(data, count);
    default:
      return {};
  }
}

struct OpenFile : MatArrays, std::enable_shared_from_this<OpenFile> {
  explicit OpenFile(const std::string& path) : file(Mat_Open(path.c_str(), MAT_ACC_RDONLY)) {
    if (file == nullptr) throw Error(path, ": expected a whole MAT file, found one that cannot be read");
  }
  ~OpenFile() override { Mat_Close(file); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  std::shared_ptr<const MatArray> Find(const std::string& name) const override;

  mat_t* file;
};

struct Array : MatArray, std::enable_shared_from_this<Array> {
  /// `keep` is the file, or the array that holds this one and owns it.
  Array(mat_t* of, matvar_t* found, std::shared_ptr<const void> keeps, bool owns)
      : file(of), variable(found), keep(std::move(keeps)), owned(owns) {
    const bool numeric = variable->class_type >= MAT_C_DOUBLE && variable->class_type <= MAT_C_UINT64;
    if (numeric && !variable->isComplex) kind = MatKind::kRealNumbers;
    if (variable->class_type == MAT_C_CELL) kind = MatKind::kCells;
    class_name = std::string(variable->isComplex ? "complex " : "") + ClassName(variable->class_type);
    for (int axis = 0; axis < variable->rank; ++axis)
      shape.push_back(static_cast<int64_t>(std::min<uint64_t>(variable->dims[axis], INT64_MAX)));
  }

  ~Array() override {
    if (owned) Mat_VarFree(variable);
  }
  Array(const Array&) = delete;
  Array& operator=(const Array&) = delete;

  std::vector<double> Numbers() const override {
    if (Mat_VarReadDataAll(file, variable) != 0 || variable->data == nullptr || variable->data_size <= 0)
      return {};
    return ToDouble(variable->class_type, variable->data,
                    variable->nbytes / static_cast<size_t>(variable->data_size));
  }

  std::shared_ptr<const MatArray> Cell(int64_t index) const override {
    matvar_t* const cell = Mat_VarGetCell(variable, static_cast<int>(index));
    if (cell == nullptr) return nullptr;
    return std::make_shared<Array>(file, cell, shared_from_this(), false);
  }

  mat_t* file;
  matvar_t* variable;
  std::shared_ptr<const void> keep;
  bool owned;
};

std::shared_ptr<const MatArray> OpenFile::Find(const std::string& name) const {
  matvar_t* const found = Mat_VarReadInfo(file, name.c_str());
  if (found == nullptr) return nullptr;
  return std::make_shared<Array>(file, found, shared_from_this(), true);
}

}  // namespace

std::shared_ptr<const MatArrays> OpenMat5(const std::string& path) {
  CheckMat5(path);
  Mat_LogInitFunc("links", [](int, char*) {});
  return std::make_shared<OpenFile>(path);
}

}  // namespace links
