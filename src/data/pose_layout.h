#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "hdf5_handle.h"
#include "links/core/error.h"
#include "links/skeleton/joint_definition.h"

namespace links::hdf5 {

/// Throws unless an HDF5 call succeeded.
template <class Result>
Result Ok(Result result) {
  if (result < 0) throw Error("the HDF5 library could not write a pose file (out of memory or disk space?)");
  return result;
}

inline Handle Keep(hid_t id, Handle::Close close) {
  return Handle(Ok(id), close);
}

inline Handle StringType(size_t size) {
  Handle type = Keep(H5Tcopy(H5T_C_S1), H5Tclose);
  Ok(H5Tset_size(type.get(), std::max<size_t>(1, size)));
  Ok(H5Tset_cset(type.get(), H5T_CSET_UTF8));
  Ok(H5Tset_strpad(type.get(), H5T_STR_NULLPAD));
  return type;
}

inline void WriteAttribute(const Handle& file, const char* name, hid_t type, const void* value) {
  const Handle space = Keep(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle attribute =
      Keep(H5Acreate2(file.get(), name, type, space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  Ok(H5Awrite(attribute.get(), type, value));
}

inline void WriteText(const Handle& file, const char* name, const std::string& text) {
  if (!text.empty()) WriteAttribute(file, name, StringType(text.size()).get(), text.data());
}

/// The attributes of a pose file.
inline void WriteHeader(const Handle& file, const std::string& source, const std::string& licence) {
  const int version = 1;
  WriteText(file, "format", "links-pose");
  WriteAttribute(file, "version", H5T_NATIVE_INT, &version);
  WriteText(file, "skeleton", "h36m17");
  WriteText(file, "source", source);
  WriteText(file, "licence", licence);
}

/// The attribute `joints`, where a reader would not take them for that without it (JointsOf).
inline void WriteJoints(const Handle& file, JointDefinition joints, bool has_3d) {
  if (joints != (has_3d ? JointDefinition::kMocap : JointDefinition::kNotStated))
    WriteText(file, "joints", NameOf(joints));
}

/// Rows that one checksum covers.
constexpr hsize_t kChunkRows = 4096;

/// Of a data set whose rows have this shape, `rows` in a chunk: a Fletcher-32 checksum for each, and no
/// times, so that equal poses make equal files.
inline Handle Creation(hsize_t rows, std::vector<hsize_t> row_shape, bool compressed) {
  Handle creation = Keep(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  Ok(H5Pset_obj_track_times(creation.get(), false));
  row_shape.insert(row_shape.begin(), std::max<hsize_t>(1, rows));
  Ok(H5Pset_chunk(creation.get(), static_cast<int>(row_shape.size()), row_shape.data()));
  if (compressed && H5Zfilter_avail(H5Z_FILTER_DEFLATE) > 0) Ok(H5Pset_deflate(creation.get(), 1));
  Ok(H5Pset_fletcher32(creation.get()));
  return creation;
}

/// The format of HDF5 1.10, in which the file's own tables have checksums too.
inline Handle Access() {
  Handle access = Keep(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  Ok(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V110, H5F_LIBVER_V110));
  return access;
}

}  // namespace links::hdf5
