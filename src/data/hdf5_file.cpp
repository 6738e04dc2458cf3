#include "hdf5_file.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "hdf5_parts.h"
#include "hdf5_stored.h"
#include "links/core/error.h"

namespace links::hdf5 {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostAttributeBytes = size_t{64} << 10;  // HDF5's own limit
constexpr size_t kMostTypeBytes = 4096;                   // of a string of fixed length, padding included
constexpr int64_t kMostBlockBytes = int64_t{16} << 20;    // of strings read at once
constexpr size_t kLeastCacheBytes = size_t{1} << 20;

void CheckPlain(const std::string& path, const std::string& what) {
  const auto fail = [&](const char* found) { throw Error(path, ": expected ", what, ", found ", found); };
  std::error_code ignored;
  if (!fs::exists(path, ignored)) fail("no such file");
  if (fs::is_directory(path, ignored)) fail("a folder");
  if (!fs::is_regular_file(path, ignored)) fail("no plain file");
  if (fs::file_size(path, ignored) == 0) fail("an empty file");
}

Handle OpenHdf5(const std::string& path, const std::string& what) {
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access.get(), false, true);  // read-only media cannot be locked
  Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  if (file) return file;
  if (H5Fis_hdf5(path.c_str()) > 0)
    throw Error(path, ": expected ", what, ", found a truncated or damaged HDF5 file");
  throw Error(path, ": expected ", what, " (HDF5), found a file that is not HDF5 or cannot be read");
}

/// A string as HDF5 stores it in `size` bytes: ends at the first zero, or is padded with spaces.
std::string FixedString(const char* bytes, size_t size, H5T_str_t padding) {
  std::string_view text(bytes, size);
  text = text.substr(0, text.find('\0'));
  if (padding == H5T_STR_SPACEPAD) text = text.substr(0, text.find_last_not_of(' ') + 1);
  return std::string(text);
}

const char* KindName(H5T_class_t kind) {
  switch (kind) {
    case H5T_FLOAT:
      return "floating-point numbers";
    case H5T_INTEGER:
      return "integers";
    case H5T_STRING:
      return "strings";
    default:
      return "another type";
  }
}

/// An attribute, or nothing where it is absent.
Handle OpenAttribute(hid_t object, const std::string& where, const char* name) {
  const htri_t exists = H5Aexists(object, name);
  if (exists == 0) return {};
  Handle attribute(exists > 0 ? H5Aopen(object, name, H5P_DEFAULT) : -1, H5Aclose);
  if (!attribute) throw Error(where, ", found damaged attributes");
  return attribute;
}

bool IsOne(const Handle& attribute) {
  const Handle space(H5Aget_space(attribute.get()), H5Sclose);
  return H5Sget_simple_extent_npoints(space.get()) == 1;
}

std::optional<std::string> ReadText(hid_t object, const std::string& where, const char* name,
                                    TextHeap& heap) {
  const Silence silence;
  const Handle attribute = OpenAttribute(object, where, name);
  if (!attribute) return std::nullopt;
  const Handle type(H5Aget_type(attribute.get()), H5Tclose);
  const auto fail = [&](const auto&... found) { throw Error(where, " to be one string", found...); };
  if (H5Tget_class(type.get()) != H5T_STRING || !IsOne(attribute)) fail(", found something else");
  if (H5Tis_variable_str(type.get()) > 0) {
    HeapReference reference{};
    if (H5Aread(attribute.get(), HeapReferenceType(), reference.data()) < 0) fail(", found a damaged one");
    try {
      return heap.Read(reference, kMostAttributeBytes);
    } catch (const Error& error) {
      throw Error(where, " to be ", error.what());
    }
  }
  const size_t size = H5Tget_size(type.get());
  if (size > kMostAttributeBytes) fail(" of at most ", kMostAttributeBytes, " bytes, found one of ", size);
  std::vector<char> bytes(size);
  if (H5Aread(attribute.get(), type.get(), bytes.data()) < 0) fail(", found a damaged one");
  return FixedString(bytes.data(), size, H5Tget_strpad(type.get()));
}

