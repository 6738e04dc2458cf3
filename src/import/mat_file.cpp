#include "links/import/mat_file.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

#include "links/core/error.h"
#include "mat_array.h"

namespace links {
namespace {

// A camera of MPI-INF-3DHP's longest sequence has a million.
constexpr int64_t kMostNumbers = 20'000'000;
constexpr int kVersion5 = 0x0100, kVersion73 = 0x0200;

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

/// Version 5 or 7.3, from the file's own header: matio takes any other bytes for version 4.
int ReadVersion(const std::string& path) {
  if (!std::filesystem::is_regular_file(path)) throw Error(path, ": expected a MAT file, found no file");
  std::ifstream in(path, std::ios::binary);
  std::array<unsigned char, 128> header{};
  if (!in.read(reinterpret_cast<char*>(header.data()), header.size())) {
    throw Error(path, ": expected a MAT file, found ", in.gcount(), " bytes that can be read");
  }
  const int version = header[124] | header[125] << 8;
  if (header[126] != 'I' || header[127] != 'M' || (version != kVersion5 && version != kVersion73)) {
    throw Error(path, ": expected a MAT file of version 5 or 7.3, found something else");
  }
  return version;
}

}  // namespace

MatFile::MatFile(const std::string& path)
    : arrays_(ReadVersion(path) == kVersion5 ? OpenMat5(path) : OpenMat73(path)), path_(path) {}

MatVariable MatFile::Find(const std::string& name) const {
  auto array = arrays_->Find(name);
  if (array == nullptr) throw Error(path_, ": expected a variable '", name, "', found none that can be read");
  return MatVariable(Concat(path_, ": ", name), std::move(array));
}

void MatVariable::ExpectCells(int64_t cells) const {
  const std::vector<int64_t> shape = WithoutTrailingOnes(array_->shape);
  if (array_->kind != MatKind::kCells || Count(shape) != cells) {
    throw Error(where_, ": expected ", cells, " cells, found ", Describe(shape), " of class ",
                array_->class_name);
  }
}

bool MatVariable::IsRow() const {
  return !array_->shape.empty() && array_->shape[0] == 1;
}

MatVariable MatVariable::Cell(int64_t index) const {
  const std::string where = Concat(where_, "{", index + 1, "}");
  auto array = array_->kind == MatKind::kCells ? array_->Cell(index) : nullptr;
  if (array == nullptr) throw Error(where, ": expected numbers, found no such cell");
  return MatVariable(where, std::move(array));
}

std::vector<double> MatVariable::Numbers(const std::vector<int64_t>& expected) const {
  const std::vector<int64_t> shape = WithoutTrailingOnes(array_->shape);
  if (array_->kind != MatKind::kRealNumbers || !Fits(shape, expected)) {
    throw Error(where_, ": expected ", Describe(expected), " real numbers, found ", Describe(shape),
                " of class ", array_->class_name);
  }
  const int64_t count = Count(shape);
  if (count > kMostNumbers)
    throw Error(where_, ": expected at most ", kMostNumbers, " numbers, found ", Describe(shape));
  std::vector<double> numbers = array_->Numbers();
  if (numbers.size() != static_cast<size_t>(count))
    throw Error(where_, ": expected ", Describe(shape), " numbers, found damaged data");
  return numbers;
}

}  // namespace links
