#include "hdf5_source.h"

#include <algorithm>
#include <filesystem>

#include "links/core/error.h"

namespace links {
namespace {

namespace fs = std::filesystem;
using hdf5::Handle;
using hdf5::Silence;

/// Human3.6M as a whole has 3.6 million frames.
constexpr int64_t kMaxExtent = 20'000'000;

Handle OpenFile(const std::string& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) throw Error(path, ": expected an HDF5 file, found no such file");
  if (!fs::is_regular_file(path, ignored)) throw Error(path, ": expected an HDF5 file, found no plain file");
  if (fs::file_size(path, ignored) == 0) throw Error(path, ": expected an HDF5 file, found an empty file");
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_file_locking(access.get(), false, true);  // read-only media cannot be locked
  Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  if (file) return file;
  if (H5Fis_hdf5(path.c_str()) > 0)
    throw Error(path, ": expected an HDF5 file, found one that is truncated or damaged");
  throw Error(path, ": expected an HDF5 file, found a file that is not HDF5 or cannot be read");
}

std::vector<int64_t> ShapeOf(const Handle& set) {
  const Handle space(H5Dget_space(set.get()), H5Sclose);
  std::vector<hsize_t> extents(std::max(0, H5Sget_simple_extent_ndims(space.get())));
  H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr);
  return {extents.begin(), extents.end()};
}

int64_t Product(const std::vector<int64_t>& shape, size_t from) {
  int64_t product = 1;
  for (size_t axis = from; axis < shape.size(); ++axis) product *= shape[axis];
  return product;
}

}  // namespace

std::string ShapeText(const std::vector<int64_t>& shape) {
  std::string text = "(";
  for (const int64_t extent : shape)
    text += (text.size() > 1 ? ", " : "") + (extent < 0 ? "N" : std::to_string(extent));
  return text + (shape.size() == 1 ? ",)" : ")");
}

Hdf5Source::Hdf5Source(const std::string& path) : path_(path) {
  const Silence silence;
  file_ = OpenFile(path);
}

bool Hdf5Source::Has(const std::string& name) const {
  const Silence silence;
  for (size_t end = name.find('/'); end != std::string::npos; end = name.find('/', end + 1)) {
    if (H5Lexists(file_.get(), name.substr(0, end).c_str(), H5P_DEFAULT) <= 0) return false;
  }
  return H5Lexists(file_.get(), name.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::string> Hdf5Source::Children(const std::string& group) const {
  const Silence silence;
  std::vector<std::string> names;
  const Handle handle(H5Gopen2(file_.get(), group.c_str(), H5P_DEFAULT), H5Gclose);
  if (!handle) return names;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* to) -> herr_t {
    static_cast<std::vector<std::string>*>(to)->emplace_back(name);
    return 0;
  };
  H5Literate(handle.get(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names);
  return names;
}

Handle Hdf5Source::Open(const std::string& name) const {
  const Silence silence;
  if (!Has(name)) throw Error(path_, ": expected the data set /", name, ", found none");
  Handle set(H5Dopen2(file_.get(), name.c_str(), H5P_DEFAULT), H5Dclose);
  if (!set) throw Error(path_, ": expected a data set in /", name, ", found none that can be opened");
  return set;
}

std::vector<int64_t> Hdf5Source::Shape(const std::string& name) const {
  const std::vector<int64_t> shape = ShapeOf(Open(name));
  for (const int64_t extent : shape) {
    if (extent < 0 || extent > kMaxExtent) {
      throw Error(path_, ": expected at most ", kMaxExtent, " rows in /", name, ", found the shape ",
                  ShapeText(shape));
    }
  }
  return shape;
}

std::vector<int64_t> Hdf5Source::CheckShape(const std::string& name,
                                            const std::vector<int64_t>& expected) const {
  const std::vector<int64_t> found = Shape(name);
  const bool fits = std::equal(found.begin(), found.end(), expected.begin(), expected.end(),
                               [](int64_t extent, int64_t wanted) { return wanted < 0 || extent == wanted; });
  if (!fits) {
    throw Error(path_, ": expected /", name, " of the shape ", ShapeText(expected), ", found ",
                ShapeText(found));
  }
  return found;
}

H5T_class_t Hdf5Source::Kind(const std::string& name) const {
  const Handle set = Open(name);
  const Handle type(H5Dget_type(set.get()), H5Tclose);
  return H5Tget_class(type.get());
}

void Hdf5Source::CheckFloats(const std::string& name) const {
  const Handle set = Open(name);
  const Handle type(H5Dget_type(set.get()), H5Tclose);
  const size_t size = H5Tget_size(type.get());
  if (H5Tget_class(type.get()) != H5T_FLOAT || (size != sizeof(float) && size != sizeof(double))) {
    throw Error(path_, ": expected floating-point numbers of 32 or 64 bits in /", name,
                ", found another type");
  }
}

void Hdf5Source::Read(const std::string& name, hid_t memory_type, int64_t begin, int64_t count,
                      void* to) const {
  const Handle set = Open(name);
  const Silence silence;
  const std::vector<int64_t> shape = ShapeOf(set);
  std::vector<hsize_t> start(shape.size(), 0), extent(shape.begin(), shape.end());
  const Handle in_file(H5Dget_space(set.get()), H5Sclose);
  if (!shape.empty()) {
    start[0] = static_cast<hsize_t>(begin);
    extent[0] = static_cast<hsize_t>(count);
    H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr);
  }
  const Handle in_memory(H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr), H5Sclose);
  if (H5Dread(set.get(), memory_type, in_memory.get(), in_file.get(), H5P_DEFAULT, to) < 0)
    throw Error(path_, ": expected readable numbers in /", name, ", found truncated or damaged data");
}

std::vector<float> Hdf5Source::ReadFloats(const std::string& name, int64_t begin, int64_t count) const {
  CheckFloats(name);
  std::vector<float> values(count * Product(Shape(name), 1));
  if (!values.empty()) Read(name, H5T_NATIVE_FLOAT, begin, count, values.data());
  return values;
}

std::vector<double> Hdf5Source::ReadNumbers(const std::string& name, int64_t count) const {
  const H5T_class_t kind = Kind(name);
  if (kind != H5T_FLOAT && kind != H5T_INTEGER)
    throw Error(path_, ": expected numbers in /", name, ", found another type");
  const std::vector<int64_t> shape = Shape(name);
  const int64_t found = Product(shape, 0);
  if (count >= 0 ? found != count : found == 0) {
    throw Error(path_, ": expected ", count >= 0 ? Concat(count) : "some", " numbers in /", name,
                ", found the shape ", ShapeText(shape));
  }
  std::vector<double> values(found);
  Read(name, H5T_NATIVE_DOUBLE, 0, shape.empty() ? 1 : shape[0], values.data());
  return values;
}

std::vector<int64_t> Hdf5Source::ReadIntegers(const std::string& name) const {
  if (Kind(name) != H5T_INTEGER) throw Error(path_, ": expected integers in /", name, ", found another type");
  const int64_t rows = CheckShape(name, {-1})[0];
  std::vector<int64_t> values(rows);
  if (rows > 0) Read(name, H5T_NATIVE_INT64, 0, rows, values.data());
  return values;
}

}  // namespace links