std::optional<int64_t> ReadInteger(hid_t object, const std::string& where, const char* name) {
  const Silence silence;
  const Handle attribute = OpenAttribute(object, where, name);
  if (!attribute) return std::nullopt;
  const Handle type(H5Aget_type(attribute.get()), H5Tclose);
  int64_t value = 0;
  if (H5Tget_class(type.get()) != H5T_INTEGER || !IsOne(attribute) ||
      H5Aread(attribute.get(), H5T_NATIVE_INT64, &value) < 0) {
    throw Error(where, " to be one integer, found something else");
  }
  return value;
}

}  // namespace

std::string ShapeText(const Shape& shape) {
  std::string text = "(";
  for (const int64_t extent : shape)
    text += (text.size() > 1 ? ", " : "") + (extent < 0 ? "N" : std::to_string(extent));
  return text + (shape.size() == 1 ? ",)" : ")");
}

DataSet::DataSet(const File& file, std::string name) : file_(&file), name_(std::move(name)) {
  File::Parts& parts = *file.parts_;
  parts.refused = false;
  set_ = parts.OpenSet(name_, parts.links.get());
  if (!set_) {
    throw Error(Where(), parts.refused ? " in the file itself, found a link to another file"
                                       : " as a data set, found a damaged one or something else");
  }
  CheckStored(set_.get(), parts.bytes.size(), Where());
  if (const uint64_t needed = ChunkBytesOfRows(set_.get()); needed > kLeastCacheBytes) {
    const Handle access(H5Pcopy(parts.links.get()), H5Pclose);
    H5Pset_chunk_cache(access.get(), H5D_CHUNK_CACHE_NSLOTS_DEFAULT, needed, H5D_CHUNK_CACHE_W0_DEFAULT);
    set_ = {};  // an open one keeps its cache
    set_ = parts.OpenSet(name_, access.get());
  }
  ReadProperties();
}

DataSet::DataSet(const File& file, std::string name, Handle set)
    : file_(&file), name_(std::move(name)), set_(std::move(set)) {
  if (!set_ || H5Iget_type(set_.get()) != H5I_DATASET)
    throw Error(Where(), " as a data set, found a damaged one or something else");
  CheckStored(set_.get(), file.parts_->bytes.size(), Where());
  ReadProperties();
}

void DataSet::ReadProperties() {
  type_ = Handle(H5Dget_type(set_.get()), H5Tclose);
  kind_ = H5Tget_class(type_.get());
  type_bytes_ = H5Tget_size(type_.get());
  const Handle space(H5Dget_space(set_.get()), H5Sclose);
  std::vector<hsize_t> extents(static_cast<size_t>(std::max(0, H5Sget_simple_extent_ndims(space.get()))));
  H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr);
  if (H5Sget_simple_extent_type(space.get()) == H5S_NULL) extents = {0};
  for (const hsize_t extent : extents) {
    if (extent > INT32_MAX) throw Error(Where(), " of at most ", INT32_MAX, " rows, found ", extent);
  }
  shape_.assign(extents.begin(), extents.end());
}

std::string DataSet::Where() const {
  return Concat(file_->path(), ": expected /", name_);
}

int64_t DataSet::width() const {
  int64_t width = 1;
  for (size_t axis = 1; axis < shape_.size(); ++axis) width *= shape_[axis];
  return width;
}

const DataSet& DataSet::ExpectShape(const Shape& expected) const {
  const bool fits = std::equal(shape_.begin(), shape_.end(), expected.begin(), expected.end(),
                               [](int64_t found, int64_t wanted) { return wanted < 0 || found == wanted; });
  if (!fits) throw Error(Where(), " of the shape ", ShapeText(expected), ", found ", ShapeText(shape_));
  return *this;
}

