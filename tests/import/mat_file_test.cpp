#include "links/import/mat_file.h"

#include <gmock/gmock.h>
#include <hdf5.h>
#include <zlib.h>

#include <cstring>
#include <fstream>
#include <functional>

#include "links/core/error.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Version 5 by hand: an element is a type, a length and its bytes, filled up to a multiple of 8.
constexpr uint32_t kInt8 = 1, kUint8 = 2, kInt32 = 5, kUint32 = 6, kDouble = 9, kMatrix = 14;
constexpr uint32_t kCellClass = 1, kDoubleClass = 6, kSingleClass = 7, kComplexFlag = 0x0800;

template <class Number>
std::string Bytes(const std::vector<Number>& numbers) {
  return std::string(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number));
}

std::string Element(uint32_t type, const std::string& data) {
  return Bytes<uint32_t>({type, static_cast<uint32_t>(data.size())}) + data +
         std::string((8 - data.size() % 8) % 8, '\0');
}

/// Up to four bytes lie in the tag itself.
std::string SmallElement(uint32_t type, std::string data) {
  const uint32_t tag = type | static_cast<uint32_t>(data.size()) << 16;
  data.resize(4);
  return Bytes<uint32_t>({tag}) + data;
}

std::string Matrix(uint32_t flags, const std::vector<int32_t>& shape, const std::string& name,
                   const std::string& content) {
  return Element(kMatrix, Element(kUint32, Bytes<uint32_t>({flags, 0})) + Element(kInt32, Bytes(shape)) +
                              Element(kInt8, name) + content);
}

class MatFileTest : public testing::Test {
 protected:
  std::string Write(const std::string& variables) {
    std::string header = "MATLAB 5.0 MAT-file";
    header.resize(124, ' ');
    header += std::string("\x00\x01IM", 4);
    std::string path = folder_ / "file.mat";
    std::ofstream(path, std::ios::binary) << header << variables;
    return path;
  }

  template <class Call>
  void ExpectError(Call call, const std::string& words) {
    EXPECT_THAT(call, testing::ThrowsMessage<Error>(testing::AllOf(HasSubstr("file.mat"), HasSubstr(words))));
  }

  TemporaryFolder folder_;
};

TEST_F(MatFileTest, ReadsDoublesAndDoublesStoredAsBytes) {
  const std::vector<double> values = {1.5, -2, 3, 4, 5, 6e30};
  const MatFile file(Write(Matrix(kDoubleClass, {2, 3}, "a", Element(kDouble, Bytes(values))) +
                           Matrix(kDoubleClass, {1, 5}, "b", Element(kUint8, "\x01\x02\x03\x04\xFF")) +
                           Matrix(kSingleClass, {3, 1}, "c", SmallElement(kUint8, "\x07\x08\x09"))));
  EXPECT_EQ(file.Find("a").Numbers({2, 3}), values);
  EXPECT_EQ(file.Find("a").Numbers({MatVariable::kAny, 3, 1, 1}), values);
  EXPECT_THAT(file.Find("b").Numbers({1, MatVariable::kAny}), ElementsAre(1, 2, 3, 4, 255));
  EXPECT_THAT(file.Find("c").Numbers({3, 1}), ElementsAre(7, 8, 9));
  EXPECT_TRUE(file.Find("b").IsRow());
  EXPECT_FALSE(file.Find("a").IsRow());
  ExpectError([&] { file.Find("d"); }, "expected a variable 'd'");
  ExpectError([&] { file.Find("a").Numbers({3, 2}); }, "a: expected 3 x 2 real numbers, found 2 x 3");
  ExpectError([&] { file.Find("a").Numbers({2, 3, 2}); }, "expected 2 x 3 x 2 real numbers, found 2 x 3");
  ExpectError([&] { file.Find("a").ExpectCells(6); }, "a: expected 6 cells, found 2 x 3 of class double");
}

TEST_F(MatFileTest, CellsOutliveTheirFile) {
  const std::string first = Matrix(kDoubleClass, {1, 1}, "", Element(kDouble, Bytes<double>({8})));
  const std::string second = Matrix(kDoubleClass, {1, 2}, "", SmallElement(kInt8, "\xFF\x01"));
  const std::string path = Write(Matrix(kCellClass, {1, 2}, "cells", first + second));
  const auto cell = [&](int64_t index) { return MatFile(path).Find("cells").Cell(index); };
  EXPECT_NO_THROW(MatFile(path).Find("cells").ExpectCells(2));
  EXPECT_THAT(cell(0).Numbers({1, 1}), ElementsAre(8));
  EXPECT_THAT(cell(1).Numbers({1, 2}), ElementsAre(-1, 1));
  ExpectError([&] { MatFile(path).Find("cells").ExpectCells(3); },
              "expected 3 cells, found 1 x 2 of class cell");
  ExpectError([&] { cell(1).Numbers({1, 1}); }, "cells{2}: expected 1 x 1 real numbers");
}

