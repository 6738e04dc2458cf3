#include "links/import/mat_file.h"

#include <matio.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

#include "../data/hdf5_file.h"
#include "links/core/error.h"
#include "mat5_check.h"

namespace links {
namespace {

// A camera of MPI-INF-3DHP's longest sequence has a million.
constexpr int64_t kMostNumbers = 20'000'000;

const char* ClassName(matio_classes kind) {
  static constexpr std::array kNames = {"empty",  "cell",   "struct", "object", "char",     "sparse",
                                        "double", "single", "int8",   "uint8",  "int16",    "uint16",
                                        "int32",  "uint32", "int64",  "uint64", "function", "opaque"};
  return kind >= 0 && static_cast<size_t>(kind) < kNames.size() ? kNames[kind] : "unknown";
}

std::string Describe(const std::vector<int64_t>& shape) {
  std::string text;
  for (const int64_t length : shape) {
    if (!text.empty()) text += " x ";
    text += length == MatVariable::kAny ? "n" : std::to_string(length);
  }
  return text.empty() ? "0 x 0" : text;
}

std::vector<int64_t> WithoutTrailingOnes(std::vector<int64_t> shape) {
  while (shape.size() > 2 && shape.back() == 1) shape.pop_back();
  return shape;
}

/// Elements of an array of this shape, or the most that there are numbers for.
int64_t Count(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (const int64_t length : shape) {
    if (length == 0) return 0;
    count = count > INT64_MAX / length ? INT64_MAX : count * length;
  }
  return count;
}

bool Fits(const std::vector<int64_t>& found, const std::vector<int64_t>& expected) {
  for (size_t axis = 0; axis < std::max(found.size(), expected.size()); ++axis) {
    const int64_t length = axis < found.size() ? found[axis] : 1;
    const int64_t wanted = axis < expected.size() ? expected[axis] : 1;
    if (wanted == MatVariable::kAny ? length < 1 : length != wanted) return false;
  }
  return true;
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

/// Version 5 or 7.3, from the file's own header: matio takes any other bytes for version 4.
int ReadVersion(const std::string& path) {
  if (!std::filesystem::is_regular_file(path)) throw Error(path, ": expected a MAT file, found no file");
  std::ifstream in(path, std::ios::binary);
  std::array<unsigned char, 128> header{};
  if (!in.read(reinterpret_cast<char*>(header.data()), header.size())) {
    throw Error(path, ": expected a MAT file, found ", in.gcount(), " bytes that can be read");
  }
  const int version = header[124] | header[125] << 8;
  if (header[126] != 'I' || header[127] != 'M' || (version != MAT_FT_MAT5 && version != MAT_FT_MAT73)) {
    throw Error(path, ": expected a MAT file of version 5 or 7.3, found something else");
  }
  return version;
}

}  // namespace

struct MatFile::Open {
  std::string path;
  mat_t* file = nullptr;

  ~Open() {
    const hdf5::Silence silence;
    if (file != nullptr) Mat_Close(file);
  }
};

struct MatVariable::State {
  std::shared_ptr<const void> keep;  // the file, or the cell array that holds this one
  mat_t* file = nullptr;
  matvar_t* variable = nullptr;
  bool owned = true;
  std::string where;

  ~State() {
    const hdf5::Silence silence;
    if (owned) Mat_VarFree(variable);
  }
  std::vector<int64_t> Shape() const {
    std::vector<int64_t> shape;
    for (int axis = 0; axis < variable->rank; ++axis)
      shape.push_back(static_cast<int64_t>(std::min<uint64_t>(variable->dims[axis], INT64_MAX)));
    return WithoutTrailingOnes(shape);
  }
};

MatFile::MatFile(const std::string& path) : open_(std::make_shared<Open>()) {
  if (ReadVersion(path) == MAT_FT_MAT5) {
    CheckMat5(path);
  } else {
    hdf5::File(path, "a MAT file of version 7.3").CheckAll();
  }
  const hdf5::Silence silence;
  Mat_LogInitFunc("links", [](int, char*) {});
  open_->path = path;
  open_->file = Mat_Open(path.c_str(), MAT_ACC_RDONLY);
  if (open_->file == nullptr) throw Error(path, ": expected a whole MAT file, found one that cannot be read");
}

MatVariable MatFile::Find(const std::string& name) const {
  const hdf5::Silence silence;
  auto state = std::make_shared<MatVariable::State>();
  state->keep = open_;
  state->file = open_->file;
  state->where = Concat(open_->path, ": ", name);
  state->variable = Mat_VarReadInfo(open_->file, name.c_str());
  if (state->variable == nullptr) {
    throw Error(open_->path, ": expected a variable '", name, "', found none that can be read");
  }
  return MatVariable(std::move(state));
}

void MatVariable::ExpectCells(int64_t cells) const {
  const matvar_t& variable = *state_->variable;
  const std::vector<int64_t> shape = state_->Shape();
  if (variable.class_type != MAT_C_CELL || Count(shape) != cells) {
    throw Error(state_->where, ": expected ", cells, " cells, found ", Describe(shape), " of class ",
                ClassName(variable.class_type));
  }
}

bool MatVariable::IsRow() const {
  return state_->variable->rank > 0 && state_->variable->dims[0] == 1;
}

MatVariable MatVariable::Cell(int64_t index) const {
  auto cell = std::make_shared<State>();
  cell->keep = state_;
  cell->file = state_->file;
  cell->owned = false;
  cell->where = Concat(state_->where, "{", index + 1, "}");
  cell->variable = Mat_VarGetCell(state_->variable, static_cast<int>(index));
  if (cell->variable == nullptr) throw Error(cell->where, ": expected numbers, found no such cell");
  return MatVariable(std::move(cell));
}

std::vector<double> MatVariable::Numbers(const std::vector<int64_t>& expected) const {
  const hdf5::Silence silence;
  matvar_t* variable = state_->variable;
  const std::vector<int64_t> shape = state_->Shape();
  const bool numeric = variable->class_type >= MAT_C_DOUBLE && variable->class_type <= MAT_C_UINT64;
  if (!numeric || variable->isComplex || !Fits(shape, expected)) {
    throw Error(state_->where, ": expected ", Describe(expected), " real numbers, found ", Describe(shape),
                " of class ", variable->isComplex ? "complex " : "", ClassName(variable->class_type));
  }
  const int64_t found = Count(shape);
  if (found > kMostNumbers)
    throw Error(state_->where, ": expected at most ", kMostNumbers, " numbers, found ", Describe(shape));
  const auto count = static_cast<size_t>(found);
  const int failed = Mat_VarReadDataAll(state_->file, variable);
  if (failed != 0 || variable->data == nullptr || variable->nbytes != count * variable->data_size) {
    throw Error(state_->where, ": expected ", Describe(shape), " numbers, found damaged data");
  }
  return ToDouble(variable->class_type, variable->data, count);
}

}  // namespace links