const DataSet& DataSet::ExpectKind(H5T_class_t expected) const {
  if (kind_ == expected) return *this;
  throw Error(file_->path(), ": expected ", KindName(expected), " in /", name_, ", found ", KindName(kind_));
}

void DataSet::Read(int64_t begin, int64_t count, hid_t memory_type, void* to) const {
  if (count == 0 || width() == 0) return;
  const Silence silence;
  std::vector<hsize_t> start(shape_.size(), 0), extent(shape_.begin(), shape_.end());
  const Handle in_file(H5Dget_space(set_.get()), H5Sclose);
  if (!shape_.empty()) {
    start[0] = static_cast<hsize_t>(begin);
    extent[0] = static_cast<hsize_t>(count);
    H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr);
  }
  const Handle in_memory(shape_.empty()
                             ? H5Screate(H5S_SCALAR)
                             : H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr),
                         H5Sclose);
  if (H5Dread(set_.get(), memory_type, in_memory.get(), in_file.get(), H5P_DEFAULT, to) < 0) {
    throw Error(Where(), " whole, found truncated or damaged data in the rows from ", begin, " to ",
                begin + count - 1);
  }
}

DataSet DataSet::OpenReferenced(int64_t i) const {
  const Silence silence;
  if (H5Tequal(type_.get(), H5T_STD_REF_OBJ) <= 0)
    throw Error(Where(), " to hold references to data sets, found ", KindName(kind_));
  const Handle space(H5Dget_space(set_.get()), H5Sclose);
  const auto count = std::max<int64_t>(0, H5Sget_simple_extent_npoints(space.get()));
  if (i >= count) throw Error(Where(), " to hold ", i + 1, " references, found ", count);
  std::vector<hobj_ref_t> references(static_cast<size_t>(count));
  if (H5Dread(set_.get(), H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, references.data()) < 0)
    throw Error(Where(), " whole, found a damaged data set");
  const hobj_ref_t& reference = references[static_cast<size_t>(i)];
  const std::string name = Concat(name_, "[", i, "]");
  file_->parts_->tables.Check({reference, "/" + name});
  file_->CheckGroupsInHeaps();
  return DataSet(*file_, name,
                 Handle(H5Rdereference2(set_.get(), H5P_DEFAULT, H5R_OBJECT, &reference), H5Oclose));
}

std::vector<std::string> DataSet::ReadTexts(int64_t begin, int64_t count) const {
  ExpectKind(H5T_STRING);
  ExpectShape({kAny});
  std::vector<std::string> texts;
  texts.reserve(static_cast<size_t>(count));
  const bool variable = H5Tis_variable_str(type_.get()) > 0;
  if (!variable && type_bytes_ > kMostTypeBytes)
    throw Error(Where(), " of strings of at most ", kMostTypeBytes, " bytes, found ", type_bytes_);
  const size_t size = variable ? sizeof(HeapReference) : type_bytes_;
  const int64_t block = std::max<int64_t>(1, kMostBlockBytes / static_cast<int64_t>(size));
  const H5T_str_t padding = H5Tget_strpad(type_.get());
  std::vector<char> bytes;
  for (const int64_t end = begin + count; begin < end; begin += block) {
    const int64_t rows = std::min(block, end - begin);
    bytes.resize(static_cast<size_t>(rows) * size);
    Read(begin, rows, variable ? HeapReferenceType() : type_.get(), bytes.data());
    for (int64_t row = 0; row < rows; ++row) {
      const char* from = &bytes[static_cast<size_t>(row) * size];
      if (!variable) {
        texts.push_back(FixedString(from, size, padding));
      } else {
        HeapReference reference;
        std::copy_n(from, size, reinterpret_cast<char*>(reference.data()));
        try {
          texts.push_back(file_->parts_->heap.Read(reference, kMostNameBytes));
        } catch (const Error& error) {
          throw Error(Where(), " to hold ", error.what(), " at row ", begin + row);
        }
      }
      if (texts.back().size() > kMostNameBytes) {
        throw Error(Where(), " to hold a string of at most ", kMostNameBytes, " bytes, found ",
                    texts.back().size(), " at row ", begin + row);
      }
    }
  }
  return texts;
}

