#include <algorithm>

#include "hdf5_output.h"
#include "links/core/atomic_file.h"
#include "links/core/error.h"
#include "links/data/pose_file.h"
#include "links/skeleton/skeleton.h"
#include "pose_layout.h"

namespace links {
namespace {

using hdf5::Handle;
using hdf5::Keep;
using hdf5::Ok;

void WriteSet(const Handle& file, const char* name, hid_t type, const std::vector<hsize_t>& shape,
              const void* values, bool compressed = false) {
  const Handle space =
      Keep(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose);
  const Handle creation =
      hdf5::Creation(std::min(shape[0], hdf5::kChunkRows), {shape.begin() + 1, shape.end()}, compressed);
  const Handle set = Keep(
      H5Dcreate2(file.get(), name, type, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT), H5Dclose);
  Ok(H5Dwrite(set.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values));
}

void WriteFloats(const Handle& file, const char* name, const std::vector<float>& values,
                 const std::vector<hsize_t>& shape) {
  if (!values.empty()) WriteSet(file, name, H5T_NATIVE_FLOAT, shape, values.data());
}

void WriteStrings(const Handle& file, const char* name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  size_t size = 1;
  for (const std::string& value : values) size = std::max(size, value.size());
  std::vector<char> bytes(values.size() * size, '\0');
  for (size_t i = 0; i < values.size(); ++i) std::copy(values[i].begin(), values[i].end(), &bytes[i * size]);
  WriteSet(file, name, hdf5::StringType(size).get(), {values.size()}, bytes.data(), true);
}

std::string FileImage(const std::string& path, const PoseData& poses) {
  const hdf5::Output output(path);
  Handle file = output.Create(hdf5::Access());
  hdf5::WriteHeader(file, poses.source, poses.licence);
  hdf5::WriteJoints(file, poses.joints, !poses.joints_3d.empty());
  hdf5::WriteText(file, "cameras", poses.cameras);
  const auto count = static_cast<hsize_t>(poses.size());
  WriteFloats(file, "keypoints_2d", poses.keypoints_2d, {count, kJoints, 2});
  WriteFloats(file, "joints_3d", poses.joints_3d, {count, kJoints, 3});
  WriteFloats(file, "confidence", poses.confidence, {count, kJoints});
  WriteStrings(file, "subject", poses.subject);
  WriteStrings(file, "action", poses.action);
  WriteStrings(file, "camera", poses.camera);
  if (!poses.frame.empty()) WriteSet(file, "frame", H5T_NATIVE_INT64, {count}, poses.frame.data());
  file = {};
  return output.Bytes();
}

}  // namespace

void WritePoseFile(const std::string& path, const PoseData& poses, Joints3d joints) {
  CheckPoses(poses, path, joints);
  CheckWritable(path);
  const hdf5::Silence silence;
  WriteFileAtomically(path, FileImage(path, poses));
}

}  // namespace links
