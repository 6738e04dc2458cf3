#include "hdf5_source.h"

#include "links/core/error.h"

namespace links {
namespace {

/// Human3.6M as a whole has 3.6 million frames.
constexpr int64_t kMaxExtent = 20'000'000;
/// Of a set of any length: a name, a list of joints.
constexpr int64_t kMostNumbers = 1000;

}  // namespace

Hdf5Source::Hdf5Source(const std::string& path) : file_(path, "an HDF5 file") {}

const hdf5::DataSet& Hdf5Source::Open(const std::string& name) const {
  if (open_ && open_->first == name) return open_->second;
  open_.emplace(name, file_.Open(name));
  for (const int64_t extent : open_->second.shape()) {
    if (extent > kMaxExtent) {
      throw Error(path(), ": expected at most ", kMaxExtent, " rows in /", name, ", found the shape ",
                  hdf5::ShapeText(open_->second.shape()));
    }
  }
  return open_->second;
}

std::vector<int64_t> Hdf5Source::Shape(const std::string& name) const {
  return Open(name).shape();
}

std::vector<int64_t> Hdf5Source::CheckShape(const std::string& name,
                                            const std::vector<int64_t>& expected) const {
  return Open(name).ExpectShape(expected).shape();
}

void Hdf5Source::CheckFloats(const std::string& name) const {
  CheckFloats(Open(name), name);
}

void Hdf5Source::CheckFloats(const hdf5::DataSet& set, const std::string& name) const {
  if (set.kind() != H5T_FLOAT || (set.type_bytes() != sizeof(float) && set.type_bytes() != sizeof(double))) {
    throw Error(path(), ": expected floating-point numbers of 32 or 64 bits in /", name,
                ", found another type");
  }
}

std::vector<float> Hdf5Source::ReadFloats(const std::string& name, int64_t begin, int64_t count) const {
  const hdf5::DataSet& set = Open(name);
  CheckFloats(set, name);
  std::vector<float> values(static_cast<size_t>(count * set.width()));
  set.Read(begin, count, H5T_NATIVE_FLOAT, values.data());
  return values;
}

std::vector<double> Hdf5Source::ReadNumbers(const std::string& name, int64_t count) const {
  const hdf5::DataSet& set = Open(name);
  if (set.kind() != H5T_FLOAT && set.kind() != H5T_INTEGER)
    throw Error(path(), ": expected numbers in /", name, ", found another type");
  const int64_t found = set.rows() * set.width();
  if (count >= 0 ? found != count : found == 0 || found > kMostNumbers) {
    throw Error(path(), ": expected ", count >= 0 ? Concat(count) : Concat("1 to ", kMostNumbers),
                " numbers in /", name, ", found the shape ", hdf5::ShapeText(set.shape()));
  }
  std::vector<double> values(static_cast<size_t>(found));
  set.Read(0, set.rows(), H5T_NATIVE_DOUBLE, values.data());
  return values;
}

std::vector<int64_t> Hdf5Source::ReadIntegers(const std::string& name) const {
  const hdf5::DataSet& set = Open(name);
  set.ExpectKind(H5T_INTEGER).ExpectShape({hdf5::kAny});
  std::vector<int64_t> values(static_cast<size_t>(set.rows()));
  set.Read(0, set.rows(), H5T_NATIVE_INT64, values.data());
  return values;
}

}  // namespace links