File::File(const std::string& path, const std::string& what) : path_(path) {
  const Silence silence;
  CheckPlain(path, what);
  parts_ = std::make_unique<Parts>(path, what, [&] { return OpenHdf5(path, what); });
  CheckGroupsInHeaps();
}

void File::CheckGroupsInHeaps() const {
  Tables& tables = parts_->tables;
  for (std::vector<Tables::Place> groups = tables.TakeGroupsInHeaps(); !groups.empty();
       groups = tables.TakeGroupsInHeaps()) {
    for (const Tables::Place& group : groups) {
      std::vector<Tables::Place> objects;
      const auto add = [](hid_t, const char* name, const H5L_info_t* about, void* to) -> herr_t {
        if (about->type == H5L_TYPE_HARD)
          static_cast<std::vector<Tables::Place>*>(to)->push_back({about->u.address, name});
        return 0;
      };
      const Handle handle(H5Oopen_by_addr(parts_->file.get(), group.address), H5Oclose);
      if (!handle || H5Literate(handle.get(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, add, &objects) < 0)
        throw Error(path_, ": expected ", group.name, "/ whole, found a damaged group");
      for (const Tables::Place& object : objects)
        tables.Check({object.address, group.name + "/" + object.name});
    }
  }
}

File::~File() {
  const Silence silence;
  parts_.reset();
}

bool File::Has(const std::string& name) const {
  const Silence silence;
  parts_->refused = false;
  for (size_t end = name.find('/');; end = name.find('/', end + 1)) {
    const std::string part = name.substr(0, end);
    const htri_t exists = H5Lexists(parts_->file.get(), part.c_str(), parts_->links.get());
    if (exists < 0) {
      throw Error(path_, ": expected /", part,
                  parts_->refused ? " in the file itself, found a link to another file"
                                  : ", found a damaged group or something else in its place");
    }
    if (exists == 0) return false;
    if (end == std::string::npos) return true;
  }
}

std::vector<std::string> File::Children(const std::string& group) const {
  const Silence silence;
  std::vector<std::string> names;
  const Handle handle(H5Oopen(parts_->file.get(), group.c_str(), parts_->links.get()), H5Oclose);
  if (!handle || H5Iget_type(handle.get()) != H5I_GROUP) return names;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* to) -> herr_t {
    static_cast<std::vector<std::string>*>(to)->emplace_back(name);
    return 0;
  };
  if (H5Literate(handle.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names) < 0)
    throw Error(path_, ": expected /", group, " whole, found a damaged group");
  return names;
}

DataSet File::Open(const std::string& name) const {
  const Silence silence;
  if (!Has(name)) throw Error(path_, ": expected the data set /", name, ", found none");
  return DataSet(*this, name);
}

std::optional<std::string> File::TextAttribute(const char* name) const {
  return ReadText(parts_->file.get(), Concat(path_, ": expected the attribute ", name), name, parts_->heap);
}

std::optional<int64_t> File::IntegerAttribute(const char* name) const {
  return ReadInteger(parts_->file.get(), Concat(path_, ": expected the attribute ", name), name);
}

std::optional<std::string> DataSet::TextAttribute(const char* name) const {
  return ReadText(set_.get(), Concat(Where(), ": its attribute ", name), name, file_->parts_->heap);
}

std::optional<int64_t> DataSet::IntegerAttribute(const char* name) const {
  return ReadInteger(set_.get(), Concat(Where(), ": its attribute ", name), name);
}

}  // namespace links::hdf5