TEST_F(MatFileTest, RefusesComplexNumbers) {
  const std::string one = Element(kDouble, Bytes<double>({1}));
  const MatFile file(Write(Matrix(kDoubleClass | kComplexFlag, {1, 1}, "a", one + one)));
  ExpectError([&] { file.Find("a").Numbers({1, 1}); }, "found 1 x 1 of class complex double");
}

TEST_F(MatFileTest, RefusesWhatDoesNotAddUp) {
  const std::string two = Element(kDouble, Bytes<double>({1, 2}));
  const auto open = [&](const std::string& variables) {
    return [this, variables] { MatFile{Write(variables)}; };
  };
  ExpectError(open(Matrix(kDoubleClass, {3, 1}, "a", two)), "numbers do not fill its shape");
  ExpectError(open(Matrix(kDoubleClass, {2000000000, 2000000000}, "a", two)),
              "numbers do not fill its shape");
  ExpectError(open(Matrix(kCellClass, {1, 1}, "a", Matrix(kDoubleClass, {1, 1}, "", two))), "fill its shape");
  for (const int32_t length : {1000, 2000000000}) {
    ExpectError(open(Matrix(kCellClass, {length, length}, "a", Matrix(kDoubleClass, {2, 1}, "", two))),
                "more cells or letters than it has bytes");
  }
  ExpectError(open(Element(kDouble, "12345678")), "an unknown element in the variable at byte 128");
  ExpectError(open(Element(15, "this is not compressed data")), "damaged compressed data");
  ExpectError(open("1234"), "the end of the file");

  std::string longer = Matrix(kDoubleClass, {2, 1}, "a", two);
  const uint32_t more = 24;
  std::memcpy(&longer[longer.size() - 20], &more, 4);
  ExpectError(open(longer), "an element longer than its array");

  std::string nested = Matrix(kDoubleClass, {2, 1}, "", two);
  for (int depth = 0; depth < 40; ++depth) nested = Matrix(kCellClass, {1, 1}, "", nested);
  ExpectError(open(nested), "nested too deeply");
}

TEST_F(MatFileTest, ABombIsNotInflated) {
  const std::string zeros(size_t{100} << 20, '\0');
  const std::string array = Matrix(kDoubleClass, {1, 100 << 17}, "a", Element(kDouble, zeros));
  std::string packed(compressBound(array.size()), '\0');
  uLongf size = packed.size();
  compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(array.data()),
            array.size(), 1);
  packed.resize(size);
  const std::string variable = Bytes<uint32_t>({15, static_cast<uint32_t>(packed.size())}) + packed;
  ExpectError([&] { MatFile{Write(variable)}; }, "inflate to more than 100 times their size");
}

TEST_F(MatFileTest, TakesNoMoreNumbersThanThereCanBe) {
  std::string bytes;
  bytes.resize(20'000'001, '\1');
  const MatFile file(Write(Matrix(kDoubleClass, {1, 20'000'001}, "a", Element(kUint8, bytes))));
  ExpectError([&] { file.Find("a").Numbers({1, MatVariable::kAny}); }, "at most 20000000 numbers");
}

/// Version 7.3 is HDF5.
class Mat73Test : public MatFileTest {
 protected:
  std::string Make(const std::function<void(hid_t)>& fill) const {
    const hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_userblock(creation, 512);
    const hid_t made = H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, creation, H5P_DEFAULT);
    fill(made);
    H5Fclose(made);
    H5Pclose(creation);
    std::string header = "MATLAB 7.3 MAT-file";
    header.resize(124, ' ');
    header += std::string("\x00\x02IM", 4);
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    file << header;
    return path_;
  }

  static void Add(hid_t file, const char* name, const std::string& kind, hid_t type,
                  const std::vector<hsize_t>& shape, const void* values, hid_t creation = H5P_DEFAULT,
                  bool empty = false) {
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    if (values != nullptr) H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    const hid_t text = H5Tcopy(H5T_C_S1), scalar = H5Screate(H5S_SCALAR);
    H5Tset_size(text, kind.size());
    const hid_t of_class = H5Acreate2(set, "MATLAB_class", text, scalar, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(of_class, text, kind.data());
    H5Aclose(of_class);
    if (empty) {
      const hid_t flag = H5Acreate2(set, "MATLAB_empty", H5T_STD_U8LE, scalar, H5P_DEFAULT, H5P_DEFAULT);
      const uint8_t yes = 1;
      H5Awrite(flag, H5T_NATIVE_UINT8, &yes);
      H5Aclose(flag);
    }
    H5Sclose(scalar);
    H5Tclose(text);
    H5Dclose(set);
    H5Sclose(space);
  }

  static void AddCells(hid_t file, const char* name, const std::vector<const char*>& cells) {
    std::vector<hobj_ref_t> references(cells.size());
    const hsize_t shape[] = {1, cells.size()};
    Add(file, name, "cell", H5T_STD_REF_OBJ, {shape, shape + 2}, nullptr);
    for (size_t i = 0; i < cells.size(); ++i) H5Rcreate(&references[i], file, cells[i], H5R_OBJECT, -1);
    const hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    H5Dwrite(set, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, references.data());
    H5Dclose(set);
  }

  const std::string path_ = folder_ / "file.mat";
  const std::vector<double> values_ = {1, 2, 3, 4, 5, 6};
};

