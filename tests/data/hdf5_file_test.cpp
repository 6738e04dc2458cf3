#include "../../src/data/hdf5_file.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <zlib.h>

#include <cmath>

#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/data/pose_file.h"
#include "links/skeleton/skeleton.h"
#include "support/temporary_folder.h"

namespace links {
namespace {

using hdf5::Handle;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// Writes what other programs, or an attacker, might.
class Hdf5FileTest : public testing::Test {
 protected:
  /// A file with one data set made by `fill`.
  std::string Make(const std::function<void(hid_t)>& fill) const {
    const Handle file(H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    fill(file.get());
    return path_;
  }

  static Handle Creation(const std::vector<hsize_t>& chunk = {}) {
    Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    if (!chunk.empty()) H5Pset_chunk(creation.get(), static_cast<int>(chunk.size()), chunk.data());
    return creation;
  }

  static Handle Set(hid_t file, const char* name, hid_t type, const std::vector<hsize_t>& shape,
                    const Handle& creation, const void* values = nullptr) {
    const Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose);
    Handle set(H5Dcreate2(file, name, type, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT), H5Dclose);
    if (values != nullptr) H5Dwrite(set.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    return set;
  }

  std::string Complaint(const char* name = "set") const {
    std::string said = MessageOf([&] { hdf5::File(path_, "a file").Open(name); });
    EXPECT_THAT(said, testing::StartsWith(path_ + ": expected /")) << said;
    return said;
  }

  /// Of a file whose tables are not whole.
  std::string Refusal() const {
    std::string said = MessageOf([&] { hdf5::File(path_, "a file"); });
    EXPECT_THAT(said,
                testing::StartsWith(path_ + ": expected a file, found a truncated or damaged HDF5 file"));
    return said;
  }

  void Patch(const std::string& from, const std::string& to) const {
    std::string bytes = ReadFile(path_);
    const size_t at = bytes.find(from);
    ASSERT_NE(at, std::string::npos);
    bytes.replace(at, to.size(), to);
    WriteFileAtomically(path_, bytes);
  }

  TemporaryFolder folder_;
  std::string path_ = folder_ / "file.h5";
};

Handle VariableText() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), H5T_VARIABLE);
  return type;
}

TEST_F(Hdf5FileTest, GivesRowsInAnyPiecesWhateverTheChunks) {
  std::vector<float> values(1000 * 3);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  const Handle creation = Creation({64, 2});
  H5Pset_shuffle(creation.get());
  H5Pset_deflate(creation.get(), 6);
  H5Pset_fletcher32(creation.get());
  Make([&](hid_t file) { Set(file, "set", H5T_NATIVE_FLOAT, {1000, 3}, creation, values.data()); });
  const hdf5::File file(path_, "a file");
  const hdf5::DataSet set = file.Open("set");
  EXPECT_THAT(set.shape(), ElementsAre(1000, 3));
  std::vector<float> read(values.size());
  for (int64_t begin = 0; begin < 1000; begin += 300) {
    const int64_t count = std::min<int64_t>(300, 1000 - begin);
    set.Read(begin, count, H5T_NATIVE_FLOAT, &read[static_cast<size_t>(begin) * 3]);
  }
  EXPECT_EQ(read, values);
}