TEST_F(Mat73Test, HasItsAxesTheOtherWayRound) {
  const std::vector<uint8_t> bytes = {1, 0, 1};
  Make([&](hid_t file) {
    Add(file, "a", "double", H5T_NATIVE_DOUBLE, {2, 3}, values_.data());
    Add(file, "b", "logical", H5T_NATIVE_UINT8, {3, 1}, bytes.data());
    Add(file, "c", "char", H5T_NATIVE_UINT8, {3, 1}, bytes.data());
    AddCells(file, "cells", {"b", "a"});
  });
  const MatFile file(path_);
  EXPECT_EQ(file.Find("a").Numbers({3, 2}), values_);  // column-major
  EXPECT_THAT(file.Find("b").Numbers({1, MatVariable::kAny}), ElementsAre(1, 0, 1));
  EXPECT_TRUE(file.Find("b").IsRow());
  file.Find("cells").ExpectCells(2);
  EXPECT_EQ(file.Find("cells").Cell(1).Numbers({3, 2}), values_);
  ExpectError(
      [&] {
        file.Find("cells").Cell(0).Numbers({3, 2});
      },
      "cells{1}: expected 3 x 2 real numbers, found 1 x 3 of class logical");
  ExpectError([&] { file.Find("cells").Cell(2); }, "expected /cells to hold 3 references, found 2");
  ExpectError([&] { file.Find("c").Numbers({1, 3}); }, "found 1 x 3 of class char");
  ExpectError([&] { file.Find("d"); }, "expected a variable 'd'");
}

TEST_F(Mat73Test, HoldsItsOwnBytes) {
  Make([&](hid_t file) { Add(file, "a", "double", H5T_NATIVE_DOUBLE, {1'000'000'000, 2}, nullptr); });
  ExpectError([&] { MatFile(path_).Find("a"); }, "16000000000 declared and 0 stored");
  folder_.Write("secret", std::string(4096, 's'));
  Make([&](hid_t file) {
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(creation, (folder_ / "secret").c_str(), 0, H5F_UNLIMITED);
    Add(file, "a", "double", H5T_NATIVE_DOUBLE, {3, 2}, nullptr, creation);
    H5Pclose(creation);
  });
  ExpectError([&] { MatFile{path_}; }, "/a in the file itself, found one whose data are in other files");
}

/// An empty array holds its shape in place of numbers.
TEST_F(Mat73Test, AnEmptyArrayHasNoNumbers) {
  const auto make = [&](const std::vector<uint64_t>& shape) {
    Make([&](hid_t file) {
      Add(file, "a", "double", H5T_NATIVE_UINT64, {shape.size()}, shape.data(), H5P_DEFAULT, true);
    });
  };
  make({0, 7});
  ExpectError(
      [&] {
        MatFile(path_).Find("a").Numbers({MatVariable::kAny, 7});
      },
      "expected n x 7 real numbers, found 0 x 7 of class double");
  make({2, 7});
  ExpectError([&] { MatFile(path_).Find("a"); },
              "to hold the shape of an empty array, found one that is not empty");
  make(std::vector<uint64_t>(1000, 0));
  ExpectError([&] { MatFile(path_).Find("a"); }, "to hold the shape of an empty array");
}

/// matio goes round such cells until its stack is full.
TEST_F(Mat73Test, ACellMayHoldItself) {
  Make([&](hid_t file) {
    Add(file, "a", "double", H5T_NATIVE_DOUBLE, {2, 3}, values_.data());
    AddCells(file, "cells", {"a", "a"});
    hobj_ref_t references[2];
    for (hobj_ref_t& reference : references) H5Rcreate(&reference, file, "cells", H5R_OBJECT, -1);
    const hid_t set = H5Dopen2(file, "cells", H5P_DEFAULT);
    H5Dwrite(set, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, references);
    H5Dclose(set);
  });
  const MatVariable cells = MatFile(path_).Find("cells");
  cells.ExpectCells(2);
  ExpectError(
      [&] {
        cells.Cell(1).Numbers({2, 3});
      },
      "cells{2}: expected 2 x 3 real numbers, found 2 x 1 of class cell");
}

TEST_F(MatFileTest, RefusesEveryFileThatWasCutOff) {
  const std::string cell = Matrix(kDoubleClass, {1, 2}, "", Element(kDouble, Bytes<double>({1, 2})));
  const std::string variables = Matrix(kCellClass, {1, 1}, "cells", cell);
  for (size_t length = 1; length < variables.size(); ++length)
    ExpectError([&] { MatFile{Write(variables.substr(0, length))}; }, "expected a whole MAT file");
}

}  // namespace
}  // namespace links