TEST_F(Hdf5FileTest, DeclaredSizesMustBeStored) {
  const std::vector<hsize_t> huge = {1'000'000'000, 17, 2};
  Make([&](hid_t file) { Set(file, "set", H5T_NATIVE_FLOAT, huge, Creation()); });
  EXPECT_THAT(Complaint(), AllOf(HasSubstr("136000000000 declared"), HasSubstr("0 stored")));
  Make([&](hid_t file) { Set(file, "set", H5T_NATIVE_FLOAT, huge, Creation({4096, 17, 2})); });
  EXPECT_THAT(Complaint(), HasSubstr("136000000000 declared"));
  // One chunk of many.
  const Handle packed = Creation({1000, 17, 2});
  H5Pset_deflate(packed.get(), 9);
  Make([&](hid_t file) {
    const Handle set = Set(file, "set", H5T_NATIVE_FLOAT, {20'000, 17, 2}, packed);
    const std::vector<float> values(34 * 1000, 1);
    const hsize_t start[] = {0, 0, 0}, count[] = {1000, 17, 2};
    const Handle space(H5Dget_space(set.get()), H5Sclose),
        memory(H5Screate_simple(3, count, nullptr), H5Sclose);
    H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start, nullptr, count, nullptr);
    H5Dwrite(set.get(), H5T_NATIVE_FLOAT, memory.get(), space.get(), H5P_DEFAULT, values.data());
  });
  EXPECT_THAT(Complaint(), HasSubstr("found no data from row 1000 on"));
  Make([&](hid_t file) {
    Set(file, "set", H5T_NATIVE_FLOAT, {50'000'000, 17, 2}, Creation({20'000'000, 17, 2}));
  });
  EXPECT_THAT(Complaint(), HasSubstr("chunks whose rows take at most 1024 MiB"));
}

/// HDF5 applies filters to chunks alone, whatever a header says.
TEST_F(Hdf5FileTest, AFilterOfDataInTheHeaderAllowsNoneToBeMissing) {
  const std::vector<float> values(34, 1);
  const Handle creation = Creation();
  H5Pset_layout(creation.get(), H5D_COMPACT);
  Make([&](hid_t file) { Set(file, "set", H5T_NATIVE_FLOAT, {34}, creation, values.data()); });
  std::string bytes = ReadFile(path_);
  // In place of the message of the time one of the filters: version 2, one filter, gzip without values.
  const size_t time = bytes.find(std::string("\x12\0\x08\0", 4));
  const size_t layout = bytes.find(std::string("\x03\0\x88\0", 4));
  ASSERT_NE(time, std::string::npos);
  ASSERT_NE(layout, std::string::npos);
  bytes[time] = 0x0B;
  bytes.replace(time + 8, 8, std::string("\2\1\1\0\0\0\0\0", 8));
  bytes.replace(layout + 2, 2, std::string(2, '\0'));
  WriteFileAtomically(path_, bytes);
  EXPECT_THAT(Complaint(), HasSubstr("of as many bytes as are stored, found 136 declared and 0 stored"));
}

TEST_F(Hdf5FileTest, ABombIsNotInflated) {
  // Chunks of 4 KiB, and one whose bytes inflate to 96 MiB.
  const hsize_t rows = 1024;
  const Handle creation = Creation({rows});
  H5Pset_deflate(creation.get(), 9);
  std::string bomb;
  {
    constexpr hsize_t kBig = hsize_t{24} << 20;
    const Handle big = Creation({kBig});
    H5Pset_deflate(big.get(), 9);
    std::vector<float> sparse(kBig);
    for (size_t i = 0; i < kBig; i += 256) sparse[i] = std::sin(static_cast<float>(i));
    Make([&](hid_t file) {
      const Handle set = Set(file, "set", H5T_NATIVE_FLOAT, {kBig}, big, sparse.data());
      H5Dflush(set.get());
      hsize_t bytes = 0;
      const hsize_t corner[] = {0};
      H5Dget_chunk_storage_size(set.get(), corner, &bytes);
      bomb.resize(bytes);
      uint32_t mask = 0;
      H5Dread_chunk(set.get(), H5P_DEFAULT, corner, &mask, bomb.data());
    });
  }
  EXPECT_THAT(Complaint(), HasSubstr("100 times as many packed"));
  Make([&](hid_t file) {
    const Handle set = Set(file, "set", H5T_NATIVE_FLOAT, {rows}, creation);
    const hsize_t corner[] = {0};
    H5Dwrite_chunk(set.get(), H5P_DEFAULT, 0, corner, bomb.size(), bomb.data());
  });
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  EXPECT_THAT(Complaint(), HasSubstr("in chunks of 4096 bytes, found one that inflates to more"));
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 50'000);  // KiB
  // Twice packed is refused as such.
  const Handle twice = Creation({rows});
  H5Pset_deflate(twice.get(), 9);
  H5Pset_deflate(twice.get(), 9);
  const std::vector<float> values(rows);
  Make([&](hid_t file) { Set(file, "set", H5T_NATIVE_FLOAT, {rows}, twice, values.data()); });
  EXPECT_THAT(Complaint(), HasSubstr("found the filter 1 'deflate'"));
  const Handle other = Creation({rows});
  H5Pset_scaleoffset(other.get(), H5Z_SO_FLOAT_DSCALE, 2);
  Make([&](hid_t file) { Set(file, "set", H5T_NATIVE_FLOAT, {rows}, other, values.data()); });
  EXPECT_THAT(Complaint(), HasSubstr("found the filter 6 'scaleoffset'"));
}

/// HDF5 1.10 copies what lies behind it.
TEST_F(Hdf5FileTest, AChunkIsAsLongAsItSays) {
  const std::vector<float> values(8, 1);
  const Handle packed = Creation({8});
  H5Pset_deflate(packed.get(), 9);
  H5Pset_fletcher32(packed.get());
  const auto make = [&](const std::vector<unsigned char>& bytes, uint32_t skipped) {
    Make([&](hid_t file) {
      const Handle set = Set(file, "set", H5T_NATIVE_FLOAT, {8}, packed, values.data());
      const hsize_t corner[] = {0};
      H5Dwrite_chunk(set.get(), H5P_DEFAULT, skipped, corner, bytes.size(), bytes.data());
    });
  };
  const unsigned char half[16] = {};
  std::vector<unsigned char> bytes(100);
  uLongf size = bytes.size();
  ASSERT_EQ(compress2(bytes.data(), &size, half, sizeof half, 9), Z_OK);
  bytes.resize(size + 4);
  make(bytes, 2);  // without the checksum
  EXPECT_THAT(Complaint(), HasSubstr("in chunks of 32 bytes, found one that inflates to 16"));
  make(std::vector<unsigned char>(32), 1);  // not packed, so that the checksum has no room
  EXPECT_THAT(Complaint(), HasSubstr("found a chunk of 32 bytes instead of 36"));
}

TEST_F(Hdf5FileTest, NoBytesOfAnotherFile) {
  folder_.Write("secret", std::string(4096, 's'));
  const Handle creation = Creation();
  H5Pset_external(creation.get(), (folder_ / "secret").c_str(), 0, H5F_UNLIMITED);
  Make([&](hid_t file) { Set(file, "set", H5T_NATIVE_FLOAT, {8, 17, 2}, creation); });
  EXPECT_THAT(Complaint(), HasSubstr("found one whose data are in other files"));
  // A virtual data set.
  const std::vector<float> values(34, 1);
  const std::string other = folder_ / "other.h5";
  {
    const Handle file(H5Fcreate(other.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    Set(file.get(), "set", H5T_NATIVE_FLOAT, {1, 17, 2}, Creation(), values.data());
  }
  Make([&](hid_t file) {
    const hsize_t shape[] = {1, 17, 2};
    const Handle space(H5Screate_simple(3, shape, nullptr), H5Sclose), made = Creation();
    H5Pset_virtual(made.get(), space.get(), other.c_str(), "set", space.get());
    Set(file, "set", H5T_NATIVE_FLOAT, {1, 17, 2}, made);
  });
  EXPECT_THAT(Complaint(), HasSubstr("found one whose data are in other files"));
  // Links, to a data set, to a group, and through a soft link.
  Make([&](hid_t file) {
    H5Lcreate_external(other.c_str(), "/set", file, "set", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external(other.c_str(), "/", file, "group", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/group/set", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
  });
  EXPECT_THAT(Complaint(), HasSubstr("found a link to another file"));
  EXPECT_THAT(Complaint("soft"), HasSubstr("found a link to another file"));
  const hdf5::File file(path_, "a file");
  EXPECT_THAT(MessageOf([&] { file.Open("group/set"); }), HasSubstr("found a link to another file"));
  EXPECT_TRUE(file.Children("group").empty());
}

TEST_F(Hdf5FileTest, TextsOfVariableLength) {
  const Handle type = VariableText();
  const char* texts[] = {"S1", "", "a longer one", nullptr, "S1"};
  Make([&](hid_t file) { Set(file, "set", type.get(), {5}, Creation(), texts); });
  const hdf5::File file(path_, "a file");
  EXPECT_THAT(file.Open("set").ReadTexts(0, 5), ElementsAre("S1", "", "a longer one", "", "S1"));
  EXPECT_THAT(file.Open("set").ReadTexts(2, 2), ElementsAre("a longer one", ""));
}

/// HDF5 itself writes past its buffers for the first of these.
TEST_F(Hdf5FileTest, DamagedReferencesToTexts) {
  const Handle type = VariableText();
  const std::string text(200, 'x');
  const char* texts[] = {text.c_str()};
  const auto complaint = [&](const std::string& from, const std::string& to) {
    Make([&](hid_t file) { Set(file, "set", type.get(), {1}, Creation(), texts); });
    Patch(from, to);
    const hdf5::File file(path_, "a file");
    return MessageOf([&] { file.Open("set").ReadTexts(0, 1); });
  };
  const std::string length("\xc8\0\0\0", 4);
  EXPECT_THAT(complaint(length, std::string("\x02\0\0\0", 4)), HasSubstr("found a damaged one at row 0"));
  EXPECT_THAT(complaint(length, std::string("\xff\xff\xff\x7f", 4)), HasSubstr("at most 256 bytes"));
  EXPECT_THAT(complaint("GCOL", "GCOX"), HasSubstr("found a damaged one"));
  EXPECT_THAT(
      complaint(std::string("GCOL\1\0\0\0\0", 9), std::string("GCOL\1\0\0\0\0\0\0\0\xff\xff\xff\x7f", 16)),
      HasSubstr("found a damaged one"));
}

TEST_F(Hdf5FileTest, AnAttributeOfVariableLengthIsCheckedToo) {
  const Handle type = VariableText();
  const std::string text(300, 'x');
  Make([&](hid_t file) {
    const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
    const Handle made(H5Acreate2(file, "format", type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT),
                      H5Aclose);
    const char* pointer = text.c_str();
    H5Awrite(made.get(), type.get(), &pointer);
  });
  EXPECT_EQ(hdf5::File(path_, "a file").TextAttribute("format"), text);
  Patch(std::string("\x2c\x01\0\0", 4), std::string("\x01\0\0\0", 4));
  EXPECT_THAT(MessageOf([&] { hdf5::File(path_, "a file").TextAttribute("format"); }),
              HasSubstr("expected the attribute format to be a string within the file"));
}

Handle Text(size_t size) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), size);
  return type;
}

void Attribute(hid_t object, const char* name, const Handle& type, const char* value) {
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle made(H5Acreate2(object, name, type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  H5Awrite(made.get(), type.get(), value);
}

/// A string's type as an attribute has it, in the layout of the first version.
std::string TextType(uint32_t size) {
  std::string type("\x13\0\0\0", 4);
  for (int i = 0; i < 4; ++i) type += static_cast<char>(size >> 8 * i & 0xFF);
  return type;
}

/// HDF5 1.10 reads beyond its buffers for each of these.
TEST_F(Hdf5FileTest, AnAttributeThatIsNotWhole) {
  const auto make = [&] {
    Make([](hid_t file) { Attribute(file, "format", Text(100), std::string(100, 'x').c_str()); });
  };
  make();
  EXPECT_EQ(hdf5::File(path_, "a file").TextAttribute("format"), std::string(100, 'x'));
  Patch(TextType(100), TextType(120));
  EXPECT_THAT(Refusal(), HasSubstr("(an attribute of more values than it has at byte "));
  make();
  Patch(TextType(100), std::string("\x19\0\0\0", 4));  // a list, of what follows
  EXPECT_THAT(Refusal(), HasSubstr("a list of an unknown kind"));
  make();
  Patch(std::string("format\0", 7), "formats");
  EXPECT_THAT(Refusal(), HasSubstr("in /)"));
  make();
  Patch(std::string("\x07\0\x08\0\x08\0", 6), std::string("\x07\0\x08\0\xff\xff", 6));  // the space
  EXPECT_THAT(Refusal(), HasSubstr("a structure that ends too early"));
}

TEST_F(Hdf5FileTest, NumbersHaveTheBitsThatTheyUse) {
  const std::vector<float> values(34, 1);
  const auto make = [&](const Handle& creation) {
    Make([&](hid_t file) { Set(file, "set", H5T_IEEE_F32LE, {1, 34}, creation, values.data()); });
  };
  const std::string bits("\x17\x08\0\x17", 4);  // the exponent's and the mantissa's
  make(Creation());
  Patch(bits, std::string("\x1f\x08\0\x17", 4));
  EXPECT_THAT(Refusal(), AllOf(HasSubstr("a number with bits that it does not have"), HasSubstr("in /set)")));
  // Chunks that say how long an element is: not another length than the type.
  make(Creation({1, 34}));
  Patch(std::string("\x22\0\0\0\x04\0\0\0", 8), std::string("\x22\0\0\0\x02\0\0\0", 8));
  EXPECT_THAT(Refusal(), HasSubstr("chunks of another shape"));
}

/// HDF5 1.10 follows them for ever.
TEST_F(Hdf5FileTest, TablesThatLeadBackToThemselves) {
  const std::vector<float> values(34, 1);
  Make([&](hid_t file) { Set(file, "set", H5T_NATIVE_FLOAT, {34}, Creation(), values.data()); });
  const std::string bytes = ReadFile(path_);
  const size_t tree = bytes.find("TREE"), names = bytes.find("SNOD");
  ASSERT_NE(names, std::string::npos);
  const auto address = [](size_t at) {
    std::string text;
    for (int i = 0; i < 8; ++i) text += static_cast<char>(at >> 8 * i & 0xFF);
    return text;
  };
  std::string broken = bytes;
  broken[tree + 5] = 1;  // a level above the leaves
  broken.replace(tree + 32, 8, address(tree));
  WriteFileAtomically(path_, broken);
  EXPECT_THAT(Refusal(), HasSubstr("a table that is in two places"));
  broken = bytes;
  broken.replace(names + 8, 8, address(1 << 20));  // a name
  WriteFileAtomically(path_, broken);
  EXPECT_THAT(Refusal(), HasSubstr("a name that is not in its heap"));
  broken = bytes;
  const size_t heap = bytes.find("HEAP");
  broken.replace(heap + 16, 8, address(24));  // what is free
  broken.replace(bytes.find("set", heap + 32) + 16, 8, address(24));
  WriteFileAtomically(path_, broken);
  EXPECT_THAT(Refusal(), HasSubstr("a heap whose free parts"));
}

/// The superblock has a copy of where the root group's names are, which HDF5 takes where its header has none.
TEST_F(Hdf5FileTest, TheSuperblockMayNotHaveAnotherRootGroup) {
  const std::vector<float> values(34, 1);
  Make([&](hid_t file) { Set(file, "set", H5T_NATIVE_FLOAT, {34}, Creation(), values.data()); });
  const std::string bytes = ReadFile(path_);
  constexpr size_t kCopy = 80, kRoot = 96;  // in the superblock; where the root's header begins
  const std::string copy = bytes.substr(kCopy, 16);
  const size_t own = bytes.find(copy, kRoot);
  ASSERT_NE(own, std::string::npos);
  std::string broken = bytes;
  broken.replace(own, 16, std::string(16, '\xff'));
  WriteFileAtomically(path_, broken);
  EXPECT_THAT(Refusal(), HasSubstr("a group that lies nowhere"));
  broken = bytes;
  broken[kCopy] ^= 8;
  WriteFileAtomically(path_, broken);
  EXPECT_THAT(Refusal(), HasSubstr("a root group that lies elsewhere"));
}

/// An attribute of each kind of type that a file may have beside what is read.
void AttributesOfEveryType(hid_t file) {
  const Handle inner(H5Tcreate(H5T_COMPOUND, 300), H5Tclose), outer(H5Tcreate(H5T_COMPOUND, 700), H5Tclose);
  const hsize_t shape[] = {2, 3};
  const Handle array(H5Tarray_create2(H5T_NATIVE_INT16, 2, shape), H5Tclose);
  H5Tinsert(inner.get(), "a name of some length", 0, H5T_NATIVE_DOUBLE);
  H5Tinsert(inner.get(), "array", 280, array.get());
  H5Tinsert(outer.get(), "inner", 10, inner.get());
  H5Tinsert(outer.get(), "flags", 690, H5T_STD_B16LE);
  const Handle choice(H5Tenum_create(H5T_STD_I8LE), H5Tclose);
  for (int8_t i = 0; i < 3; ++i) H5Tenum_insert(choice.get(), Concat("value", int{i}).c_str(), &i);
  const Handle opaque(H5Tcreate(H5T_OPAQUE, 5), H5Tclose);
  H5Tset_tag(opaque.get(), "a tag");
  const Handle list(H5Tvlen_create(H5T_NATIVE_FLOAT), H5Tclose), half(H5Tcopy(H5T_IEEE_F32LE), H5Tclose);
  H5Tset_fields(half.get(), 15, 10, 5, 0, 10);
  H5Tset_size(half.get(), 2);
  const Handle text = VariableText();
  int number = 0;
  for (const hid_t type :
       {inner.get(), outer.get(), array.get(), choice.get(), opaque.get(), list.get(), half.get(), text.get(),
        H5T_STD_REF_OBJ, H5T_STD_REF_DSETREG, H5T_NATIVE_LDOUBLE, H5T_UNIX_D32LE}) {
    const Handle space(H5Screate(++number % 2 == 0 ? H5S_SCALAR : H5S_NULL), H5Sclose);
    const Handle made(
        H5Acreate2(file, Concat("type", number).c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
        H5Aclose);
    EXPECT_TRUE(made) << number;
  }
}

TEST_F(Hdf5FileTest, EveryLayoutOfGroupsAndChunks) {
  std::vector<float> values(3000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  for (const H5F_libver_t layout : {H5F_LIBVER_EARLIEST, H5F_LIBVER_V18, H5F_LIBVER_V110}) {
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_libver_bounds(access.get(), layout, H5F_LIBVER_V110);
    {
      const Handle file(H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose);
      AttributesOfEveryType(file.get());
      const Handle group(H5Gcreate2(file.get(), "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
      for (int i = 0; i < 100; ++i) {  // more than a header or one leaf of a tree holds
        const std::string name = Concat("set", i);
        const Handle creation = i == 0 ? Creation({10}) : Creation();
        const Handle set = Set(group.get(), name.c_str(), H5T_NATIVE_FLOAT, {i == 0 ? values.size() : 2},
                               creation, values.data());
        Attribute(set.get(), "unit", Text(2), "px");
        Attribute(file.get(), name.c_str(), Text(1), "x");
      }
    }
    const hdf5::File file(path_, "a file");
    EXPECT_EQ(file.Children("group").size(), 100);
    EXPECT_EQ(file.TextAttribute("set77"), "x");
    for (int i = 0; i < 100; ++i) {
      const hdf5::DataSet set = file.Open(Concat("group/set", i));
      std::vector<float> read(static_cast<size_t>(set.rows()));
      set.Read(0, set.rows(), H5T_NATIVE_FLOAT, read.data());
      EXPECT_TRUE(std::equal(read.begin(), read.end(), values.begin()));
      EXPECT_EQ(set.TextAttribute("unit"), "px");
    }
  }
}

/// With a sanitizer this says whether anything is read that is not there.
TEST_F(Hdf5FileTest, AnyByteOfATableMayBeWrong) {
  const std::vector<float> values(4, 1);
  Make([&](hid_t file) {
    Attribute(file, "format", Text(5), "links");
    const Handle creation = Creation({2});
    H5Pset_deflate(creation.get(), 1);
    Set(file, "set", H5T_NATIVE_FLOAT, {4}, creation, values.data());
  });
  const std::string bytes = ReadFile(path_);
  int refused = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    if (bytes[at] == 0 && at % 8 != 0) continue;
    std::string broken = bytes;
    broken[at] = static_cast<char>(broken[at] ^ (at % 2 == 0 ? 0xFF : 0x81));
    folder_.Write("file.h5", broken);
    std::string said = MessageOf([&] {
      const hdf5::File file(path_, "a file");
      file.TextAttribute("format");
      const hdf5::DataSet set = file.Open("set");
      std::vector<float> read(static_cast<size_t>(set.rows() * set.width()));
      set.Read(0, set.rows(), H5T_NATIVE_FLOAT, read.data());
    });
    if (said.empty()) continue;
    ++refused;
    EXPECT_THAT(said, testing::StartsWith(path_ + ": expected"));
  }
  EXPECT_GT(refused, 100);
}

TEST_F(Hdf5FileTest, ThePoseReaderUsesIt) {
  folder_.Write("secret", std::string(4096, 's'));
  PoseData poses;
  poses.keypoints_2d.assign(34 * 3, 1);
  WritePoseFile(path_, poses);
  {
    const Handle file(H5Fopen(path_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    const Handle creation = Creation();
    H5Pset_external(creation.get(), (folder_ / "secret").c_str(), 0, H5F_UNLIMITED);
    Set(file.get(), "confidence", H5T_NATIVE_FLOAT, {3, 17}, creation);
  }
  EXPECT_THAT(MessageOf([&] { ReadPoseFile(path_); }), HasSubstr("in other files"));
}

}  // namespace
}  // namespace links
